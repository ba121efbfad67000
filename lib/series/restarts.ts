import { firstAtOrAfter, type Samples } from './samples.ts'
import { median, medianDeviation } from './statistics.ts'

/** The moment of the first sample of a new process. */
export interface Restart {
  /** Epoch milliseconds. */
  readonly at: number
  /**
   * Certain: `pid`, the process is another one; `mark`, a person says so; `counter`, what only ever rises fell.
   * Inferred: `fall`, memory fell to where it starts.
   */
  readonly because: 'pid' | 'mark' | 'counter' | 'fall'
  readonly pidBefore?: number
  readonly pidAfter?: number
  /** What ended the life before, where something tells: a mark just before it, or restarts as regular as a script's. */
  readonly cause?: 'crash' | 'deploy' | 'scripted'
}

/** What is known of restarts besides the samples. */
export interface RestartEvidence {
  readonly marks?: readonly SeriesMark[]
  /** When a cumulative counter of the same process fell (`counterFalls`), epoch milliseconds. */
  readonly counterFalls?: readonly number[]
}

/** A moment that people marked. */
export interface SeriesMark {
  readonly kind: 'restart' | 'crash' | 'deploy'
  /** Epoch milliseconds. */
  readonly at: number
}

export interface Lives {
  readonly restarts: readonly Restart[]
  /** First sample index of every life; the first entry is 0. */
  readonly starts: readonly number[]
  /**
   * Falls that look like a restart each but come too often: a collector's saw, or a crash loop. Not counted as
   * restarts, because without pids the two cannot be told apart.
   */
  readonly uncountedFalls: number
}

// The thresholds come from a study with synthetic restarts and collector's saws that was made before this code.
// docs/memory-graphs.md has what this code does with such series.
const SMALLEST_FALL = 0.25
const FALL_SAMPLES = 3
const NEIGHBOURS = 5
const COLD_FLOOR = 1.35
const STAYS_LOW_FOR_MS = 10 * 60_000
const MOST_FALLS = 8
const FALLS_OFTEN_MS = 3 * 3600_000

/** A mark belongs to a restart that comes at most this much later. */
const MARK_BEFORE_MS = 5 * 60_000
/** Two kinds of evidence this many samples apart tell of the same restart. */
const SAME_SAMPLES = 3
/** So many restarts whose intervals vary by less than this share of their mean are a script's. */
const FEWEST_SCRIPTED = 4
const SCRIPTED_VARIATION = 0.1

/** When a counter that only ever rises fell: its process began anew. O(n). */
export function counterFalls({ t, v }: Samples): number[] {
  const falls: number[] = []
  for (let i = 1; i < v.length; i++) if (v[i]! < v[i - 1]!) falls.push(t[i]!)
  return falls
}

/**
 * Cuts a clean series where the process was started anew. A change of pid is certain and overrules the values: while
 * the pid is known and stays the same, no fall is a restart. A marked restart and a counter that falls are certain, too.
 * Otherwise a sudden fall to the coldest level that the series knows is taken for one. Pure, deterministic, O(n): a few
 * milliseconds for a million samples.
 */
