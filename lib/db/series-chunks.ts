import { mergedSamples, type Samples, samplesBetween, sliceSamples } from '#lib/series/samples'
import type { Tx } from './events.ts'
import { decodeSamples, encodeSamples } from './series-codec.ts'

/** Samples of a stored chunk. A chunk of this size decodes in about 2 ms. */
const CHUNK_SAMPLES = 65_536
/** A live series' last chunk is rewritten until it holds this many: no small chunks pile up. */
const TAIL_SAMPLES = 4_096

/**
 * Adds samples to a series' chunks. Chunks never overlap in time: samples that fall among older ones are merged into
 * the chunks that they touch, and where both have a moment the new one wins, so that a repeated delivery changes
 * nothing. Call it under the series' row lock. `samples` are clean and not empty.
 *
 * Returns how many moments are new.
 */
export async function writeChunks(tx: Tx, seriesId: string, samples: Samples): Promise<number> {
  const first = samples.t[0]!
  const last = samples.t[samples.t.length - 1]!
  const tail = await tx.seriesChunk.findFirst({ where: { seriesId }, orderBy: { toMs: 'desc' } })
  if (tail && first <= Number(tail.toMs)) return mergeInto(tx, seriesId, samples, { first, last })

  if (tail && tail.points + samples.t.length <= TAIL_SAMPLES) {
    const together = mergedSamples(decodeSamples(tail.payload), samples)
    await tx.seriesChunk.update({
      where: { seriesId_seq: { seriesId, seq: tail.seq } },
      data: { toMs: BigInt(last), points: together.t.length, payload: encodeSamples(together) },
    })
  } else await insertChunks(tx, seriesId, samples)
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
  const before = joined(touched.map((chunk) => decodeSamples(chunk.payload)))
  const together = mergedSamples(before, samples)
  await tx.seriesChunk.deleteMany({ where: { seriesId, seq: { in: touched.map((chunk) => chunk.seq) } } })
  await insertChunks(tx, seriesId, together)
  return together.t.length - before.t.length
}

async function insertChunks(tx: Tx, seriesId: string, samples: Samples): Promise<void> {
  const newest = await tx.seriesChunk.aggregate({ where: { seriesId }, _max: { seq: true } })
  let seq = newest._max.seq ?? 0n
  for (let start = 0; start < samples.t.length; start += CHUNK_SAMPLES) {
    const part = sliceSamples(samples, start, Math.min(samples.t.length, start + CHUNK_SAMPLES))
    seq += 1n
    await tx.seriesChunk.create({
      data: {
        seriesId,
        seq,
        fromMs: BigInt(part.t[0]!),
        toMs: BigInt(part.t[part.t.length - 1]!),
        points: part.t.length,
        payload: encodeSamples(part),
      },
    })
  }
}

/** The samples of the closed range [from, to], clean. A million take about 60 ms after the query. */
export async function readChunks(
  tx: Pick<Tx, 'seriesChunk'>,
  seriesId: string,
  from: number,
  to: number,
): Promise<Samples> {
  const rows = await tx.seriesChunk.findMany({
    where: { seriesId, fromMs: { lte: clamped(to) }, toMs: { gte: clamped(from) } },
    orderBy: { fromMs: 'asc' },
    select: { payload: true },
  })
  return samplesBetween(joined(rows.map((row) => decodeSamples(row.payload))), from, to)
}

/** JavaScript's own largest time; infinities become it. */
const LATEST_MS = 8.64e15
const clamped = (ms: number): bigint => BigInt(Math.round(Math.min(LATEST_MS, Math.max(-LATEST_MS, ms))))

/** Parts that follow each other in time, as one. */
function joined(parts: readonly Samples[]): Samples {
  const only = parts[0]
  if (parts.length === 1 && only) return only
  const total = parts.reduce((sum, part) => sum + part.t.length, 0)
  const t = new Float64Array(total)
  const v = new Float64Array(total)
  const pids = parts.some((part) => part.pids) ? new Float64Array(total) : undefined
  let at = 0
  for (const part of parts) {
    t.set(part.t, at)
    v.set(part.v, at)
    if (part.pids) pids?.set(part.pids, at)
    at += part.t.length
  }
  return pids ? { t, v, pids } : { t, v }
}
