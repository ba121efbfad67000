import { afterAClimb, deepFalls, type Fall, fallNoise, restartFalls } from './falls.ts'
import { firstAtOrAfter, type Samples } from './samples.ts'
import { median } from './statistics.ts'

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
  /** What only falls tell of the restarts: nothing else says that the process ended, neither a pid nor a mark. */
  readonly fallsOnly: readonly Fall[]
}

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
  const falls = known === 0 ? toTheFloor(samples, deepFalls(t, v)) : []
  const tooOften = areTooOften(falls)
  if (!tooOften) for (const { at } of falls) add(firstAtOrAfter(t, at), { at, because: 'fall' })
  found.sort((a, b) => a.index - b.index)
  const restarts = withCauses(
    found.map((entry) => entry.restart),
    evidence.marks ?? [],
  )
  const onlyFell = (at: number) =>
    restarts.some(
      (one) => one.at === at && one.because === 'fall' && one.cause !== 'crash' && one.cause !== 'deploy',
    )
  return {
    restarts,
    starts: [0, ...found.map((entry) => entry.index)],
    uncountedFalls: tooOften ? falls.length : known === 0 ? countTeeth(samples, restarts) : 0,
    fallsOnly: tooOften ? [] : falls.filter(({ at }) => onlyFell(at)),
  }
}

/** Restarts with what ended the life before, as far as marks or their regularity tell. */
export function withCauses(restarts: readonly Restart[], marks: readonly SeriesMark[]): Restart[] {
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

/** How many climbs end in a fall that does not stay for ten minutes: teeth or crashes too short to be restarts for us. */
function countTeeth(samples: Samples, restarts: readonly Restart[]): number {
  const { t, v } = samples
  const isRestart = ({ at }: Fall) =>
    restarts.some((one) => Math.abs(firstAtOrAfter(t, one.at) - firstAtOrAfter(t, at)) <= SAME_SAMPLES)
  const climbs = afterAClimb(toTheFloor(samples, deepFalls(t, v, 'no need')), samples)
  const teeth = climbs.filter((fall) => !isRestart(fall))
  return areTooOften(teeth) ? teeth.length : 0
}

/** Those to the coldest level that the series knows. */
function toTheFloor({ v }: Samples, falls: readonly Fall[]): readonly Fall[] {
  // Most series never fall so deep, and the spread of the differences is not needed to know it.
  if (falls.length === 0) return falls
  let lowest = Number.POSITIVE_INFINITY
  for (const value of v) if (value < lowest) lowest = value
  return restartFalls(falls, fallNoise(v), lowest)
}

/** So many falls in such short intervals are a collector's saw, or a crash loop. */
export const areTooOften = (falls: readonly Fall[]): boolean =>
  falls.length > MOST_FALLS &&
  median(Float64Array.from(falls.slice(1), ({ at }, i) => at - falls[i]!.at)) < FALLS_OFTEN_MS
