import { formatBytes } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'

const WIDTH = 180
const HEIGHT = 34
/** So that a line of 1.75 px is not cut at the edges. */
const MARGIN = 2

export interface MemoryLineData {
  readonly label: string
  /** Epoch milliseconds. */
  readonly t: readonly number[]
  /** Bytes. */
  readonly v: readonly number[]
  /** The lowest limit line, in bytes; drawn when it is near enough to be seen. */
  readonly limit: number | null
}

/** A memory graph as one small line of 180 × 34, from zero at the bottom, with its limit. */
export function MemoryLine({ line }: { line: MemoryLineData }) {
  const { t, v } = line
  const [from, to] = [t[0] ?? 0, t.at(-1) ?? 0]
  const highest = Math.max(...v)
  // A limit far above the line would press the line flat onto the ground.
  const limit = line.limit !== null && line.limit < highest * 2.5 ? line.limit : null
  const top = Math.max(highest, limit ?? 0) || 1
  const x = (time: number) => MARGIN + ((time - from) / (to - from || 1)) * (WIDTH - 2 * MARGIN)
  const y = (value: number) => HEIGHT - MARGIN - (value / top) * (HEIGHT - 2 * MARGIN)
  const path = t
    .map((time, at) => `${at === 0 ? 'M' : 'L'}${x(time).toFixed(1)} ${y(v[at] ?? 0).toFixed(1)}`)
    .join('')
  return (
    <svg
      role="img"
      aria-label={`${line.label}: from ${formatBytes(bytes(v[0] ?? 0))} to ${formatBytes(bytes(v.at(-1) ?? 0))}, highest ${formatBytes(bytes(highest))}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      className="max-w-full"
    >
      <path d={path} fill="none" stroke="var(--managed)" strokeWidth="1.6" strokeLinejoin="round" />
      {limit !== null && (
        <line x1="0" x2={WIDTH} y1={y(limit)} y2={y(limit)} stroke="var(--growth)" strokeDasharray="3 3" />
      )}
    </svg>
  )
}
