import { joinedSamples, mergedSamples, type Samples, samplesBetween, sliceSamples } from '#lib/series/samples'
import { database } from './client.ts'
import type { Tx } from './events.ts'
import { type ChunkCache, chunkKey } from './series-cache.ts'
import { decodeSamples, encodeSamples } from './series-codec.ts'

/** Samples of a stored chunk. A chunk of this size is unpacked in about 2 ms. */
const CHUNK_SAMPLES = 65_536
/** A live series' last chunk is rewritten until it holds this many: no small chunks pile up. */
const TAIL_SAMPLES = 4_096

/** Samples in the form that a chunk is stored in. */
export interface PackedChunk {
  readonly fromMs: bigint
  readonly toMs: bigint
  readonly points: number
  readonly payload: Uint8Array<ArrayBuffer>
}

/** Packs clean samples, chunk by chunk, so that a transaction need not wait for it. About 6 ms a chunk. */
export async function packChunks(samples: Samples): Promise<PackedChunk[]> {
  const packed: PackedChunk[] = []
  for (let start = 0; start < samples.t.length; start += CHUNK_SAMPLES) {
    const part = sliceSamples(samples, start, Math.min(samples.t.length, start + CHUNK_SAMPLES))
    packed.push({
      fromMs: BigInt(part.t[0]!),
      toMs: BigInt(part.t[part.t.length - 1]!),
      points: part.t.length,
      payload: await encodeSamples(part),
    })
  }
  return packed
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
  const tail = await tx.seriesChunk.findFirst({ where: { seriesId }, orderBy: { toMs: 'desc' } })
  if (tail && first <= Number(tail.toMs)) return mergeInto(tx, seriesId, samples, { first, last })

  if (tail && tail.points + samples.t.length <= TAIL_SAMPLES) {
    const together = mergedSamples(await decodeSamples(tail.payload), samples)
    await tx.seriesChunk.update({
      where: { seriesId_seq: { seriesId, seq: tail.seq } },
      data: { toMs: BigInt(last), points: together.t.length, payload: await encodeSamples(together) },
    })
  } else
    await insertChunks(tx, seriesId, packed ?? (await packChunks(samples)), await newestSeq(tx, seriesId))
  return samples.t.length
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
  })
  const before = joinedSamples(await Promise.all(touched.map((chunk) => decodeSamples(chunk.payload))))
  const together = mergedSamples(before, samples)
  const packed = await packChunks(together)
  // Before the old ones go: their numbers are not given again.
  const newest = await newestSeq(tx, seriesId)
  await tx.seriesChunk.deleteMany({ where: { seriesId, seq: { in: touched.map((chunk) => chunk.seq) } } })
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

type Reader = Pick<Tx, 'seriesChunk'>
/** A chunk may be merged away between the list and the reading; then the list is taken anew. */
const ATTEMPTS = 5

/**
 * The samples of the closed range [from, to], clean. Chunks that were read before come from the cache; the others are
 * unpacked by zlib's threads. bench/README.md, "Memory graphs", has the times.
 */
export async function readChunks(
  tx: Reader,
  cache: ChunkCache,
  seriesId: string,
  { from, to }: { from: number; to: number },
): Promise<Samples> {
  // One after the other for a series: who opens the room with forty others finds what the first of them unpacked.
  return cache.inTurn(seriesId, async () => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const parts = await chunksOf(tx, cache, seriesId, { from, to })
      if (parts) return joinedSamples(parts.map((part) => samplesBetween(part, from, to)))
    }
    throw new Error(`series ${seriesId} changed faster than it could be read`)
  })
}

/** The chunks that touch the range, in order of time; undefined when one of them is gone by now. */
async function chunksOf(
  tx: Reader,
  cache: ChunkCache,
  seriesId: string,
  { from, to }: { from: number; to: number },
): Promise<Samples[] | undefined> {
  const listed = await tx.seriesChunk.findMany({
    where: { seriesId, fromMs: { lte: clamped(to) }, toMs: { gte: clamped(from) } },
    orderBy: { fromMs: 'asc' },
    select: { seq: true, points: true },
  })
  const found = listed.map(({ seq, points }) => cache.get(chunkKey(seriesId, seq, points)))
  const missing = listed.filter((_, i) => !found[i]).map(({ seq }) => seq)
  if (missing.length > 0) {
    const bySeq = await payloads(seriesId, missing)
    const unpack = async (i: number) => {
      const { seq } = listed[i]!
      const payload = bySeq.get(seq)
      if (!payload) return
      const samples = await decodeSamples(payload)
      found[i] = samples
      cache.put(chunkKey(seriesId, seq, samples.t.length), samples)
    }
    await Promise.all(listed.flatMap((_, i) => (found[i] ? [] : [unpack(i)])))
  }
  const whole = found.filter((samples) => samples !== undefined)
  return whole.length === found.length ? whole : undefined
}

/** By sequence number. Asked without Prisma, which takes several times as long for large columns of bytes. */
async function payloads(seriesId: string, seqs: readonly bigint[]): Promise<Map<bigint, Uint8Array>> {
  const { rows } = await database().pool.query<{ seq: string; payload: Buffer }>(
    'select seq, payload from series_chunk where series_id = $1 and seq = any($2::bigint[])',
    [seriesId, seqs.map(String)],
  )
  return new Map(rows.map(({ seq, payload }) => [BigInt(seq), payload]))
}

/** JavaScript's own largest time; infinities become it. */
const LATEST_MS = 8.64e15
const clamped = (ms: number): bigint => BigInt(Math.round(Math.min(LATEST_MS, Math.max(-LATEST_MS, ms))))
