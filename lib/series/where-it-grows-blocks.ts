import { type Samples, samplesBetween } from './samples.ts'
import { median, quantileOfSorted } from './statistics.ts'

/** Several series in the same blocks of time: `columns[k][i]` is the k-th series' level in the i-th block. */
export interface CommonBlocks {
  /** Middle of each block, epoch milliseconds. */
  readonly t: Float64Array
  readonly columns: readonly Float64Array[]
}

/** A series, and which quantile of a block speaks for it: a half, or less for the floor between collections. */
export interface BlockColumn {
  readonly samples: Samples
  readonly share?: number
}

/** The blocks of [from, to] in which every series has a sample. O(samples in range). */
export function commonBlocks(
  series: readonly BlockColumn[],
  from: number,
  to: number,
  count: number,
): CommonBlocks {
  const width = (to - from) / count || 1
  const levels = series.map(({ samples, share = 0.5 }) => levelsOf(samples, share, from, to, count))
  const kept = Array.from({ length: count }, (_, i) => i).filter((i) =>
    levels.every((column) => Number.isFinite(column[i]!)),
  )
  return {
    t: Float64Array.from(kept, (i) => from + (i + 0.5) * width),
    columns: levels.map((column) => Float64Array.from(kept, (i) => column[i]!)),
  }
}

/** NaN where the series has no sample. */
function levelsOf(samples: Samples, share: number, from: number, to: number, count: number): Float64Array {
  const { t, v } = samplesBetween(samples, from, to)
  const width = (to - from) / count || 1
  const levels = new Float64Array(count).fill(Number.NaN)
  const blockOf = (at: number) => Math.min(count - 1, Math.floor((at - from) / width))
  for (let start = 0; start < t.length; ) {
    const block = blockOf(t[start]!)
    let end = start + 1
    while (end < t.length && blockOf(t[end]!) === block) end++
    const inside = v.subarray(start, end)
    levels[block] = share === 0.5 ? median(inside) : quantileOfSorted(inside.slice().sort(), share)
    start = end
  }
  return levels
}

/** Ends are medians of so many samples: one high sample does not move the answer. */
const END_SAMPLES = 5

/** By how much a series rose over [from, to]; null when it has fewer than two samples there, or none near an end. */
export function riseOver(samples: Samples, from: number, to: number): number | null {
  const { t, v } = samplesBetween(samples, from, to)
  if (t.length < 2) return null
  const near = Math.max(0.1 * (to - from), 1)
  if (t[0]! - from > near || to - t[t.length - 1]! > near) return null
  const ends = Math.max(1, Math.min(END_SAMPLES, Math.floor(t.length / 4)))
  return median(v.subarray(v.length - ends)) - median(v.subarray(0, ends))
}
