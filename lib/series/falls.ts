import { firstAtOrAfter, type Samples } from './samples.ts'
import { median, medianDeviation } from './statistics.ts'

/**
 * A sudden fall that stays, as its surroundings tell it. Whether it is a restart depends on the whole series
 * (`restartFalls`).
 */
export interface Fall {
  /** The moment of the first sample that is lower, and of the lowest one right after it. Epoch milliseconds. */
  readonly from: number
  readonly at: number
  /** The level before it, of its first sample, and of its lowest. */
  readonly before: number
  readonly first: number
  readonly bottom: number
}

// The thresholds come from a study with synthetic restarts and collector's saws that was made before this code.
// docs/memory-graphs.md has what this code does with such series.
const SMALLEST_FALL = 0.25
const FALL_SAMPLES = 3
const NEIGHBOURS = 5
/** A restart goes down to less than this many times the lowest level of all. */
export const COLD_FLOOR = 1.35
/** A climb has made at most this share of its height when half of its time is over. */
const CLIMBED_HALF_WAY = 0.75
/** How long a level has to stay low. */
export const STAYS_LOW_FOR_MS = 10 * 60_000

/**
 * Every fall of more than a quarter within three samples that stays for ten minutes, or whether it stays or not. O(n)
 * where few samples fall.
 */
export function deepFalls(t: Float64Array, v: Float64Array, has: 'to stay' | 'no need' = 'to stay'): Fall[] {
  const falls: Fall[] = []
  if (v.length < 2 * NEIGHBOURS) return falls
  for (let i = 1; i < v.length; i++) {
    const before = v[i - 1]!
    const floor = before * (1 - SMALLEST_FALL)
    // Most samples end here: the rest of the loop is for the few that fell at all.
    if (v[i]! >= floor && !(v[i + 1]! < floor) && !(v[i + 2]! < floor)) continue
    const bottom = bottomAfter(v, i)
    const settled = median(v.subarray(bottom, bottom + NEIGHBOURS))
    if (settled >= 0.75 * median(v.subarray(Math.max(0, i - NEIGHBOURS), i))) continue
    if (has === 'to stay' && !staysLow(t, v, bottom, before)) continue
    falls.push({ from: t[i]!, at: t[bottom]!, before, first: v[i]!, bottom: v[bottom]! })
  }
  return falls
}

/**
 * Those that are well above the noise of neighbours and go down to the coldest level of the whole series, each once.
 * @param noise see `fallNoise` @param lowest of all samples
 */
export function restartFalls(falls: readonly Fall[], noise: number, lowest: number): Fall[] {
  const chosen: Fall[] = []
  for (const fall of falls) {
    const { before, first, bottom } = fall
    const last = chosen[chosen.length - 1]
    if (last && fall.from <= last.at) continue
    if (first >= before * (1 - SMALLEST_FALL / FALL_SAMPLES) && before - first <= noise) continue
    if (before - bottom <= Math.max(SMALLEST_FALL * before, noise)) continue
    if (bottom < COLD_FLOOR * lowest) chosen.push(fall)
  }
  return chosen
}

/**
 * Those before which memory had climbed all the way since the fall before: half-way between them it stood well below where it
 * fell from. What jumps up, stays there and falls again is load that comes and goes.
 */
export function afterAClimb(falls: readonly Fall[], { t, v }: Pick<Samples, 't' | 'v'>): Fall[] {
  return falls.slice(1).filter((fall, i) => {
    const since = falls[i]!
    const halfWay = v[firstAtOrAfter(t, (since.at + fall.from) / 2)]!
    return halfWay - since.bottom < CLIMBED_HALF_WAY * (fall.before - since.bottom)
  })
}

/** A fall has to be larger than this: eight standard deviations of the differences of neighbours. */
export const fallNoise = (v: Float64Array): number => 8 * 1.4826 * medianDeviation(differences(v))

/** Still well below after this moment's level came back up to: 85 % of the level before. */
export const isStillLow = (later: number, before: number): boolean => later < 0.85 * before

/** As many differences tell the usual one as well as a million do. */
const MOST_DIFFERENCES = 16_384
/** Steps of the golden ratio visit all parts of a series evenly, and never keep time with a saw in it. */
const GOLDEN = 0.618_033_988_749_894_8

function differences(v: Float64Array): Float64Array {
  const count = v.length - 1
  if (count <= MOST_DIFFERENCES) return v.subarray(1).map((value, i) => value - v[i]!)
  const chosen = new Float64Array(MOST_DIFFERENCES)
  for (let k = 0; k < MOST_DIFFERENCES; k++) {
    const at = Math.floor(((k * GOLDEN) % 1) * count)
    chosen[k] = v[at + 1]! - v[at]!
  }
  return chosen
}

/** The lowest of the next few samples: a fall may take as many samples as `FALL_SAMPLES`. */
function bottomAfter(v: Float64Array, from: number): number {
  let bottom = from
  for (let i = from + 1; i < Math.min(v.length, from + FALL_SAMPLES); i++) if (v[i]! < v[bottom]!) bottom = i
  return bottom
}

/** Still well below ten minutes later (or at the end of the data), unless the next fall comes first. */
function staysLow(t: Float64Array, v: Float64Array, bottom: number, before: number): boolean {
  const later = Math.min(v.length - 1, firstAtOrAfter(t, t[bottom]! + STAYS_LOW_FOR_MS))
  if (isStillLow(v[later]!, before)) return true
  for (let i = bottom + 1; i <= later; i++) if (v[i]! < (1 - SMALLEST_FALL) * v[i - 1]!) return true
  return false
}
