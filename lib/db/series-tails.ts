import { mergedSamples, type Samples } from '#lib/series/samples'
import type { Tx } from './events.ts'
import { TAIL_SAMPLES } from './series-chunks.ts'
import { decodeSamples, encodeSamples } from './series-codec.ts'

interface Tail {
  readonly series_id: string
  readonly seq: bigint
  readonly to_ms: bigint
  readonly points: number
  /** Null when the chunk is full. */
  readonly payload: Uint8Array | null
}

/**
 * What live series need most of the time, for many of them in two statements: later samples that still fit into the last
 * chunk. Call it under the rows' locks. `samples` are clean, by series.
 *
 * @returns how many moments are new, for the series that were written; the others are for `writeChunks`
 */
export async function growTails(tx: Tx, samples: ReadonlyMap<string, Samples>): Promise<Map<string, number>> {
  const ids = [...samples.keys()]
  const counts = ids.map((id) => samples.get(id)!.t.length)
  const tails = await tx.$queryRaw<Tail[]>`
    select tail.series_id, tail.seq, tail.to_ms, tail.points,
      case when tail.points + asked.more <= ${TAIL_SAMPLES} then tail.payload end as payload
    from unnest(${ids}::uuid[], ${counts}::int[]) as asked(id, more)
    cross join lateral (
      select * from series_chunk where series_id = asked.id order by from_ms desc limit 1
    ) as tail`
  const grown = await Promise.all(tails.map((tail) => grownTail(tail, samples.get(tail.series_id)!)))
  const written = grown.filter((one) => one !== undefined)
  if (written.length > 0) {
    await tx.$executeRaw`
      update series_chunk set
        to_ms = grown.to_ms, points = grown.points, payload = decode(grown.payload, 'base64')
      from unnest(
        ${written.map(({ id }) => id)}::uuid[], ${written.map(({ seq }) => seq)}::bigint[],
        ${written.map(({ toMs }) => toMs)}::bigint[], ${written.map(({ points }) => points)}::int[],
        ${written.map(({ payload }) => payload)}::text[]
      ) as grown(series_id, seq, to_ms, points, payload)
      where series_chunk.series_id = grown.series_id and series_chunk.seq = grown.seq`
  }
  return new Map(written.map(({ id, accepted }) => [id, accepted]))
}

async function grownTail({ series_id: id, seq, to_ms, payload }: Tail, { t, v, pids }: Samples) {
  const first = t[0]
  if (payload === null || first === undefined || first <= Number(to_ms)) return undefined
  const together = mergedSamples(await decodeSamples(payload), pids ? { t, v, pids } : { t, v })
  return {
    id,
    seq,
    toMs: BigInt(t[t.length - 1]!),
    points: together.t.length,
    accepted: t.length,
    // An array of bytes is not one of Prisma's parameters.
    payload: Buffer.from(await encodeSamples(together)).toString('base64'),
  }
}
