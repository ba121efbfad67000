import { usePersonName, useRoomState } from '#components/room/room-context'
import { Pill } from '#components/ui/pill'
import type { ExperimentRow, RunRow } from '#lib/investigation/experiments'
import { ConditionMark } from './condition-mark.tsx'
import { labelsOf, runProgress, standing } from './experiment-words.tsx'

/** All experiments of the room, the newest first, those that were put away last. */
export function ExperimentList({
  experiments,
  runsOf,
  onOpen,
}: {
  experiments: readonly ExperimentRow[]
  runsOf(id: string): readonly RunRow[]
  onOpen(id: string): void
}) {
  return (
    <ul aria-label="Experiments" className="grid grid-cols-[minmax(0,1fr)] gap-2">
      {experiments.map((experiment) => (
        <Item key={experiment.id} experiment={experiment} runs={runsOf(experiment.id)} onOpen={onOpen} />
      ))}
    </ul>
  )
}

function Item({
  experiment,
  runs,
  onOpen,
}: {
  experiment: ExperimentRow
  runs: readonly RunRow[]
  onOpen(id: string): void
}) {
  const hypothesis = useRoomState(
    (state) => state.hypotheses.find(({ id }) => id === experiment.hypothesisId)?.title,
  )
  const by = usePersonName(experiment.createdBy) ?? 'a program'
  const { words, tone } = standing(experiment, runs)
  const { done, of } = runProgress(runs)
  const labels = labelsOf(experiment)
  return (
    <li className="relative grid grid-cols-[minmax(0,1fr)] gap-1 rounded-lg border border-line bg-panel px-3 py-2.5 focus-within:ring-1 focus-within:ring-accent hover:border-line-strong">
      <p className="flex items-start gap-2">
        <button
          type="button"
          onClick={() => onOpen(experiment.id)}
          className="min-w-0 flex-1 text-left font-[620] outline-none [overflow-wrap:anywhere] after:absolute after:inset-0"
        >
          <span className="num text-ink-3">{experiment.number}</span> <bdi>{experiment.title}</bdi>
        </button>
        {experiment.archived ? <Pill>Put away</Pill> : <Pill tone={tone}>{words}</Pill>}
      </p>
      {experiment.conclusion && (
        <p className="line-clamp-2 text-sm [overflow-wrap:anywhere]">{experiment.conclusion.words}</p>
      )}
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-ink-3 text-xs">
        {(['A', 'B'] as const).map((condition) => (
          <span key={condition} className="flex min-w-0 items-center gap-1">
            <ConditionMark condition={condition} />
            <bdi className="min-w-0 [overflow-wrap:anywhere]">{labels[condition]}</bdi>
          </span>
        ))}
        <span>
          · {done} of {of} runs · <bdi>{by}</bdi>
        </span>
        {hypothesis && (
          <span className="min-w-0 max-w-full truncate">
            · tests <bdi>{hypothesis}</bdi>
          </span>
        )}
      </p>
    </li>
  )
}
