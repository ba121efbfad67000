import type { LifeSeen, LivesView } from '#lib/series/lives-view'
import { formatBytes, formatCount, formatDuration } from '#lib/units/format'
import { bytes, milliseconds } from '#lib/units/quantity'

const SIZE = 1000
const TICKS = 4

/** Lives as lines from one start, the middle half of them as a band. What it shows stands in the table beside it, too. */
export function LivesChart({ view, lit }: { view: LivesView; lit: string | null }) {
  const { lives, band, by, words } = view
  if (lives.length === 0) return null
  const longest = Math.max(1, ...lives.map(({ x }) => x.at(-1) ?? 0))
  const values = lives.flatMap(({ v }) => v)
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const span = high - low || Math.max(1, high)
  const left = (x: number) => (x / longest) * SIZE
  const top = (v: number) => SIZE - ((v - low) / span) * SIZE
  const ticks = Array.from({ length: TICKS }, (_, i) => i / (TICKS - 1))
  // Odd ones and the one that is pointed at lie above the others.
  const weight = ({ isOdd, label }: LifeSeen) => (label === lit ? 2 : isOdd ? 1 : 0)
  return (
    <figure className="grid min-h-32 flex-1 grid-cols-[auto_minmax(0,1fr)] grid-rows-[minmax(0,1fr)_auto] gap-x-2 pt-2">
      <div aria-hidden className="relative w-16">
        {ticks.map((share) => (
          <span
            key={share}
            className="num -translate-y-1/2 absolute right-0 whitespace-nowrap text-2xs text-ink-3"
            style={{ top: `${100 * (1 - share)}%` }}
          >
            {formatBytes(bytes(low + share * span))}
          </span>
        ))}
      </div>
      <svg
        role="img"
        aria-label={words}
        viewBox={`0 0 ${SIZE} ${SIZE}`}
        preserveAspectRatio="none"
        className="size-full overflow-visible"
      >
        {ticks.map((share) => (
          <line
            key={share}
            x1="0"
            x2={SIZE}
            y1={SIZE * share}
            y2={SIZE * share}
            stroke="var(--line)"
            vectorEffect="non-scaling-stroke"
          />
        ))}
        {band.length > 1 && (
          <polygon
            points={[
              ...band.map((point) => `${left(point.x)},${top(point.high)}`),
              ...band.toReversed().map((point) => `${left(point.x)},${top(point.low)}`),
            ].join(' ')}
            fill="var(--native-soft)"
          />
        )}
        {lives
          .toSorted((a, b) => weight(a) - weight(b))
          .map((life) => (
            <polyline
              key={life.label}
              points={life.x.map((x, i) => `${left(x)},${top(life.v[i] ?? 0)}`).join(' ')}
              fill="none"
              stroke={life.isOdd ? 'var(--growth)' : 'var(--native)'}
              strokeOpacity={life.label === lit || life.isOdd ? 1 : lit === null ? 0.6 : 0.25}
              strokeWidth={life.label === lit ? 2.5 : life.isOdd ? 2 : 1.25}
              strokeDasharray={life.isOdd ? '6 3' : undefined}
              vectorEffect="non-scaling-stroke"
            />
          ))}
      </svg>
      <div aria-hidden className="num col-start-2 flex justify-between pt-1 text-2xs text-ink-3">
        {ticks.map((share) => (
          <span key={share}>
            {by === 'uptime'
              ? share === 0
                ? 'start'
                : formatDuration(milliseconds(share * longest))
              : formatCount(share * longest)}
          </span>
        ))}
      </div>
    </figure>
  )
}
