import clsx from 'clsx'
import type { ReactNode } from 'react'

export type Tone = 'warm' | 'native' | 'steady' | 'growth' | 'managed' | 'accent' | 'neutral'

const TONES: Record<Tone, string> = {
  warm: 'bg-warm-soft text-warm',
  native: 'bg-native-soft text-native',
  steady: 'bg-steady-soft text-steady',
  growth: 'bg-growth-soft text-growth',
  managed: 'bg-managed-soft text-managed',
  accent: 'bg-accent-soft text-accent',
  neutral: 'bg-sunken text-ink-2',
}

/** A status in words, with a dot in its tone. */
export function Pill({ tone = 'neutral', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={clsx(
        'inline-flex h-[22px] items-center gap-1.5 whitespace-nowrap rounded-full px-2.5 font-[550] text-xs',
        'before:size-1.5 before:rounded-full before:bg-current before:content-[""]',
        TONES[tone],
      )}
    >
      {children}
    </span>
  )
}

/** A smaller label without a dot: a shape, a kind, a count. */
export function Tag({ tone = 'neutral', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={clsx(
        'inline-block whitespace-nowrap rounded-[5px] px-1.5 font-semibold text-xs',
        TONES[tone],
      )}
    >
      {children}
    </span>
  )
}
