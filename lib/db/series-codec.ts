import { promisify } from 'node:util'
import { constants, deflateRaw, inflateRaw } from 'node:zlib'
import { Packer, Unpacker } from '#lib/series/packing'
import type { Samples } from '#lib/series/samples'
import { decodeOldBody } from './series-codec-old.ts'

// zlib's own threads do the packing: the event loop only sees the columns of one chunk, about 2 ms per 65,536 samples.
const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

// A chunk's payload: a head of 6 bytes (version, flags, count), then a deflated body: times, values, pids. bench/README.md
// ("Memory graphs", bytes a sample) has what it comes to.

/** 2: planes of bytes (lib/series/packing.ts). 1: varints, only read. */
const VERSION = 2
const OLD_VERSION = 1
const HEAD_BYTES = 6
const HAS_PIDS = 4

/** Clean samples as bytes. Times are rounded to milliseconds. O(n). @throws Error for what is not finite: a bug */
export async function encodeSamples({ t, v, pids }: Samples): Promise<Uint8Array<ArrayBuffer>> {
  const body = new Packer(6 * t.length + 64)
  body.whole(t.every(Number.isInteger) ? t : t.map(Math.round))
  body.values(v)
  if (pids) body.runs(pids)
  const packed = await deflated(body.bytes())

  const payload = new Uint8Array(HEAD_BYTES + packed.length)
  payload[0] = VERSION
  payload[1] = pids ? HAS_PIDS : 0
  new DataView(payload.buffer).setUint32(2, t.length, true)
  payload.set(packed, HEAD_BYTES)
  return payload
}

/** Noise is smaller, and packed ten times as fast, without a search for repetitions; calm columns are smaller with one. */
async function deflated(plain: Uint8Array): Promise<Uint8Array> {
  const [noisy, calm] = await Promise.all([
    deflate(plain, { strategy: constants.Z_HUFFMAN_ONLY }),
    deflate(plain, { level: 1 }),
  ])
  return noisy.length < calm.length ? noisy : calm
}

/** The samples of a payload. @throws Error when it is not one of ours: a bug. */
export const decodeSamples = async (payload: Uint8Array): Promise<Samples> =>
  unpacked(payload, await inflate(payload.subarray(HEAD_BYTES)))

function unpacked(payload: Uint8Array, plain: Uint8Array): Samples {
  const flags = payload[1]!
  const count = new DataView(payload.buffer, payload.byteOffset).getUint32(2, true)
  if (payload[0] === OLD_VERSION) return decodeOldBody(plain, flags, count)
  if (payload[0] !== VERSION) throw new Error(`series chunk of version ${payload[0]}`)
  const body = new Unpacker(plain)
  const t = body.whole(count)
  const v = body.values(count)
  return (flags & HAS_PIDS) === 0 ? { t, v } : { t, v, pids: body.runs(count) }
}
