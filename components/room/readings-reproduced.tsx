import { concludedExperiment, conclusionWords, runProgress } from '#components/experiments/experiment-words'
import type { Conclusion, ExperimentRow, RunRow } from '#lib/investigation/experiments'
import type { Reading } from './readings.tsx'

const NAME = 'Reproduced'

/**
 * The last field of the strip: what the newest complete experiment says, else how far the newest one is. Undefined without
 * experiments. `id`: the experiment that a click opens. Pure.
 */
export function reproduced(
  experiments: readonly ExperimentRow[],
  runs: readonly RunRow[],
): { readonly id: ExperimentRow['id']; readonly reading: Reading } | undefined {
  const concluded = concludedExperiment(experiments)
  if (concluded && concluded.conclusion.runsLeft === 0)
    return { id: concluded.id, reading: concludedReading(concluded, concluded.conclusion) }
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
