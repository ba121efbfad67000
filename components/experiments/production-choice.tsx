'use client' // Chooses.

import { useCommand, useRoomState } from '#components/room/room-context'
import { LabelledSelect } from '#components/series/labelled-select'
import type { ExperimentRow } from '#lib/investigation/experiments'
import { SeriesId } from '#lib/investigation/ids'
import type { SeriesRow } from '#lib/investigation/rows'
import { seriesWords } from './experiment-words.tsx'
import { useInTurn } from './use-in-turn.tsx'

/** Which graphs are production's: its memory, and the count that says how often there happens what one iteration is here. */
export function ProductionChoice({
  experiment,
  mayChange,
}: {
  experiment: ExperimentRow
  mayChange: boolean
}) {
  const series = useRoomState((state) => state.series)
  const runs = useRoomState((state) => state.runs)
  const command = useCommand()
  const inTurn = useInTurn(experiment)
  const { id, productionSeriesId, productionCounterId } = experiment
  const ofRuns = new Set<string | null>(
    runs.flatMap(({ memorySeriesId, iterationsSeriesId }) => [memorySeriesId, iterationsSeriesId]),
  )
  // What was measured for a run has nothing of production in it, not even what nobody judges.
  const watched = new Set(
    runs.flatMap(({ process, endedBy }) => (endedBy === 'attached' ? [] : (process ?? []))),
  )
  const chosen: readonly (string | null)[] = [productionSeriesId, productionCounterId]
  const free = series.filter(
    (row) => chosen.includes(row.id) || !(ofRuns.has(row.id) || watched.has(row.process)),
  )
  const counters = free.filter(({ unit }) => unit === 'count')
  if (!mayChange || (counters.length === 0 && productionCounterId === null)) return null
  const change = (patch: { productionSeriesId?: SeriesId | null; productionCounterId?: SeriesId | null }) =>
    void inTurn((version) => command('experiment:change', { id, version, ...patch }))
  return (
    <section
      aria-label="Production’s graph"
      className="grid gap-2 rounded-lg border border-line bg-panel p-3.5 text-sm"
    >
      <h3 className="font-[650] text-base">Does that explain production?</h3>
      <p className="max-w-[80ch] text-ink-2">
        With bytes per iteration, production’s memory and its count of the same thing, the result says whether
        the sizes agree.
      </p>
      <div className="grid gap-2.5 @lg:grid-cols-2">
        <Choice
          label="Production’s memory"
          rows={free.filter(({ unit }) => unit === 'bytes')}
          value={productionSeriesId}
          onChange={(value) => change({ productionSeriesId: value })}
        />
        <Choice
          label="Count of what one iteration is"
          rows={counters}
          value={productionCounterId}
          onChange={(value) => change({ productionCounterId: value })}
        />
      </div>
    </section>
  )
}

function Choice({
  label,
  rows,
  value,
  onChange,
}: {
  label: string
  rows: readonly SeriesRow[]
  value: SeriesId | null
  onChange(id: SeriesId | null): void
}) {
  return (
    <LabelledSelect
      label={label}
      value={value ?? ''}
      className="w-full"
      onChange={(event) => onChange(event.target.value === '' ? null : SeriesId.parse(event.target.value))}
    >
      <option value="">Not named</option>
      {rows.map((row) => (
        <option key={row.id} value={row.id}>
          {seriesWords(row)}
        </option>
      ))}
    </LabelledSelect>
  )
}
