import { UserError } from '#lib/errors/user-error'
import type { ReadAccess } from '#lib/investigation/access'
import type { SeriesId } from '#lib/investigation/ids'
import { POINTS_PER_PIXEL, stepFor, stepStart, thinned, withEnds } from '#lib/series/downsample'
import type { Gap } from '#lib/series/gaps'
import { breaksOf, COARSE_SAMPLES, FINE_SAMPLES, levelStep, type Outline } from '#lib/series/outline'
import type { Phase } from '#lib/series/reading'
import type { Restart } from '#lib/series/restarts'
import { joinedSamples, type Samples, samplesBetween } from '#lib/series/samples'
import { database, db } from './client.ts'
import { phasesOf, type SampleRange } from './series.ts'
import { type ChunkCache, chunkCache, chunkKey } from './series-cache.ts'
import { columnOf, type ListedChunk, listChunks, readListed, whileTheyLast } from './series-chunks.ts'
import { decodeSamples } from './series-codec.ts'
import {
  type ChunkSketch,
  MOST_WITHOUT_LEVELS,
  type PackedLevels,
  packLevels,
  sketchOf,
  unpackSketch,
} from './series-levels.ts'

/** What a graph draws of one series. */
export interface SeriesPoints {
  readonly points: Samples
  /** Milliseconds of which `points` has the lowest and the highest sample each; 0: every sample of the range is there. */
  readonly step: number
  readonly restarts: readonly Restart[]
  /** The process of the newest sample that names one, to tell live restarts by; 0: none does. Null where restarts are not drawn. */
  readonly pid: number | null
  readonly gaps: readonly Gap[]
  readonly phases: readonly Phase[]
  /** Samples that are stored of the whole series, as of this answer or a moment before. */
  readonly stored: number
}

/** A graph is not helped by more lines than this. */
const MOST_LINES = 500
const EVER = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }

/**
 * What a graph `width` pixels wide draws of a range: all samples where they are few, else the lowest and the highest of
 * every step of at most a pixel, from the beginning of the first step to the end of the last one; and where the line of the
 * whole series has to break. Read from as few numbers as will do (lib/series/outline.ts), which changes nothing in the answer.
 * bench/README.md, "Memory graphs", has the times.
 * @throws UserError request/not-found
 */
export async function loadPoints(
  { investigationId }: ReadAccess,
  seriesId: SeriesId,
  { width, ...range }: SampleRange & { readonly width: number },
): Promise<SeriesPoints> {
  const row = await db().series.findFirst({ where: { id: seriesId, investigationId } })
  if (!row) throw new UserError('request/not-found', { what: 'memory graph' })
  const cache = chunkCache()
  const { drawn, restarts, gaps, pid } = await cache.inTurn(seriesId, () =>
    whileTheyLast(seriesId, async () => {
      const listed = await listChunks(seriesId, EVER)
      const sketches = await sketchesOf(cache, seriesId, listed)
      const chunks = sketches?.map((sketch, i) => ({ ...sketch, ...listed[i]! }))
      const found = chunks && (await draw(cache, seriesId, chunks, { ...range, width }))
      const outlines = chunks?.map(({ outline }) => outline) ?? []
      const pid = outlines.findLast(({ pids }) => pids !== null)?.pids?.last ?? 0
      return found && { drawn: found, pid, ...breaksOf(outlines) }
    }),
  )
  const { points, step } = drawn
  const first = (range.from ?? points.t[0] ?? 0) - step
  const last = (range.to ?? points.t[points.t.length - 1] ?? 0) + step
  return {
    points,
    step,
    restarts:
      row.unit === 'bytes' ? restarts.filter(({ at }) => at >= first && at <= last).slice(-MOST_LINES) : [],
    pid: row.unit === 'bytes' ? pid : null,
    gaps: gaps.filter((gap) => gap.to >= first && gap.from <= last).slice(-MOST_LINES),
    phases: phasesOf(row),
    stored: row.points,
  }
}

type Chunk = ListedChunk & ChunkSketch

/** The points of the range and their step; undefined when a chunk is gone by now. */
async function draw(
  cache: ChunkCache,
  seriesId: string,
  chunks: readonly Chunk[],
  { from, to, width }: SampleRange & { readonly width: number },
): Promise<{ points: Samples; step: number } | undefined> {
  const newest = chunks[chunks.length - 1]?.outline
  const oldest = chunks[0]?.outline
  const asked = {
    from: Math.max(from ?? Number.NEGATIVE_INFINITY, oldest?.from ?? 0),
    to: Math.min(to ?? Number.POSITIVE_INFINITY, newest?.to ?? 0),
  }
  const step = stepFor(asked.to - asked.from, width)
  const whole = { from: stepStart(asked.from, step), to: stepStart(asked.to, step) + step - 1 }
  const touched = chunks.filter(({ outline }) => outline.to >= whole.from && outline.from <= whole.to)
  const parts = await partsOf(cache, seriesId, touched, step)
  if (!parts) return undefined
  const isRaw = touched.every(({ outline }) => levelFor(outline, step) === 'samples')
  if (isRaw) {
    const points = joinedSamples(parts.map((part) => samplesBetween(part, asked.from, asked.to)))
    if (points.t.length <= POINTS_PER_PIXEL * width) return { points: { t: points.t, v: points.v }, step: 0 }
  }
  const within = joinedSamples(parts.map(({ t, v }) => samplesBetween({ t, v }, whole.from, whole.to)))
  return {
    points: withEnds(thinned(within, step), endOf(oldest, whole, 'first'), endOf(newest, whole, 'last')),
    step,
  }
}

