import { clsx } from 'clsx'
import type { Condition } from '#lib/experiments/order'
import { formatByteChange, formatDuration } from '#lib/units/format'
import { bytes, milliseconds } from '#lib/units/quantity'
import { CONDITION_LOOK, ConditionMark } from './condition-mark.tsx'
import { placeOn, scaleOf } from './plot-scale.tsx'

/** One run as a line: milliseconds since its start, and bytes above its first sample. */
export interface OverlayLine {
  readonly id: string
  /** "run 3". */
  readonly name: string
  readonly condition: Condition
  readonly t: readonly number[]
  readonly v: readonly number[]
}

const WIDTH = 1000
const HEIGHT = 1000

/** All runs laid over each other from their start: A in full lines, B dashed. `lit` is the run that is pointed at. */
export function OverlayChart({
  lines,
  labels,
  lit = null,
}: {
  lines: readonly OverlayLine[]
  labels: Readonly<Record<Condition, string>>
  lit?: string | null
}) {
  const drawn = lines.filter(({ t }) => t.length > 1)
  if (drawn.length === 0) return null
  const longest = Math.max(1, ...drawn.map(({ t }) => t.at(-1) ?? 0))
  const scale = scaleOf(
    drawn.flatMap(({ v }) => v),
    [],
    3,
  )
  const y = (value: number) => (1 - placeOn(scale, value)) * HEIGHT
  return (
    <figure className="grid gap-1">
      <figcaption className="flex flex-wrap items-center gap-x-4 gap-y-1 text-ink-3 text-xs">
        <span>Memory above the first sample, by time since the start of each run.</span>
        {(['A', 'B'] as const).map((condition) => (
          <span key={condition} className="flex items-center gap-1.5">
            <LinePattern condition={condition} />
            <ConditionMark condition={condition} />
            <bdi className="text-ink-2">{labels[condition]}</bdi>
          </span>
        ))}
      </figcaption>
      <div className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2 pt-1.5">
        <div className="relative w-[68px]" aria-hidden>
          {scale.ticks.map((tick) => (
            <span
              key={tick}
              className="num -translate-y-1/2 absolute right-0 whitespace-nowrap text-2xs text-ink-3"
              style={{ top: `${y(tick) / (HEIGHT / 100)}%` }}
            >
              {tick === 0 ? '0' : formatByteChange(bytes(tick)).replace(/\.0(?= )/, '')}
            </span>
          ))}
        </div>
        <svg
          role="img"
          aria-label={described(drawn)}
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          className="h-44 w-full overflow-visible"
        >
          {scale.ticks.map((tick) => (
            <line
              key={tick}
              x1="0"
              x2={WIDTH}
              y1={y(tick)}
              y2={y(tick)}
              stroke={tick === 0 ? 'var(--line-strong)' : 'var(--line)'}
              vectorEffect="non-scaling-stroke"
            />
          ))}
          {drawn.map((line) => (
            <path
              key={line.id}
              d={pathOf(line, longest, y)}
              fill="none"
              stroke="currentColor"
              strokeWidth={lit === line.id ? 3 : 1.5}
              strokeDasharray={CONDITION_LOOK[line.condition].dash}
              strokeLinejoin="round"
              vectorEffect="non-scaling-stroke"
              className={clsx(
                CONDITION_LOOK[line.condition].text,
                lit !== null && lit !== line.id && 'opacity-35',
              )}
            >
              <title>{line.name}</title>
            </path>
          ))}
        </svg>
        <span />
        <p className="num flex justify-between pt-0.5 text-2xs text-ink-3" aria-hidden>
          <span>start</span>
          <span>{formatDuration(milliseconds(longest / 2))}</span>
          <span>{formatDuration(milliseconds(longest))}</span>
        </p>
      </div>
    </figure>
  )
}

function LinePattern({ condition }: { condition: Condition }) {
  const { text, dash } = CONDITION_LOOK[condition]
  return (
    <svg width="22" height="8" aria-hidden="true" className={text}>
      <line x1="0" x2="22" y1="4" y2="4" stroke="currentColor" strokeWidth="2" strokeDasharray={dash} />
    </svg>
  )
}

function pathOf({ t, v }: OverlayLine, longest: number, y: (value: number) => number): string {
  return t
    .map((at, i) => `${i === 0 ? 'M' : 'L'}${((at / longest) * WIDTH).toFixed(1)} ${y(v[i] ?? 0).toFixed(1)}`)
    .join('')
}

/** What the picture shows, for those who do not see it: where each run ended. */
const described = (lines: readonly OverlayLine[]): string =>
  lines
    .map(
      ({ name, condition, t, v }) =>
        `${name} (${condition}): ${formatByteChange(bytes(v.at(-1) ?? 0))} after ${formatDuration(milliseconds(t.at(-1) ?? 0))}`,
    )
    .join('; ')

/** Points of a graph as a line from `from` on; what lies before is left out. Pure. */
export function lineOf(
  run: Pick<OverlayLine, 'id' | 'name' | 'condition'>,
  points: { readonly t: readonly number[]; readonly v: readonly number[] },
  from: number,
): OverlayLine {
  const start = points.t.findIndex((at) => at >= from)
  if (start < 0) return { ...run, t: [], v: [] }
  const first = points.v[start] ?? 0
  return {
    ...run,
    t: points.t.slice(start).map((at) => at - from),
    v: points.v.slice(start).map((value) => value - first),
  }
}
