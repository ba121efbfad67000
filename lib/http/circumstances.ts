import { listSeries, loadSamples } from '#lib/db/series'
import type { ReadAccess } from '#lib/investigation/access'
import type { CaptureRow, SeriesRow } from '#lib/investigation/rows'
import type { ComparedCapture } from '#lib/jobs/comparer'
import type { Samples } from '#lib/series/samples'

/** A sample farther away from the moment of a capture says nothing about it. */
const NEAR_MS = 2 * 60_000

/**
 * Captures with what the room knows of the moments at which they were taken: requests, time and process as people gave
 * them, and the process's resident memory out of the room's memory graphs.
 */
export async function withCircumstances(
  access: ReadAccess,
  captures: readonly CaptureRow[],
): Promise<ComparedCapture[]> {
  const graphs = (await listSeries(access)).filter(({ name, unit }) => name === 'rss' && unit === 'bytes')
  return Promise.all(
    captures.map(async (capture) => ({
      capture,
      circumstances: {
        requests: capture.requestCount ?? undefined,
        takenAtMs: capture.takenAt ?? undefined,
        process: capture.process ?? undefined,
        rssBytes: await rssAt(access, capture, graphs),
      },
    })),
  )
}

/** Resident memory of the capture's process when it was taken; undefined when no graph tells. */
async function rssAt(
  access: ReadAccess,
  { takenAt, process }: CaptureRow,
  graphs: readonly SeriesRow[],
): Promise<number | undefined> {
  if (takenAt === null) return undefined
  const own = graphs.filter((graph) => graph.process === process)
  // One graph in the room is the one that is meant, unless names say another process; of several the name has to tell.
  const [only] = graphs.length === 1 ? graphs : []
  const isOther = process !== null && only !== undefined && only.process !== '' && only.process !== process
  const graph = own.length === 1 ? own[0] : isOther ? undefined : only
  if (!graph) return undefined
  return nearest(
    await loadSamples(access, graph.id, { from: takenAt - NEAR_MS, to: takenAt + NEAR_MS }),
    takenAt,
  )
}

function nearest({ t, v }: Samples, at: number): number | undefined {
  let best: number | undefined
  let distance = NEAR_MS
  for (let index = 0; index < t.length; index++) {
    const away = Math.abs(t[index]! - at)
    if (away > distance) continue
    distance = away
    best = v[index]!
  }
  return best
}
