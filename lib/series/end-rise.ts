import type { Blocks } from './blocks.ts'
import { median } from './statistics.ts'

/** A rise of fewer blocks is a wobble, of a larger share it is judged with everything else. */
const FEWEST_STEPS = 3
/** Where few blocks stand for much time (whole days), two steps are as much as three elsewhere. */
const FEW_BLOCKS = 40
const LONGEST_SHARE = 0.3
/** So far above all that was before: of the level, and of the usual difference of neighbours. */
const SMALLEST_SHARE = 0.02
const STEPS_ABOVE = 4
/** When one block makes up more of the rise than this, it is a jump. */
const LARGEST_STEP = 0.6
/** A last block that adds less than this share of the mean step has levelled off. */
const LEVELS_OFF = 0.25

/**
 * For how long memory has been rising at the end, block after block, to above all that was before. A robust slope does not
 * see so short an end, yet growth that has just set in looks like that. 0 when it does not. O(blocks).
 */
export function risesAtEndMs({ t, v }: Blocks): number {
  const n = v.length
  let start = n - 1
  while (start > 0 && v[start]! > v[start - 1]!) start--
  const steps = n - 1 - start
  if (steps < (n <= FEW_BLOCKS ? FEWEST_STEPS - 1 : FEWEST_STEPS) || steps > LONGEST_SHARE * n) return 0
  const before = v.subarray(0, start + 1)
  let top = Number.NEGATIVE_INFINITY
  for (const value of before) top = Math.max(top, value)
  const usual = median(before.subarray(1).map((value, i) => Math.abs(value - before[i]!)))
  const last = v[n - 1]!
  if (last - top <= Math.max(SMALLEST_SHARE * Math.abs(last), STEPS_ABOVE * usual)) return 0
  const rise = last - v[start]!
  let largest = 0
  for (let i = start + 1; i < n; i++) largest = Math.max(largest, v[i]! - v[i - 1]!)
  if (largest > LARGEST_STEP * rise) return 0
  if (last - v[n - 2]! < (LEVELS_OFF * rise) / steps) return 0
  return t[n - 1]! - t[start]!
}
