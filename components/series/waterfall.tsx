import { clsx } from 'clsx'
import type { Waterfall, WaterfallStepKind } from '#lib/series/waterfall'
import { formatByteChange } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'

const COLORS: Record<WaterfallStepKind, string> = {
  capture: 'bg-managed',
  'managed-live': 'bg-managed',
  'gc-slack': 'bg-warm',
  mapped: 'bg-steady',
  allocator: 'bg-warm',
  native: 'bg-native',
  unexplained: 'bg-growth',
}

/** Growth taken apart: each step begins where the one before it ended. The numbers are a table, the bars only show them. */
export function WaterfallTable({ waterfall: { growth, steps } }: { waterfall: Waterfall }) {
  let sum = 0
  const bars = steps.map((step) => {
    const from = sum
    sum += step.bytes
    return { ...step, low: Math.min(from, sum), high: Math.max(from, sum) }
  })
  const lowest = Math.min(0, ...bars.map(({ low }) => low))
  const width = Math.max(growth, ...bars.map(({ high }) => high)) - lowest || 1
  return (
    <table className="w-full table-fixed text-sm">
      <caption className="pb-1 text-left text-ink-2">
        Resident memory grew by {formatByteChange(bytes(growth))}.
      </caption>
      <thead className="sr-only">
        <tr>
          <th scope="col">What</th>
          <th scope="col">Bytes</th>
          <th scope="col">Where it stands in the growth</th>
        </tr>
      </thead>
      <tbody>
        {bars.map(({ kind, label, bytes: size, low, high }) => (
          <tr key={kind} className={clsx(kind === 'unexplained' && 'font-[650]')}>
            <th
              scope="row"
              className={clsx(
                'w-[42%] truncate py-1 pr-2 text-left',
                kind === 'unexplained' ? 'font-[650]' : 'font-normal',
              )}
              title={label}
            >
              <bdi>{label}</bdi>
            </th>
            <td className="num w-[24%] py-1 pr-3 text-right">{formatByteChange(bytes(size))}</td>
            <td className="py-1">
              <div aria-hidden className="relative h-3 rounded-sm bg-sunken">
                <div
                  className={clsx('absolute inset-y-0 min-w-px rounded-sm', COLORS[kind])}
                  style={{
                    left: `${(100 * (low - lowest)) / width}%`,
                    width: `${(100 * (high - low)) / width}%`,
                  }}
                />
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
