import { clsx } from 'clsx'
import type { Condition } from '#lib/experiments/order'

/** How the two conditions are told apart: by letter, by filling and by dash, and last by colour. */
export const CONDITION_LOOK: Record<Condition, { text: string; filled: boolean; dash: string | undefined }> =
  {
    A: { text: 'text-accent', filled: true, dash: undefined },
    B: { text: 'text-ink-2', filled: false, dash: '5 3' },
  }

/** The letter of a condition: A filled, B outlined. `label` is read out with it. */
export function ConditionMark({
  condition,
  label,
  faded = false,
}: {
  condition: Condition
  label?: string
  faded?: boolean
}) {
  const { filled } = CONDITION_LOOK[condition]
  return (
    <span
      title={label}
      className={clsx(
        'num inline-grid size-5 shrink-0 place-items-center rounded-[5px] border font-bold text-2xs',
        filled ? 'border-accent bg-accent text-bg' : 'border-ink-2 bg-panel text-ink-2',
        faded && 'opacity-50',
      )}
    >
      {condition}
      {label && <span className="sr-only">: {label}</span>}
    </span>
  )
}
