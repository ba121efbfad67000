'use client' // A form.

import { useState } from 'react'
import { clock, day } from '#components/room/clock-time'
import { useCommand, useRoomState } from '#components/room/room-context'
import { useView } from '#components/room/view'
import { LabelledSelect } from '#components/series/labelled-select'
import { Button } from '#components/ui/button'
import { Dialog } from '#components/ui/dialog'
import { TextField } from '#components/ui/field'
import type { ExperimentRow, RunRow } from '#lib/investigation/experiments'
import { SeriesId } from '#lib/investigation/ids'
import type { SeriesRow } from '#lib/investigation/rows'
import { labelsOf, nameOfRun, seriesWords } from './experiment-words.tsx'

/** A range of a graph that is there already becomes a run: what was measured before there was an experiment. */
export function AttachRun({
  experiment,
  run,
  onClose,
}: {
  experiment: ExperimentRow
  run: RunRow
  onClose(): void
}) {
  const series = useRoomState((state) => state.series)
  const runs = useRoomState((state) => state.runs)
  const { brushed } = useView()
  const command = useCommand()
  const memory = series.filter(({ unit, from, to }) => unit === 'bytes' && from !== null && to !== null)
  const [memoryId, setMemoryId] = useState<string>(
    () => run.memorySeriesId ?? firstUnused(memory, runs) ?? '',
  )
  const chosen = memory.find(({ id }) => id === memoryId)
  const counts = countsBeside(series, chosen)
  const [countId, setCountId] = useState<string>(() =>
    run.memorySeriesId === null ? iterationsIn(counts) : (run.iterationsSeriesId ?? ''),
  )
  const [range, setRange] = useState(() => rangeOf(chosen, run, brushed))
  const [busy, setBusy] = useState(false)
  const choose = (id: string) => {
    const row = memory.find((one) => one.id === id)
    setMemoryId(id)
    setCountId(iterationsIn(countsBeside(series, row)))
    setRange(rangeOf(row, run, brushed))
  }
  const from = Date.parse(range.from)
  const to = Date.parse(range.to)
  const problem =
    chosen === undefined
      ? 'Choose a memory graph.'
      : !(from < to)
        ? 'It has to end after it begins.'
        : (chosen.from ?? 0) < to && (chosen.to ?? 0) > from
          ? null
          : 'The graph has nothing there.'
  const same = runs.find(
    (other) =>
      other.id !== run.id &&
      other.experimentId === run.experimentId &&
      other.memorySeriesId === memoryId &&
      (other.from ?? to) < to &&
      (other.to ?? from) > from,
  )
  const submit = async () => {
    if (!chosen || problem !== null) return
    setBusy(true)
    const reply = await command('run:attach', {
      id: run.id,
      version: run.version,
      memorySeriesId: chosen.id,
      iterationsSeriesId: countId === '' ? null : SeriesId.parse(countId),
      from,
      to,
    })
    setBusy(false)
    if (reply) onClose()
  }
  if (memory.length === 0) return <NothingToAttach run={run} onClose={onClose} />
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={`Attach a graph as ${nameOfRun(run)}`}
      description={`Measured with “${labelsOf(experiment)[run.condition]}” (${run.condition}). A brushed range of the graph is taken over.`}
    >
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <LabelledSelect
          label="Memory graph"
          value={memoryId}
          className="w-full"
          onChange={(event) => choose(event.target.value)}
        >
          {memory.map((row) => (
            <option key={row.id} value={row.id}>
              {seriesWords(row)}
            </option>
          ))}
        </LabelledSelect>
        <LabelledSelect
          label="Count of iterations"
          value={countId}
          className="w-full"
          onChange={(event) => setCountId(event.target.value)}
        >
          <option value="">None: growth is told per hour</option>
          {counts.map((row) => (
            <option key={row.id} value={row.id}>
              {seriesWords(row)}
            </option>
          ))}
        </LabelledSelect>
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField
            label="From"
            type="datetime-local"
            step={1}
            value={range.from}
            onChange={(event) => setRange({ ...range, from: event.target.value })}
          />
          <TextField
            label="To"
            type="datetime-local"
            step={1}
            value={range.to}
            onChange={(event) => setRange({ ...range, to: event.target.value })}
          />
        </div>
        {chosen?.from != null && chosen.to != null && (
          <p className="text-ink-3 text-sm">
            This graph goes from {day(chosen.from)} {clock(chosen.from)} to {day(chosen.to)}{' '}
            {clock(chosen.to)}.
          </p>
        )}
        {problem === null && same && (
          <p className="text-sm text-warm">
            A part of it is {nameOfRun(same)} ({same.condition}) already: what is counted twice proves
            nothing.
          </p>
        )}
        <div className="flex items-center justify-end gap-2">
          <p role="status" className="min-w-0 flex-1 text-growth text-sm">
            {problem}
          </p>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={busy || problem !== null}>
            Attach
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function NothingToAttach({ run, onClose }: { run: RunRow; onClose(): void }) {
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={`Attach a graph as ${nameOfRun(run)}`}
      description="There is no memory graph in this room yet. Drop a file on the room, or let an agent send one."
    >
      <div className="flex justify-end">
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  )
}

/** The first graph of a process that no run is of, else the first one. */
function firstUnused(memory: readonly SeriesRow[], runs: readonly RunRow[]): SeriesRow['id'] | undefined {
  const isUsed = ({ id, process }: SeriesRow) =>
    runs.some((run) => run.memorySeriesId === id || (process !== '' && run.process === process))
  return (memory.find((row) => !isUsed(row)) ?? memory[0])?.id
}

const countsBeside = (series: readonly SeriesRow[], memory: SeriesRow | undefined): readonly SeriesRow[] =>
  series.filter(({ unit, process }) => unit === 'count' && process === memory?.process)

/** What is called so counts iterations; of anything else somebody has to say it. */
const iterationsIn = (counts: readonly SeriesRow[]): string =>
  counts.find(({ name }) => name === 'iterations')?.id ?? ''

/** What was brushed if the graph has it, else all of the graph. */
function rangeOf(
  series: SeriesRow | undefined,
  run: RunRow,
  brushed: { readonly from: number; readonly to: number } | null,
): { readonly from: string; readonly to: string } {
  const all = { from: series?.from ?? 0, to: series?.to ?? 0 }
  const isThere = brushed !== null && brushed.from < all.to && brushed.to > all.from
  const own = run.memorySeriesId === series?.id && run.from !== null && run.to !== null
  const wanted = isThere ? brushed : own ? { from: run.from ?? 0, to: run.to ?? 0 } : all
  return {
    from: localTime(Math.floor(wanted.from / 1000) * 1000),
    to: localTime(Math.ceil(wanted.to / 1000) * 1000),
  }
}

/** "2026-11-23T13:12:05" in the reader's zone, as an input of type datetime-local takes it. */
export function localTime(at: number): string {
  const date = new Date(at)
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}
