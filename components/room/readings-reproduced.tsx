import { concludedExperiment, conclusionWords, runProgress } from '#components/experiments/experiment-words'
import type { Conclusion, ExperimentRow, RunRow } from '#lib/investigation/experiments'
import type { Reading } from './readings.tsx'

const NAME = 'Reproduced'

/** An experiment that is being made while another one speaks for the room. */
export interface UnderWay {
  readonly id: ExperimentRow['id']
  readonly title: string
  /** "running: 3 of 8 runs". */
  readonly words: string
}

export interface Reproduced {
  /** The experiment that a click opens. */
  readonly id: ExperimentRow['id']
  readonly reading: Reading
  /** Stands beside the verdict and changes nothing in it. */
  readonly underWay?: UnderWay
}

/**
 * The last field of the strip: what the newest complete experiment says, and that another one is under way; without a
 * complete one how far the newest is. Undefined without experiments. Pure.
 */
export function reproduced(
  experiments: readonly ExperimentRow[],
  runs: readonly RunRow[],
): Reproduced | undefined {
  const concluded = concludedExperiment(experiments)
  if (concluded && concluded.conclusion.runsLeft === 0) {
    const others = experiments.filter(({ id }) => id !== concluded.id)
    return {
      id: concluded.id,
      reading: concludedReading(concluded, concluded.conclusion),
      ...underWay(others, runs),
    }
  }
  const newest = concluded ?? experiments.findLast(({ archived, kind }) => !archived && kind === 'compare')
  if (!newest) return undefined
  const { done, of } = runProgress(runs.filter(({ experimentId }) => experimentId === newest.id))
  // Never "3 of 8" as the value: under this name it would read as reproduced in 3 of 8.
  const reading: Reading = {
    name: NAME,
    value: done === 0 ? 'Planned' : 'Under way',
    tone: 'neutral',
    more: `${done} of ${of} runs are made · ${newest.title}`,
    opens: 'experiment',
  }
  return { id: newest.id, reading }
}

/** The newest one of which a run is being measured, else the newest that was begun and has runs left. */
function underWay(
  experiments: readonly ExperimentRow[],
  runs: readonly RunRow[],
): { readonly underWay: UnderWay } | undefined {
  const begun = experiments.flatMap(({ id, title, archived }) => {
    const own = archived ? [] : runs.filter(({ experimentId }) => experimentId === id)
    const { done, of } = runProgress(own)
    const isRunning = own.some(({ state, excluded }) => state === 'running' && excluded === null)
    // What was taken over from another experiment is no beginning of this one.
    const isBegun = isRunning || own.some(({ state, takenFrom }) => state === 'done' && takenFrom === null)
    const words = `${isRunning ? 'running' : 'under way'}: ${done} of ${of} runs`
    return isBegun && done < of ? [{ id, title, words, isRunning }] : []
  })
  const found = begun.findLast(({ isRunning }) => isRunning) ?? begun[begun.length - 1]
  return found && { underWay: { id: found.id, title: found.title, words: found.words } }
}

/** "4 of 4 runs", "with memcached stopped, 0 of 4 with memcached running". */
function concludedReading({ labelA, labelB }: ExperimentRow, conclusion: Conclusion): Reading {
  const { a, b, verdict } = conclusion.result
  const { words, tone } = conclusionWords(conclusion)
  const counts = `with ${labelA}, ${b.grew.runs} of ${b.grew.of} with ${labelB}`
  const said = { name: NAME, tone, opens: 'experiment' } as const
  switch (verdict) {
    case 'reproduced':
      return { ...said, value: `${a.grew.runs} of ${a.grew.of} runs`, more: counts }
    case 'not-reproduced':
      return { ...said, value: `${a.grew.runs} of ${a.grew.of} runs`, more: `${counts}. ${words}.` }
    default:
      return { ...said, value: words, more: conclusion.words }
  }
}
