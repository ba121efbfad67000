import { median, quantile } from './statistics.ts'

/** A series in few points: the median of each of some stretches of equal time. Empty stretches are left out. */
export interface Blocks {
  /** Middle of the block's samples, epoch milliseconds. */
  readonly t: Float64Array
  readonly v: Float64Array
}

const FEWEST_BLOCKS = 12
const MOST_BLOCKS = 72

const DAY_MS = 24 * 3600_000
/** From here on a daily wave can be known, if the blocks are short enough, however few samples they hold. */
const DAILY_MS = 1.5 * DAY_MS
/** From here on a daily wave can no longer be followed by 72 blocks, and from there on whole days are enough. */
const LONG_MS = 9 * DAY_MS
const VERY_LONG_MS = 14 * DAY_MS

/**
 * How many blocks n samples over a span are worth: five samples each, at least 12, at most 72; from 36 hours on no block is
 * longer than three hours as long as there are samples. Between nine and fourteen days
 * three hours each, so that a daily cycle can be seen; above, whole days, in which it cancels out.
 */
export function blockCount(n: number, spanMs: number): number {
  const most =
    spanMs < LONG_MS
      ? MOST_BLOCKS
      : spanMs < VERY_LONG_MS
        ? Math.ceil((8 * spanMs) / DAY_MS)
        : Math.round(spanMs / (DAY_MS * Math.ceil(spanMs / DAY_MS / MOST_BLOCKS)))
  const fewest = spanMs >= DAILY_MS ? Math.min(n, Math.ceil((8 * spanMs) / DAY_MS)) : 0
  return Math.min(most, Math.max(FEWEST_BLOCKS, fewest, Math.floor(n / 5)))
}

const spanOf = (t: Float64Array): number => (t.length > 0 ? t[t.length - 1]! - t[0]! : 0)

/**
 * Medians take out the collector's saw, ties and outliers, and make everything that follows independent of the
 * length of the series. Another `share` than a half takes that quantile: a tenth is the floor between collections.
 * O(n): about 25 ms for a million samples.
 */
export function blocks(
  t: Float64Array,
  v: Float64Array,
  count = blockCount(t.length, spanOf(t)),
  share = 0.5,
): Blocks {
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
    const inside = v.subarray(start, end)
    values.push(share === 0.5 ? median(inside) : quantile(inside, share))
    start = end
  }
  return { t: Float64Array.from(times), v: Float64Array.from(values) }
}
