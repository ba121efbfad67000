import { Button } from '#components/ui/button'
import { formatDuration } from '#lib/units/format'
import { milliseconds } from '#lib/units/quantity'
import { ConditionMark } from './condition-mark.tsx'
import type { DraftFacts, ExperimentDraft } from './experiment-draft.tsx'
import { OrderChips } from './order-chips.tsx'

/** What the experiment would see and in which order it runs, while somebody types. */
export function PlanView({
  draft,
  facts,
  hasBefore,
  onDrawAgain,
}: {
  draft: ExperimentDraft
  facts: DraftFacts
  /** Runs of A are there already: only those of B are made. */
  hasBefore: boolean
  onDrawAgain(): void
}) {
  const labels = { A: draft.labelA || 'A', B: draft.labelB || 'B' }
  const totalMs = facts.plan === null ? null : facts.plan.totalMs / (hasBefore ? 2 : 1)
  return (
    <section aria-label="Plan" className="grid gap-2 rounded-md bg-sunken px-3 py-2.5">
      <div aria-live="polite" className="grid gap-1 text-sm">
        {facts.plan ? <p>{facts.plan.words}</p> : <p>Give a length, and the plan says what it would see.</p>}
        <p className="text-ink-2">
          {facts.least}{' '}
          {totalMs !== null &&
            `One run after the other it takes ${formatDuration(milliseconds(totalMs + (draft.calibration && facts.plan ? 2 * facts.plan.runMs : 0)))}.`}
        </p>
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <span className="text-ink-3 text-xs">{hasBefore ? 'To be made' : 'Order, drawn'}</span>
        {hasBefore ? (
          <ul aria-label="Runs to be made" className="flex flex-wrap gap-1">
            {Array.from({ length: draft.perArm }, (_, i) => i).map((number) => (
              <li key={number}>
                <ConditionMark condition="B" label={labels.B} />
              </li>
            ))}
          </ul>
        ) : (
          <>
            <OrderChips
              perArm={draft.perArm}
              seed={draft.seed}
              calibration={draft.calibration}
              labels={labels}
            />
            <Button size="small" look="quiet" onClick={onDrawAgain}>
              Draw again
            </Button>
          </>
        )}
      </div>
    </section>
  )
}
