'use client' // A choice.

import { clsx } from 'clsx'
import type { Stance } from '#lib/investigation/rows'
import { STANCE_SIGNS } from './evidence-chip.tsx'

const CHOICES: readonly { stance: Stance; label: string; chosen: string }[] = [
  { stance: 'for', label: 'For', chosen: 'bg-steady-soft text-steady' },
  { stance: 'neutral', label: 'Neutral', chosen: 'bg-sunken text-ink' },
  { stance: 'against', label: 'Against', chosen: 'bg-growth-soft text-growth' },
]

/** Does it speak for the hypothesis or against it? One radio group; arrows move. */
export function StanceChoice({
  value,
  disabled = false,
  onChange,
}: {
  value: Stance
  disabled?: boolean
  onChange(stance: Stance): void
}) {
  const move = (by: number) => {
    const at = CHOICES.findIndex(({ stance }) => stance === value)
    const next = CHOICES[(at + by + CHOICES.length) % CHOICES.length]
    if (next) onChange(next.stance)
  }
  return (
    <div
      role="radiogroup"
      aria-label="Stance"
      aria-disabled={disabled}
      className="inline-flex overflow-hidden rounded-md border border-line-strong"
    >
      {CHOICES.map(({ stance, label, chosen }) => (
        // biome-ignore lint/a11y/useSemanticElements: three joined buttons look and act as one switch.
        <button
          key={stance}
          type="button"
          role="radio"
          aria-checked={stance === value}
          tabIndex={stance === value ? 0 : -1}
          disabled={disabled}
          onClick={() => onChange(stance)}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return
            event.preventDefault()
            move(event.key === 'ArrowRight' ? 1 : -1)
          }}
          className={clsx(
            'px-2 py-0.5 font-[550] text-xs max-md:px-3 max-md:py-1.5',
            stance === value ? chosen : 'text-ink-3 hover:bg-sunken',
          )}
        >
          <span aria-hidden className="mr-1 text-[9px]">
            {STANCE_SIGNS[stance]}
          </span>
          {label}
        </button>
      ))}
    </div>
  )
}
