import { z } from 'zod'
import { UserError } from '#lib/errors/user-error'
import type { ReadAccess, WriteAccess } from '#lib/investigation/access'
import type { InvestigationId, SeriesId } from '#lib/investigation/ids'
import { LimitKind, type SeriesRow, type SeriesUnit } from '#lib/investigation/rows'
import { type ReadingQuestion, readSeries } from '#lib/series/read-series'
import type { Phase, SeriesReading } from '#lib/series/reading'
import type { Samples } from '#lib/series/samples'
import type { Prisma } from '#prisma/generated/client'
import { db } from './client.ts'
import { type Emit, inRoom, type Tx } from './events.ts'
import { presentSeries } from './presenters.ts'
import { chunkCache } from './series-cache.ts'
import { type PackedChunk, packChunks, readChunks, writeChunks } from './series-chunks.ts'
import { countersBeside, type WorkCounter } from './series-counters.ts'
import { wholeSamples } from './series-live.ts'

/** What tells one series of an investigation from another, and how it is called. */
export interface SeriesIdentity {
  /** rss, heap-live, requests, … (lib/formats/series/quantities.ts). */
  readonly name: string
  readonly label: string
  /** Which process; '' when there is only one. */
  readonly process: string
  readonly unit: SeriesUnit
}

/** A series as it is to be stored: identity, samples in any order, and how they were read. */
export interface NewSeries extends SeriesIdentity {
  readonly samples: Samples
  /** How the file was read, with the phases that it names. Plain JSON. */
  readonly recipe?: SeriesFacts
}

const PhaseSchema = z.object({ label: z.string(), from: z.number(), to: z.number() })
/** The `recipe` column: how to read the next file of the kind, and what the file said beside its numbers. */
const SeriesFacts = z.object({
  format: z.string(),
  answers: z.record(z.string(), z.string()).default({}),
  fileName: z.string().optional(),
  phases: z.array(PhaseSchema).default([]),
})
export type SeriesFacts = z.input<typeof SeriesFacts>

/**
 * Stores series that were read from a file. One that exists already (same name and process, from a file) gets the new
 * samples merged in. One transaction: all or none. Writes `series:added` or `series:changed` for each.
 */
export async function storeSeries(access: WriteAccess, list: readonly NewSeries[]): Promise<SeriesRow[]> {
  // Packed before the room is locked: a file of several million samples takes seconds.
  const ready: { series: NewSeries; packed: PackedChunk[] }[] = []
  for (const one of list) {
    const series = { ...one, samples: wholeSamples(one.samples) }
    ready.push({ series, packed: await packChunks(series.samples) })
  }
  return inRoom(access, async (tx, emit) => {
    const stored: SeriesRow[] = []
    for (const { series, packed } of ready) {
      stored.push(await write(tx, access, series, { packed, emit }))
    }
    return stored
  })
}

/** `series.samples` are whole. */
async function write(
  tx: Tx,
  access: WriteAccess,
  series: NewSeries,
  { packed, emit }: { packed: readonly PackedChunk[]; emit: Emit },
): Promise<SeriesRow> {
  const { investigationId, actor } = access
  const { name, label, process, unit, recipe, samples } = series
  const createdBy = actor.kind === 'person' ? actor.userId : `token:${actor.tokenId}`
  const facts = recipe && SeriesFacts.parse(recipe)
  // Creates the row or takes its lock.
  const before = await tx.series.upsert({
    where: { investigationId_name_process_source: { investigationId, name, process, source: 'file' } },
    create: {
      investigationId,
      name,
      label,
      process,
      unit,
      source: 'file',
      createdBy,
      ...(facts ? { recipe: facts } : {}),
    },
    update: { version: { increment: 1 }, ...(facts ? { recipe: facts } : {}) },
  })
  const accepted = samples.t.length === 0 ? 0 : await writeChunks(tx, before.id, samples, packed)
  const row = await tx.series.update({
    where: { id: before.id },
    data: { points: before.points + accepted, ...extent(before, samples.t) },
  })
  const shown = presentSeries(row)
  const isNew = before.version === 1
  await emit(isNew ? 'series:added' : 'series:changed', { series: shown })
  return shown
}

function extent(before: Prisma.SeriesGetPayload<object>, t: Float64Array): { fromAt?: Date; toAt?: Date } {
  if (t.length === 0) return {}
  const from = Math.min(t[0]!, before.fromAt?.getTime() ?? Number.POSITIVE_INFINITY)
  const to = Math.max(t[t.length - 1]!, before.toAt?.getTime() ?? Number.NEGATIVE_INFINITY)
  return { fromAt: new Date(from), toAt: new Date(to) }
}

/** All series of the investigation, oldest first. */
export async function listSeries({ investigationId }: ReadAccess): Promise<SeriesRow[]> {
  const rows = await db().series.findMany({ where: { investigationId }, orderBy: { createdAt: 'asc' } })
  return rows.map(presentSeries)
}

