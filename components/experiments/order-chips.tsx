import { clsx } from 'clsx'
import { balancedOrder, type Condition } from '#lib/experiments/order'
import { ConditionMark } from './condition-mark.tsx'

/** The drawn order of the runs, as it will be. */
export function OrderChips({
  perArm,
  seed,
  calibration,
  labels,
}: {
  perArm: number
  seed: number
  calibration: boolean
  labels: Readonly<Record<Condition, string>>
}) {
  const runs = balancedOrder(perArm, seed, { calibration })
  return (
    <ol aria-label="Order of the runs" className="flex flex-wrap items-center gap-1">
      {runs.map(({ number, condition, pair }) => (
        <li
          key={number}
          className={clsx('flex items-center', pair === 0 && 'rounded-md bg-sunken px-0.5')}
          title={pair === 0 ? 'A control run in front: tells the noise' : undefined}
        >
          <ConditionMark condition={condition} label={labels[condition]} faded={pair === 0} />
        </li>
      ))}
    </ol>
  )
}
