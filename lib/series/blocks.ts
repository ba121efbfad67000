import { median } from './statistics.ts'

/** A series in few points: the median of each of some stretches of equal time. Empty stretches are left out. */
export interface Blocks {
  /** Middle of the block's samples, epoch milliseconds. */
  readonly t: Float64Array
  readonly v: Float64Array
}

const FEWEST_BLOCKS = 12
const MOST_BLOCKS = 72

/** How many blocks n samples are worth: five samples each, at least 12, at most 72. */
export const blockCount = (n: number): number =>
  Math.min(MOST_BLOCKS, Math.max(FEWEST_BLOCKS, Math.floor(n / 5)))

/**
 * Medians take out the collector's saw, ties and outliers, and make everything that follows independent of the
 * length of the series. O(n): about 25 ms for a million samples.
 */
export function blocks(t: Float64Array, v: Float64Array, count = blockCount(t.length)): Blocks {
  const times: number[] = []
  const values: number[] = []
  if (t.length === 0) return { t: new Float64Array(0), v: new Float64Array(0) }
  const first = t[0]!
  const width = (t[t.length - 1]! - first) / count || 1
  for (let start = 0; start < t.length; ) {
    const block = Math.min(count - 1, Math.floor((t[start]! - first) / width))
    let end = start + 1
    while (end < t.length && Math.min(count - 1, Math.floor((t[end]! - first) / width)) === block) end++
    times.push((t[start]! + t[end - 1]!) / 2)
    values.push(median(v.subarray(start, end)))
    start = end
  }
  return { t: Float64Array.from(times), v: Float64Array.from(values) }
}
