import type { StackSummary } from '#lib/reports/stack-report'
import { formatBytes } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'

const WIDTH = 600
const HEIGHT = 56

/** How much the program held over its run, with the moment whose stacks are shown. */
export function StackTimeline({ timeline }: { timeline: NonNullable<StackSummary['timeline']> }) {
  const { points, peak, shown, unit } = timeline
  const last = points.at(-1)
  const highest = points[peak]?.[1] ?? 0
  if (!last || points.length < 2 || highest <= 0) return null
  const start = points[0]?.[0] ?? 0
  const x = (at: number) => ((at - start) / Math.max(1e-9, last[0] - start)) * WIDTH
  const y = (size: number) => HEIGHT - (size / highest) * (HEIGHT - 4)
  const line = points.map(([at, size]) => `${x(at).toFixed(1)},${y(size).toFixed(1)}`).join(' ')
  const marked = points[shown]
  const words = `Bytes held over the run, in ${unit}: at most ${formatBytes(bytes(highest))}, at the end ${formatBytes(bytes(last[1]))}.${marked ? ` The stacks are of the moment with ${formatBytes(bytes(marked[1]))}.` : ''}`
  return (
    <figure className="flex min-w-0 items-center gap-3">
      <svg
        role="img"
        aria-label={words}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-14 w-72 max-w-full shrink-0 rounded-sm border border-line bg-sunken"
      >
        <polyline
          points={line}
          fill="none"
          className="stroke-native"
          strokeWidth={1.5}
          vectorEffect="non-scaling-stroke"
        />
        {marked && (
          <line
            x1={x(marked[0])}
            x2={x(marked[0])}
            y1={0}
            y2={HEIGHT}
            className="stroke-ink"
            strokeWidth={1}
            strokeDasharray="3 2"
            vectorEffect="non-scaling-stroke"
          />
        )}
      </svg>
      <figcaption className="text-ink-2 text-xs">{words}</figcaption>
    </figure>
  )
}
