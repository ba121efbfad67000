import { z } from 'zod'
import { listSeries, loadReadingInput, type NewSeries, storeSeries } from '#lib/db/series'
import { loadPoints, type SeriesPoints } from '#lib/db/series-points'
import { UserError } from '#lib/errors/user-error'
import type { ImportContext, ImportedSeries, SeriesImport } from '#lib/formats/series/format'
import type { ImportPreview } from '#lib/formats/series/preview'
import type { ReadAccess, WriteAccess } from '#lib/investigation/access'
import { SeriesId } from '#lib/investigation/ids'
import type { SeriesRow } from '#lib/investigation/rows'
import { readSeriesFile } from '#lib/jobs/series-tasks'
import { readingNode } from '#lib/jobs/shared-node'
import { type GraphReading, readGraph } from '#lib/series/read-graph'
import type { SeriesReading } from '#lib/series/reading'
import { mebibytes } from '#lib/units/quantity'
import { readBody, SMALL_BODY } from './body.ts'
import { parsed, queryOf } from './respond.ts'

/** A million samples of eight columns are about 80 MB. */
const LARGEST_IMPORT = mebibytes(128)
/** Fewer samples than this are judged where the request is answered; more take longer than a room should wait. */
const FEW_SAMPLES = 20_000

const ImportQuery = z.object({
  /** The file's name. */
  name: z.string().max(300).default('pasted'),
  /** Minutes east of UTC where the uploader sits. */
  zone: z.coerce.number().int().min(-840).max(840).default(0),
  /** JSON: answers by question id. */
  answers: z.string().max(20_000).default('{}'),
  /** JSON: keys of the series to store; absent: those that the preview ticks. */
  pick: z.string().max(200_000).optional(),
  confirm: z.enum(['0', '1']).default('0'),
})
const Answers = z.record(z.string().max(300), z.string().max(100))
const Picks = z.array(z.string().max(1000)).max(500)

/** The first call's answer shows what would be stored; with `confirm=1` it is. */
export type ImportAnswer =
  | { readonly state: 'preview'; readonly preview: ImportPreview }
  | { readonly state: 'stored'; readonly series: readonly SeriesRow[] }

/**
 * `POST /api/investigations/:id/series`: the body is the file as it is.
 * @throws UserError request/malformed · upload/too-large · format/* · series/no-samples
 */
export async function importFile(access: WriteAccess, request: Request): Promise<ImportAnswer> {
  const query = parsed(ImportQuery, queryOf(request), 'series import')
  const body = await readBody(request, LARGEST_IMPORT)
  const context: ImportContext = {
    nowMs: Date.now(),
    zoneMinutes: query.zone,
    answers: parsed(Answers, json(query.answers), 'answers'),
  }
  const picks = query.pick === undefined ? undefined : parsed(Picks, json(query.pick), 'pick')
  const want = query.confirm === '0' ? 'preview' : (picks ?? 'suggested')
  const task = { body, fileName: query.name, context, want } as const
  const file = body.length < SMALL_BODY ? readSeriesFile(task) : await readingNode().series.file(task)
  if (file.state === 'preview') return file
  return { state: 'stored', series: await storeImport(access, file.read, { fileName: query.name, picks }) }
}

/**
 * Stores the picked series of a file. What the file does not tell apart by process is told apart by its name, so that
 * two files with an `rss` column stay two series, and the same file again changes nothing.
 */
export async function storeImport(
  access: WriteAccess,
  read: SeriesImport,
  { fileName, picks }: { fileName: string; picks?: readonly string[] | undefined },
): Promise<SeriesRow[]> {
  const chosen = read.series.filter((one) => (picks ? picks.includes(one.key) : one.suggested))
  if (chosen.length === 0) throw new UserError('request/malformed', { where: 'no series was chosen' })
  const stem = fileName.replace(/\.[a-z0-9]{1,5}$/i, '').slice(0, 120)
  const present = await listSeries(access)
  const named = (one: ImportedSeries): NewSeries => {
    const process = one.process || stem
    const isTaken = present.some((row) => row.label === one.label && row.process !== process)
    return {
      name: one.name,
      label: isTaken && one.process === '' ? `${one.label} ${stem}` : one.label,
      process,
      unit: one.unit,
      samples: one.samples,
      recipe: { ...read.recipe, fileName, phases: [...read.phases] },
    }
  }
  return storeSeries(access, chosen.map(named))
}

const EpochMs = z.coerce.number().min(-8.64e15).max(8.64e15).optional()
const PointsQuery = z.object({
  from: EpochMs,
  to: EpochMs,
  width: z.coerce.number().int().min(1).max(4000).default(1000),
})
const ReadingQuery = z.object({ from: EpochMs, to: EpochMs, series: SeriesId.optional() })

/** Times as differences, so that JSON stays short: t[i] = t[i − 1] + dt[i], from 0. */
export interface PointsAnswer extends Omit<SeriesPoints, 'points'> {
  readonly dt: readonly number[]
  readonly v: readonly number[]
}

/** `GET /api/investigations/:id/series/:seriesId/points?from&to&width`. @throws UserError request/not-found */
export async function answerPoints(
  access: ReadAccess,
  seriesId: string,
  request: Request,
): Promise<PointsAnswer> {
  const id = SeriesId.safeParse(seriesId)
  if (!id.success) throw new UserError('request/not-found', { what: 'memory graph' })
  const query = parsed(PointsQuery, queryOf(request), 'points')
  const { points, ...rest } = await loadPoints(access, id.data, query)
  const dt = Array.from(points.t, (at, i) => (i === 0 ? at : at - points.t[i - 1]!))
  return { ...rest, dt, v: Array.from(points.v) }
}

/** `reading` is null when there is no memory series yet. */
export interface ReadingAnswer {
  readonly seriesId: SeriesId | null
  readonly label: string
  readonly reading: SeriesReading | null
  /** What a thousand requests (or whatever `counter` says) cost; null when nothing grows or nothing is counted. */
  readonly perThousand: (NonNullable<GraphReading['perThousand']> & { readonly counter: string }) | null
}

/** `GET /api/investigations/:id/series/reading?from&to&series`. @throws UserError request/not-found */
export async function answerReading(access: ReadAccess, request: Request): Promise<ReadingAnswer> {
  const { from, to, series } = parsed(ReadingQuery, queryOf(request), 'reading')
  const input = await loadReadingInput(access, { from, to, seriesId: series })
  if (!input) return { seriesId: null, label: '', reading: null, perThousand: null }
  const { seriesId, version, label, samples, question, work } = input
  const key = `${seriesId} ${version} ${work?.seriesId} ${work?.version} ${from} ${to}`
  const counter = work?.samples ?? null
  const isFew = samples.t.length + (counter?.t.length ?? 0) < FEW_SAMPLES
  const graph = isFew
    ? readGraph(samples, question, counter)
    : await readingNode().series.graph(key, samples, question, counter)
  const perThousand = graph.perThousand && work ? { ...graph.perThousand, counter: work.label } : null
  return { seriesId, label, reading: graph.reading, perThousand }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
