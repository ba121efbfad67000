import { z } from 'zod'
import {
  listSeries,
  loadPoints,
  loadReading,
  type NewSeries,
  type SeriesPoints,
  storeSeries,
} from '#lib/db/series'
import { UserError } from '#lib/errors/user-error'
import type { ImportContext, ImportedSeries, SeriesImport } from '#lib/formats/series/format'
import { type ImportPreview, previewOf } from '#lib/formats/series/preview'
import { importSeries, SERIES_FORMATS } from '#lib/formats/series-index'
import type { ReadAccess, WriteAccess } from '#lib/investigation/access'
import { SeriesId } from '#lib/investigation/ids'
import type { SeriesRow } from '#lib/investigation/rows'
import type { SeriesReading } from '#lib/series/reading'
import { mebibytes } from '#lib/units/quantity'
import { readBody } from './body.ts'
import { parsed, queryOf } from './respond.ts'

/** A million samples of eight columns are about 80 MB. */
const LARGEST_IMPORT = mebibytes(128)

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
  const text = textOf(await readBody(request, LARGEST_IMPORT))
  const context: ImportContext = {
    nowMs: Date.now(),
    zoneMinutes: query.zone,
    answers: parsed(Answers, json(query.answers), 'answers'),
  }
  const read = importSeries(text, query.name, context)
  if (query.confirm === '0') {
    const label = SERIES_FORMATS.find((format) => format.id === read.format)?.label ?? read.format
    return { state: 'preview', preview: previewOf(read, label) }
  }
  const picks = query.pick === undefined ? undefined : parsed(Picks, json(query.pick), 'pick')
  return { state: 'stored', series: await storeImport(access, read, { fileName: query.name, picks }) }
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
}

/** `GET /api/investigations/:id/series/reading?from&to&series`. @throws UserError request/not-found */
export async function answerReading(access: ReadAccess, request: Request): Promise<ReadingAnswer> {
  const { from, to, series } = parsed(ReadingQuery, queryOf(request), 'reading')
  const found = await loadReading(access, { from, to, seriesId: series })
  return found ?? { seriesId: null, label: '', reading: null }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** UTF-8, or UTF-16 when its byte order mark says so (spreadsheets save it). */
function textOf(body: Uint8Array): string {
  const mark = (body[0] ?? 0) * 256 + (body[1] ?? 0)
  const encoding = mark === 0xfffe ? 'utf-16le' : mark === 0xfeff ? 'utf-16be' : 'utf-8'
  return new TextDecoder(encoding).decode(body)
}
