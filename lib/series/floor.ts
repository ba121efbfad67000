import { blocks } from './blocks.ts'
import type { Samples } from './samples.ts'
import { medianDeviation } from './statistics.ts'
import { type Trend, trend } from './trend.ts'

/** So many falls of more than this share of the level are a collector at work. */
const FEWEST_FALLS = 6
const SMALLEST_FALL = 0.02
/** A fall as wide as eight usual differences is none of the noise. */
const NOISE_WIDTHS = 8
/** The floor is looked at in few and wide blocks, so that each holds a whole tooth. */
const FLOOR_BLOCKS = 12
const FLOOR_SHARE = 0.1
/** A floor that rises by less than this share of the growth is not what grows. */
const SMALLEST_SHARE = 0.25

/**
 * Does the floor that a collector's saw falls back to rise with the level? False only when there is a saw whose
 * level grows by larger teeth over a floor that stays. True or undefined (no saw) leaves the verdict as it is. O(n).
 */
export function floorRises({ t, v }: Samples, line: Trend): boolean | undefined {
  if (!hasSaw(v)) return undefined
  const floor = blocks(t, v, FLOOR_BLOCKS, FLOOR_SHARE)
  const rise = trend(floor.t, floor.v)
  return rise.slope >= SMALLEST_SHARE * line.slope
}

function hasSaw(v: Float64Array): boolean {
  const step = Math.max(1, Math.floor(v.length / 16_384))
  const differences = new Float64Array(Math.floor((v.length - 1) / step))
  for (let i = 0; i < differences.length; i++) differences[i] = v[i * step + 1]! - v[i * step]!
  const noise = NOISE_WIDTHS * medianDeviation(differences)
  let falls = 0
  for (let i = 1; i < v.length; i++) {
    const fall = v[i - 1]! - v[i]!
    if (fall > noise && fall > SMALLEST_FALL * v[i - 1]!) falls++
  }
  return falls >= FEWEST_FALLS
}
