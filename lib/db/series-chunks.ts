import { joinedSamples, mergedSamples, type Samples, samplesBetween, sliceSamples } from '#lib/series/samples'
import { database } from './client.ts'
import type { Tx } from './events.ts'
import { type ChunkCache, chunkKey } from './series-cache.ts'
import { decodeSamples, encodeSamples } from './series-codec.ts'
import { MOST_WITHOUT_LEVELS, packLevels, sketchOf } from './series-levels.ts'

/** Samples of a stored chunk at most. A chunk of this size is unpacked in about 1 ms. */
const CHUNK_SAMPLES = 65_536
/** A live series' last chunk is rewritten with each batch until it holds this many; then it joins the one before. */
export const TAIL_SAMPLES = MOST_WITHOUT_LEVELS

/** Samples in the form that a chunk is stored in. */
export interface PackedChunk {
  readonly fromMs: bigint
  readonly toMs: bigint
  readonly points: number
  readonly payload: Uint8Array<ArrayBuffer>
  /** What graphs are drawn from (lib/db/series-levels.ts); null for few samples. */
  readonly outline: Uint8Array<ArrayBuffer> | null
  readonly fine: Uint8Array<ArrayBuffer> | null
}

/** Packs clean samples, chunk by chunk, so that a transaction need not wait for it. About 15 ms a chunk. */
export async function packChunks(samples: Samples): Promise<PackedChunk[]> {
  const packed: PackedChunk[] = []
  const count = Math.ceil(samples.t.length / CHUNK_SAMPLES)
  // Chunks of about the same length: one late sample must not leave a chunk of its own behind.
  const startOf = (chunk: number) => Math.ceil((chunk / count) * samples.t.length)
  for (let chunk = 0; chunk < count; chunk++)
    packed.push(await packChunk(sliceSamples(samples, startOf(chunk), startOf(chunk + 1))))
  return packed
}

async function packChunk(part: Samples): Promise<PackedChunk> {
  const hasLevels = part.t.length > MOST_WITHOUT_LEVELS
  const levels = hasLevels ? await packLevels(sketchOf(part)) : { outline: null, fine: null }
  return {
    fromMs: BigInt(part.t[0]!),
    toMs: BigInt(part.t[part.t.length - 1]!),
    points: part.t.length,
    payload: await encodeSamples(part),
    ...levels,
  }
}

/**
 * Adds samples to a series' chunks. Chunks never overlap in time: samples that fall among older ones are merged into
 * the chunks that they touch, and where both have a moment the new one wins, so that a repeated delivery changes
 * nothing. Call it under the series' row lock. `samples` are clean and not empty.
 *
 * A chunk with one sequence number and one count of points never changes: its number is not given again, and only the
 * last chunk grows, by later samples (lib/db/series-cache.ts relies on it).
 *
 * @param packed `packChunks(samples)`, made before the transaction; used when nothing older has to be merged
 * Returns how many moments are new.
 */
export async function writeChunks(
  tx: Tx,
  seriesId: string,
  samples: Samples,
  packed?: readonly PackedChunk[],
): Promise<number> {
  const first = samples.t[0]!
  const last = samples.t[samples.t.length - 1]!
  const [tail, before] = await tx.seriesChunk.findMany({
    where: { seriesId },
    orderBy: { toMs: 'desc' },
    take: 2,
    select: { seq: true, points: true, toMs: true },
  })
  if (tail && first <= Number(tail.toMs)) return mergeInto(tx, seriesId, samples, { first, last })

  if (tail && tail.points + samples.t.length <= TAIL_SAMPLES) {
    const [older] = await samplesOf(tx, seriesId, [tail.seq])
    const together = mergedSamples(older!, samples)
    await tx.seriesChunk.update({
      where: { seriesId_seq: { seriesId, seq: tail.seq } },
      data: { toMs: BigInt(last), points: together.t.length, payload: await encodeSamples(together) },
    })
    return samples.t.length
  }
  const chunks = packed ?? (await packChunks(samples))
  const newest = await newestSeq(tx, seriesId)
  if (tail && before && before.points + tail.points <= CHUNK_SAMPLES) {
    // The full tail joins the chunk before it: weeks of live samples are hundreds of chunks, not thousands.
    const seqs = [before.seq, tail.seq]
    const together = await packChunk(joinedSamples(await samplesOf(tx, seriesId, seqs)))
    await tx.seriesChunk.deleteMany({ where: { seriesId, seq: { in: seqs } } })
    await insertChunks(tx, seriesId, [together, ...chunks], newest)
  } else await insertChunks(tx, seriesId, chunks, newest)
  return samples.t.length
}

/** Unpacked chunks, in order of time. */
async function samplesOf(tx: Tx, seriesId: string, seqs: readonly bigint[]): Promise<Samples[]> {
  const chunks = await tx.seriesChunk.findMany({
    where: { seriesId, seq: { in: [...seqs] } },
    orderBy: { fromMs: 'asc' },
    select: { payload: true },
  })
  return Promise.all(chunks.map(({ payload }) => decodeSamples(payload)))
}

