import { formatShare } from '#lib/units/format'
import type { Condition } from './order.ts'
import { type ExperimentResult, type ExperimentRun, experimentResult } from './result.ts'
import type { RunReading } from './run.ts'
import { checkFix, type FixCheck } from './verify.ts'

/** A run of an experiment, made or still to be made. */
export interface StandingRun {
  readonly id: string
  /** Its place in the order that was drawn, from 1. */
  readonly position: number
  readonly condition: Condition
  readonly isCalibration: boolean
  /** Added after the plan. */
  readonly isAdded: boolean
  /** Taken over from another experiment. */
  readonly isTakenOver: boolean
  /** A range that somebody chose in a graph. */
  readonly isAttached: boolean
  readonly isDone: boolean
  readonly excluded: string | undefined
  /** When it began, epoch milliseconds. */
  readonly from: number | null
  /** Null while it is not done, or when its graph is gone. */
  readonly reading: RunReading | null
}

export interface StandingQuestion {
  readonly kind: 'compare' | 'verify'
  readonly runs: readonly StandingRun[]
  readonly labels: { readonly a: string; readonly b: string }
  readonly parity: number | null
}

/** What an experiment says at this moment, be it finished or not. */
export interface Standing {
  readonly result: ExperimentResult
  /** Of `verify` only. */
  readonly fix: FixCheck | null
  /** For people; says that it is "so far" while runs are left. */
  readonly words: string
  /** Runs that are neither done nor excluded. */
  readonly runsLeft: number
  /** What the statistics do not know: how the runs came to be. */
  readonly notes: readonly string[]
}

/** Runs of one experiment whose lengths differ by more than this are not alike. */
const UNLIKE_LENGTHS = 2

/** The result of all runs that are done, with what has to be said beside it. Pure; as fast as `experimentResult`. */
export function standing({ kind, runs, labels, parity }: StandingQuestion): Standing {
  const judged = runs.flatMap(({ reading, id, condition, isCalibration, excluded }): ExperimentRun[] =>
    reading ? [{ id, condition, isCalibration, excluded, reading }] : [],
  )
  const fix = kind === 'verify' ? checkFix(judged) : null
  const result = fix ? fix.result : experimentResult(judged, { labels, parity })
  const counted = runs.filter(({ excluded }) => excluded === undefined)
  const runsLeft = counted.filter(({ isDone }) => !isDone).length
  const said = fix ? fix.words : result.words
  const words = runsLeft === 0 ? said : `So far, with ${runsLeft} of ${counted.length} runs to come: ${said}`
  return { result, fix, words, runsLeft, notes: notesOn(runs) }
}

function notesOn(runs: readonly StandingRun[]): string[] {
  const made = runs.filter(({ isDone, excluded }) => isDone && excluded === undefined)
  const excluded = runs.filter((run) => run.excluded !== undefined).length
  const added = made.filter(({ isAdded }) => isAdded).length
  const attached = made.filter(({ isAttached }) => isAttached).length
  const takenOver = made.filter(({ isTakenOver }) => isTakenOver).length
  const lost = made.filter(({ reading }) => reading === null).length
  return [
    ...(excluded > 0
      ? [
          `${excluded} of ${runs.length} runs ${excluded === 1 ? 'is' : 'are'} excluded: the reasons stand in the list, and nothing of them is counted.`,
        ]
      : []),
    ...(added > 0
      ? [
          `${count(added)} added to the plan: who looks and adds until it fits finds a difference by chance more often than is shown.`,
        ]
      : []),
    ...(attached > 0
      ? [
          `${count(attached)} chosen as ${attached === 1 ? 'a range of a graph' : 'ranges of graphs'}, not drawn by lot: what people knew then plays a part.`,
        ]
      : []),
    ...(takenOver > 0
      ? [
          `${count(takenOver)} taken over from an earlier experiment: what else changed since then cannot be told from the fix.`,
        ]
      : []),
    ...(isOutOfOrder(made)
      ? ['The runs were not made in the drawn order: what changes over a day may stand behind a difference.']
      : []),
    ...(lost > 0 ? [`${count(lost)} without a graph: removed before it was read.`] : []),
    ...unlikeLengths(made),
  ]
}

const count = (runs: number): string => (runs === 1 ? '1 run was' : `${runs} runs were`)

/** Only what was drawn can be out of order. */
function isOutOfOrder(made: readonly StandingRun[]): boolean {
  const begun = made
    .filter(({ isTakenOver, isAttached }) => !isTakenOver && !isAttached)
    .toSorted((a, b) => a.position - b.position)
    .flatMap(({ from }) => (from === null ? [] : [from]))
  return begun.some((from, index) => index > 0 && from < begun[index - 1]!)
}

function unlikeLengths(made: readonly StandingRun[]): string[] {
  const lengths = made.flatMap(({ reading }) =>
    reading && reading.durationMs > 0 ? [reading.durationMs] : [],
  )
  if (lengths.length < 2) return []
  const [shortest, longest] = [Math.min(...lengths), Math.max(...lengths)]
  if (longest <= UNLIKE_LENGTHS * shortest) return []
  return [`The shortest run lasted ${formatShare(shortest / longest)} of the longest: short ones tell less.`]
}
