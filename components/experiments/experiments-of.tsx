'use client' // Follows rows; opens an experiment.

import { FlaskConical } from 'lucide-react'
import { useMemo } from 'react'
import { useRoom, useRoomState } from '#components/room/room-context'
import { useView } from '#components/room/view'
import { Button } from '#components/ui/button'
import { Tag } from '#components/ui/pill'
import type { ExperimentRow, RunRow } from '#lib/investigation/experiments'
import type { HypothesisId } from '#lib/investigation/ids'
import { standing } from './experiment-words.tsx'

interface Shown {
  readonly experiment: ExperimentRow
  readonly runs: readonly RunRow[]
}

/** The experiments of one hypothesis that are in sight, the oldest first. */
function useExperimentsOf(hypothesisId: HypothesisId): readonly Shown[] {
  const experiments = useRoomState((state) => state.experiments)
  const runs = useRoomState((state) => state.runs)
  return useMemo(
    () =>
      experiments
        .filter((row) => row.hypothesisId === hypothesisId && !row.archived)
        .map((experiment) => ({
          experiment,
          runs: runs.filter(({ experimentId }) => experimentId === experiment.id),
        })),
    [experiments, runs, hypothesisId],
  )
}

/** In an opened card: the experiments that test the hypothesis, and one more. */
export function ExperimentsOf({ hypothesisId }: { hypothesisId: HypothesisId }) {
  const shown = useExperimentsOf(hypothesisId)
  const { canWrite } = useRoom()
  const { wishExperiment } = useView()
  if (shown.length === 0 && !canWrite) return null
  return (
    <section aria-label="Experiments of this hypothesis">
      <h4 className="mb-1 font-[620] text-ink-2 text-xs">Experiments</h4>
      <Lines shown={shown} />
      {canWrite && (
        <Button size="small" className="mt-1" onClick={() => wishExperiment({ hypothesisId })}>
          Test it by an experiment
        </Button>
      )}
    </section>
  )
}

/** On a closed card: the experiments that have no say yet; those that have are evidence. */
export function ExperimentsUnderWay({ hypothesisId }: { hypothesisId: HypothesisId }) {
  const shown = useExperimentsOf(hypothesisId)
  const open = shown.filter(({ experiment }) => experiment.conclusion?.runsLeft !== 0)
  return open.length > 0 && <Lines shown={open} className="mt-2" />
}

function Lines({ shown, className }: { shown: readonly Shown[]; className?: string }) {
  const { showExperiment } = useView()
  if (shown.length === 0) return null
  return (
    <ul className={className}>
      {shown.map(({ experiment, runs }) => {
        const { words, tone } = standing(experiment, runs)
        return (
          <li key={experiment.id}>
            <button
              type="button"
              onClick={() => showExperiment(experiment.id)}
              className="flex w-full min-w-0 items-baseline gap-1.5 rounded-sm py-0.5 text-left text-sm hover:text-accent max-md:py-1.5"
            >
              <FlaskConical size={12} aria-label="Experiment" className="shrink-0 self-center text-ink-3" />
              <bdi className="min-w-0 flex-1 truncate">{experiment.title}</bdi>
              <Tag tone={tone}>{words}</Tag>
            </button>
          </li>
        )
      })}
    </ul>
  )
}
