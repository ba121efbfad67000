import { readFile } from 'node:fs/promises'
import { storeSeries } from '#lib/db/series'
import { importSeries } from '#lib/formats/series-index'
import type { WriteAccess } from '#lib/investigation/access'
import type { SeriesRow } from '#lib/investigation/rows'
import { GRAPH } from './recordings.ts'

/** What the story needs of the recording's columns, the first one first on the graph. */
const SHOWN = ['rss', 'heap-committed', 'heap-live', 'failures', 'requests'] as const

/** Attaches the demo's memory graph as an import does, with its times moved so that it begins at `startedAt`. */
export async function attachRecording(access: WriteAccess, startedAt: number): Promise<SeriesRow[]> {
  const text = await readFile(GRAPH.path, 'utf8')
  const read = importSeries(text, GRAPH.fileName, { nowMs: startedAt, zoneMinutes: 0, answers: {} })
  const moved = (t: number) => t + startedAt - GRAPH.startedAt
  const recipe = {
    ...read.recipe,
    fileName: GRAPH.fileName,
    phases: read.phases.map((phase) => ({ ...phase, from: moved(phase.from), to: moved(phase.to) })),
  }
  const shown = SHOWN.flatMap((name) => read.series.find((series) => series.name === name) ?? [])
  return storeSeries(
    access,
    shown.map(({ name, label, unit, samples }) => ({
      name,
      label,
      process: GRAPH.process,
      unit,
      samples: { ...samples, t: samples.t.map(moved) },
      recipe,
    })),
  )
}