/** The series' own first or last sample, if it lies in the range. */
function endOf(
  outline: Outline | undefined,
  { from, to }: { from: number; to: number },
  which: 'first' | 'last',
) {
  const strip = which === 'first' ? outline?.head : outline?.tail
  const [t, v] = [strip?.t, strip?.v].map((column) => column?.at(which === 'first' ? 0 : -1))
  return t !== undefined && v !== undefined && t >= from && t <= to ? { t, v } : undefined
}

/** The least of a chunk that has the lowest and the highest sample of every step. */
function levelFor(outline: Outline, step: number): 'coarse' | 'fine' | 'samples' {
  if (outline.points <= MOST_WITHOUT_LEVELS || step < levelStep(outline, FINE_SAMPLES)) return 'samples'
  return step < levelStep(outline, COARSE_SAMPLES) ? 'fine' : 'coarse'
}

/** Of every chunk what the step needs, in their order; undefined when one of them is gone by now. */
async function partsOf(
  cache: ChunkCache,
  seriesId: string,
  chunks: readonly Chunk[],
  step: number,
): Promise<Samples[] | undefined> {
  const levels = chunks.map(({ outline }) => levelFor(outline, step))
  const inLevel = (level: 'fine' | 'samples') => chunks.filter((_, i) => levels[i] === level)
  const fine = await readFine(cache, seriesId, inLevel('fine'))
  const samples = await readListed(cache, seriesId, inLevel('samples'))
  if (!fine || !samples) return undefined
  const nextOf = { fine: fine.values(), samples: samples.values(), coarse: undefined }
  return chunks.map((chunk, i) => nextOf[levels[i]!]?.next().value ?? chunk.coarse)
}

async function readFine(
  cache: ChunkCache,
  seriesId: string,
  chunks: readonly ListedChunk[],
): Promise<Samples[] | undefined> {
  const keyOf = ({ seq, points }: ListedChunk) => chunkKey(seriesId, seq, points)
  const found = chunks.map((chunk) => cache.fine.get(keyOf(chunk)))
  const missing = chunks.filter((_, i) => !found[i])
  if (missing.length > 0) {
    const bySeq = await columnOf(
      'fine',
      seriesId,
      missing.map(({ seq }) => seq),
    )
    const unpack = async (chunk: ListedChunk, i: number) => {
      const stored = bySeq.get(chunk.seq)
      if (found[i] || !stored) return
      found[i] = await decodeSamples(stored)
      cache.fine.put(keyOf(chunk), found[i])
    }
    await Promise.all(chunks.map(unpack))
  }
  const whole = found.filter((samples) => samples !== undefined)
  return whole.length === found.length ? whole : undefined
}

/** The sketches of chunks, made and stored where they are not there yet; undefined when a chunk is gone by now. */
async function sketchesOf(
  cache: ChunkCache,
  seriesId: string,
  listed: readonly ListedChunk[],
): Promise<ChunkSketch[] | undefined> {
  const keyOf = ({ seq, points }: ListedChunk) => chunkKey(seriesId, seq, points)
  const known = new Map<bigint, ChunkSketch>()
  const keep = (chunk: ListedChunk, { outline, coarse }: ChunkSketch) => {
    known.set(chunk.seq, { outline, coarse })
    // A chunk that grew meanwhile is kept under what it holds now.
    cache.sketches.put(keyOf({ ...chunk, points: outline.points }), { outline, coarse })
  }
  for (const chunk of listed) {
    const kept = cache.sketches.get(keyOf(chunk))
    if (kept) known.set(chunk.seq, kept)
  }
  const stored = listed.filter(({ seq, points }) => !known.has(seq) && points > MOST_WITHOUT_LEVELS)
  if (stored.length > 0) {
    const bySeq = await columnOf(
      'outline',
      seriesId,
      stored.map(({ seq }) => seq),
    )
    const unpack = async (chunk: ListedChunk) => {
      const bytes = bySeq.get(chunk.seq)
      const sketch = bytes && (await unpackSketch(bytes))
      if (sketch) keep(chunk, sketch)
    }
    await Promise.all(stored.map(unpack))
  }
  const unsketched = listed.filter(({ seq }) => !known.has(seq))
  const samples = await readListed(cache, seriesId, unsketched)
  if (!samples) return undefined
  for (const [i, chunk] of unsketched.entries()) {
    const sketch = sketchOf(samples[i]!)
    keep(chunk, sketch)
    if (chunk.points > MOST_WITHOUT_LEVELS) await storeLevels(seriesId, chunk, await packLevels(sketch))
  }
  return listed.map(({ seq }) => known.get(seq)!)
}

/** Chunks that were stored before there were levels get theirs when they are first shown. */
async function storeLevels(
  seriesId: string,
  { seq, points }: ListedChunk,
  { outline, fine }: PackedLevels,
): Promise<void> {
  await database().pool.query(
    'update series_chunk set outline = $4, fine = $5 where series_id = $1 and seq = $2 and points = $3',
    [seriesId, String(seq), points, Buffer.from(outline), Buffer.from(fine)],
  )
}