export function lives(samples: Samples, evidence: RestartEvidence = {}): Lives {
  const { t, v, pids } = samples
  const found: { index: number; restart: Restart }[] = []
  const add = (index: number, restart: Restart) => {
    const isKnown = found.some((other) => Math.abs(other.index - index) <= SAME_SAMPLES)
    if (!isKnown && index > 0 && index < t.length) found.push({ index, restart })
  }
  let known = 0
  if (pids) {
    for (let i = 0; i < pids.length; i++) {
      const pid = pids[i]!
      if (pid === 0) continue
      if (known !== 0 && pid !== known) {
        found.push({ index: i, restart: { at: t[i]!, because: 'pid', pidBefore: known, pidAfter: pid } })
      }
      known = pid
    }
  }
  const certain = (at: number, because: 'mark' | 'counter') => {
    const index = firstAtOrAfter(t, at)
    if (index < t.length) add(index, { at: t[index]!, because })
  }
  for (const mark of evidence.marks ?? []) if (mark.kind === 'restart') certain(mark.at, 'mark')
  for (const at of evidence.counterFalls ?? []) certain(at, 'counter')
  const falls = known === 0 ? fallsToTheFloor(t, v) : []
  const tooOften = falls.length > MOST_FALLS && medianInterval(t, falls) < FALLS_OFTEN_MS
  if (!tooOften) for (const index of falls) add(index, { at: t[index]!, because: 'fall' })
  found.sort((a, b) => a.index - b.index)
  return {
    restarts: withCauses(
      found.map((entry) => entry.restart),
      evidence.marks ?? [],
    ),
    starts: [0, ...found.map((entry) => entry.index)],
    uncountedFalls: tooOften ? falls.length : 0,
  }
}

function withCauses(restarts: readonly Restart[], marks: readonly SeriesMark[]): Restart[] {
  const isScripted = hasRegularIntervals(restarts)
  return restarts.map((restart) => {
    const told = marks.find(
      ({ kind, at }) => kind !== 'restart' && at <= restart.at && restart.at - at <= MARK_BEFORE_MS,
    )
    if (told && told.kind !== 'restart') return { ...restart, cause: told.kind }
    return isScripted ? { ...restart, cause: 'scripted' } : restart
  })
}

function hasRegularIntervals(restarts: readonly Restart[]): boolean {
  if (restarts.length < FEWEST_SCRIPTED) return false
  const intervals = restarts.slice(1).map((restart, i) => restart.at - restarts[i]!.at)
  const mean = intervals.reduce((sum, one) => sum + one, 0) / intervals.length
  const square = intervals.reduce((sum, one) => sum + (one - mean) ** 2, 0) / intervals.length
  return Math.sqrt(square) < SCRIPTED_VARIATION * mean
}

function fallsToTheFloor(t: Float64Array, v: Float64Array): number[] {
  // Most series never fall so deep, and the spread of the differences is not needed to know it.
  if (v.length < 2 * NEIGHBOURS || !hasDeepFall(v)) return []
  const noise = 8 * 1.4826 * medianDeviation(differences(v))
  let lowest = Number.POSITIVE_INFINITY
  for (const value of v) if (value < lowest) lowest = value

  const falls: number[] = []
  for (let i = 1; i < v.length; i++) {
    const before = v[i - 1]!
    // Most samples end here: the rest of the loop is for the few that fell at all.
    if (v[i]! >= before * (1 - SMALLEST_FALL / FALL_SAMPLES) && before - v[i]! <= noise) continue
    const bottom = bottomAfter(v, i)
    if (before - v[bottom]! <= Math.max(SMALLEST_FALL * before, noise)) continue
    const settled = median(v.subarray(bottom, bottom + NEIGHBOURS))
    if (settled >= 0.75 * median(v.subarray(Math.max(0, i - NEIGHBOURS), i))) continue
    if (v[bottom]! >= COLD_FLOOR * lowest) continue
    if (!staysLow(t, v, bottom, before)) continue
    falls.push(bottom)
    i = bottom
  }
  return falls
}

function hasDeepFall(v: Float64Array): boolean {
  for (let i = 1; i < v.length; i++) {
    const floor = v[i - 1]! * (1 - SMALLEST_FALL)
    for (let k = i; k < i + FALL_SAMPLES && k < v.length; k++) if (v[k]! < floor) return true
  }
  return false
}

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
  if (v[later]! < 0.85 * before) return true
  for (let i = bottom + 1; i <= later; i++) if (v[i]! < (1 - SMALLEST_FALL) * v[i - 1]!) return true
  return false
}

function medianInterval(t: Float64Array, indexes: readonly number[]): number {
  return median(Float64Array.from(indexes.slice(1), (index, i) => t[index]! - t[indexes[i]!]!))
}