/** A closed range of time, epoch milliseconds; without an end, to the end of the series. */
export interface SampleRange {
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** All samples of a range, for exports and tests. @throws UserError request/not-found */
export async function loadSamples(
  access: ReadAccess,
  seriesId: SeriesId,
  range: SampleRange = {},
): Promise<Samples> {
  return (await load(access, seriesId, range)).samples
}

/** The same for the node's own work: only what was begun with an access may be carried on with this. */
export async function loadSamplesAsNode(
  investigationId: InvestigationId,
  seriesId: SeriesId,
  range: SampleRange = {},
): Promise<Samples> {
  return (await load({ investigationId }, seriesId, range)).samples
}

/** Bytes of memory in the newest sample of a graph, the room's first one where none is named; null without samples. */
export async function loadLevel(access: ReadAccess, seriesId: SeriesId | null): Promise<number | null> {
  const id = seriesId ?? (await mainSeries(access.investigationId))
  if (!id) return null
  const row = await db().series.findFirst({ where: { id, investigationId: access.investigationId } })
  if (!row?.toAt || row.unit !== 'bytes') return null
  const { v } = await loadSamples(access, id, { from: row.toAt.getTime() })
  return v[v.length - 1] ?? null
}

/** What a reading is made of (lib/series/read-series.ts). */
export interface ReadingInput {
  readonly seriesId: SeriesId
  /** Of the row when the samples were read, or a moment before. */
  readonly version: number
  readonly label: string
  readonly samples: Samples
  readonly question: ReadingQuestion
  /** What counts the work of the same process, over the same range; null when nothing does. */
  readonly work: WorkCounter | null
}

/**
 * The first reading of a range, against the investigation's limit lines. Without `seriesId`, of the first memory series
 * (rss before others). Null when there is none. Computed here and now: for requests see lib/http/series.ts.
 * @throws UserError request/not-found
 */
export async function loadReading(
  access: ReadAccess,
  range: SampleRange & { readonly seriesId?: SeriesId | undefined },
): Promise<{ seriesId: SeriesId; label: string; reading: SeriesReading } | null> {
  const input = await loadReadingInput(access, range)
  if (!input) return null
  const { seriesId, label, samples, question } = input
  return { seriesId, label, reading: readSeries(samples, question) }
}

/** The same without the computing. @throws UserError request/not-found */
export async function loadReadingInput(
  access: ReadAccess,
  range: SampleRange & { readonly seriesId?: SeriesId | undefined },
): Promise<ReadingInput | null> {
  return loadReadingInputAsNode(access.investigationId, range)
}

/** The same for the node's own work: only what was begun with an access may be carried on with this. */
export async function loadReadingInputAsNode(
  investigationId: InvestigationId,
  range: SampleRange & { readonly seriesId?: SeriesId | undefined },
): Promise<ReadingInput | null> {
  const seriesId = range.seriesId ?? (await mainSeries(investigationId))
  if (!seriesId) return null
  const { samples, row, phases } = await load({ investigationId }, seriesId, range)
  if (row.unit !== 'bytes') return null
  const { work, restarts } = await countersBeside(row, async (id) => {
    return (await load({ investigationId }, id, range)).samples
  })
  const limits = await db().limitLine.findMany({ where: { investigationId } })
  const marks = await db().mark.findMany({
    where: { investigationId },
    orderBy: [{ at: 'asc' }, { id: 'asc' }],
  })
  const question: ReadingQuestion = {
    measure: row.name,
    phases,
    limits: limits.map(({ kind, label, bytes }) => ({
      label,
      bytes: Number(bytes),
      kind: LimitKind.safeParse(kind).data ?? 'custom',
    })),
    marks: marks.flatMap(({ kind, at }) =>
      kind === 'restart' || kind === 'crash' || kind === 'deploy' ? [{ kind, at: at.getTime() }] : [],
    ),
    ...(restarts.length > 0 && { counterFalls: restarts }),
  }
  return { seriesId, version: row.version, label: row.label, samples, question, work }
}

/**
 * The series that speaks for the investigation: RSS if there is one, else the memory series with most points. Runs of
 * experiments speak for themselves, as long as there is anything else.
 */
async function mainSeries(investigationId: InvestigationId): Promise<SeriesId | undefined> {
  const rows = await db().series.findMany({
    where: { investigationId, unit: 'bytes' },
    orderBy: [{ points: 'desc' }, { createdAt: 'asc' }],
  })
  const runs = await db().experimentRun.findMany({
    where: { experiment: { investigationId }, process: { not: null }, heardAt: { not: null } },
    select: { process: true },
  })
  const ofRuns = new Set(runs.map(({ process }) => process))
  const others = rows.filter(({ process }) => !ofRuns.has(process))
  const chosen = others.length > 0 ? others : rows
  const row = chosen.find((candidate) => candidate.name === 'rss') ?? chosen[0]
  return row && presentSeries(row).id
}

async function load(
  { investigationId }: Pick<ReadAccess, 'investigationId'>,
  seriesId: SeriesId,
  { from, to }: SampleRange,
) {
  const row = await db().series.findFirst({ where: { id: seriesId, investigationId } })
  if (!row) throw new UserError('request/not-found', { what: 'memory graph' })
  const samples = await readChunks(chunkCache(), seriesId, {
    from: from ?? Number.NEGATIVE_INFINITY,
    to: to ?? Number.POSITIVE_INFINITY,
  })
  return { samples, row, phases: phasesOf(row) }
}

/** The phases that a series' file named. */
export function phasesOf({ recipe }: { readonly recipe: unknown }): readonly Phase[] {
  const facts = SeriesFacts.safeParse(recipe)
  return facts.success ? facts.data.phases : []
}