async function mergeInto(
  tx: Tx,
  seriesId: string,
  samples: Samples,
  { first, last }: { first: number; last: number },
): Promise<number> {
  const touched = await tx.seriesChunk.findMany({
    where: { seriesId, fromMs: { lte: BigInt(last) }, toMs: { gte: BigInt(first) } },
    orderBy: { fromMs: 'asc' },
    select: { seq: true },
  })
  const seqs = touched.map(({ seq }) => seq)
  const before = joinedSamples(await samplesOf(tx, seriesId, seqs))
  const together = mergedSamples(before, samples)
  const packed = await packChunks(together)
  // Before the old ones go: their numbers are not given again.
  const newest = await newestSeq(tx, seriesId)
  await tx.seriesChunk.deleteMany({ where: { seriesId, seq: { in: seqs } } })
  await insertChunks(tx, seriesId, packed, newest)
  return together.t.length - before.t.length
}

async function newestSeq(tx: Tx, seriesId: string): Promise<bigint> {
  const newest = await tx.seriesChunk.aggregate({ where: { seriesId }, _max: { seq: true } })
  return newest._max.seq ?? 0n
}

async function insertChunks(
  tx: Tx,
  seriesId: string,
  chunks: readonly PackedChunk[],
  newest: bigint,
): Promise<void> {
  let seq = newest
  for (const chunk of chunks) {
    seq += 1n
    await tx.seriesChunk.create({ data: { seriesId, seq, ...chunk } })
  }
}

/** A chunk may be merged away between the list and the reading; then the list is taken anew. */
const ATTEMPTS = 5

/** A chunk as it stands in the list. */
export interface ListedChunk {
  readonly seq: bigint
  readonly points: number
}

/** Chunks that may be gone by the time they are read: then the whole is tried again. */
export async function whileTheyLast<T>(seriesId: string, read: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await read()
    if (found !== undefined) return found
  }
  throw new Error(`series ${seriesId} changed faster than it could be read`)
}

/** The chunks that touch the closed range, in order of time. */
export async function listChunks(
  seriesId: string,
  { from, to }: { from: number; to: number },
): Promise<ListedChunk[]> {
  const { rows } = await database().pool.query<{ seq: string; points: number }>(
    `select seq, points from series_chunk where series_id = $1 and from_ms <= $2 and to_ms >= $3 order by from_ms`,
    [seriesId, String(clamped(to)), String(clamped(from))],
  )
  return rows.map(({ seq, points }) => ({ seq: BigInt(seq), points }))
}

/**
 * The samples of the closed range [from, to], clean. Chunks that were read before come from the cache; the others are
 * unpacked by zlib's threads. bench/README.md, "Memory graphs", has the times.
 */
export async function readChunks(
  cache: ChunkCache,
  seriesId: string,
  range: { from: number; to: number },
): Promise<Samples> {
  // One after the other for a series: who opens the room with forty others finds what the first of them unpacked.
  return cache.inTurn(seriesId, () =>
    whileTheyLast(seriesId, async () => {
      const parts = await readListed(cache, seriesId, await listChunks(seriesId, range))
      return parts && joinedSamples(parts.map((part) => samplesBetween(part, range.from, range.to)))
    }),
  )
}

/** The samples of these chunks; undefined when one of them is gone by now. Call it in the series' turn. */
export async function readListed(
  cache: ChunkCache,
  seriesId: string,
  listed: readonly ListedChunk[],
): Promise<Samples[] | undefined> {
  const found = listed.map(({ seq, points }) => cache.samples.get(chunkKey(seriesId, seq, points)))
  const missing = listed.filter((_, i) => !found[i]).map(({ seq }) => seq)
  if (missing.length > 0) {
    const bySeq = await columnOf('payload', seriesId, missing)
    const unpack = async (i: number) => {
      const { seq } = listed[i]!
      const payload = bySeq.get(seq)
      if (!payload) return
      const samples = await decodeSamples(payload)
      found[i] = samples
      cache.samples.put(chunkKey(seriesId, seq, samples.t.length), samples)
    }
    await Promise.all(listed.flatMap((_, i) => (found[i] ? [] : [unpack(i)])))
  }
  const whole = found.filter((samples) => samples !== undefined)
  return whole.length === found.length ? whole : undefined
}

/** By sequence number, where it is not null. Asked without Prisma, which takes several times as long for many bytes. */
export async function columnOf(
  column: 'payload' | 'outline' | 'fine',
  seriesId: string,
  seqs: readonly bigint[],
): Promise<Map<bigint, Uint8Array>> {
  const { rows } = await database().pool.query<{ seq: string; bytes: Buffer | null }>(
    `select seq, ${column} as bytes from series_chunk where series_id = $1 and seq = any($2::bigint[])`,
    [seriesId, seqs.map(String)],
  )
  return new Map(rows.flatMap(({ seq, bytes }) => (bytes ? [[BigInt(seq), bytes]] : [])))
}

/** JavaScript's own largest time; infinities become it. */
const LATEST_MS = 8.64e15
const clamped = (ms: number): bigint => BigInt(Math.round(Math.min(LATEST_MS, Math.max(-LATEST_MS, ms))))
