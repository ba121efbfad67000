import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import { levelsOf, type Outline, outlineOf } from '#lib/series/outline'
import type { Samples } from '#lib/series/samples'
import { decodeSamples, encodeSamples } from './series-codec.ts'

const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

/** Chunks of so few samples have no levels: reading them is as fast. */
export const MOST_WITHOUT_LEVELS = 4096

/** What whole graphs are drawn from: some 50 samples and a few hundred bytes of facts for a chunk of 65,536. */
export interface ChunkSketch {
  readonly outline: Outline
  readonly coarse: Samples
}

/** The columns that stand beside a chunk's payload. */
export interface PackedLevels {
  readonly outline: Uint8Array<ArrayBuffer>
  readonly fine: Uint8Array<ArrayBuffer>
}

/** A sketch of samples, and the finer level. O(n), about 5 ms for 65,536. */
export function sketchOf(samples: Samples): ChunkSketch & { readonly fine: Samples } {
  const outline = outlineOf(samples)
  return { outline, ...levelsOf(samples, outline) }
}

// An outline's column: a byte with the version, the length of the deflated JSON, that, and the coarse level as it is packed.
const VERSION = 1
const HEAD_BYTES = 5

/** Levels in the form in which they are stored. */
export async function packLevels(sketch: ChunkSketch & { readonly fine: Samples }): Promise<PackedLevels> {
  const [facts, coarse, fine] = await Promise.all([
    deflate(JSON.stringify(sketch.outline)),
    encodeSamples(sketch.coarse),
    encodeSamples(sketch.fine),
  ])
  const outline = new Uint8Array(HEAD_BYTES + facts.length + coarse.length)
  outline[0] = VERSION
  new DataView(outline.buffer).setUint32(1, facts.length, true)
  outline.set(facts, HEAD_BYTES)
  outline.set(coarse, HEAD_BYTES + facts.length)
  return { outline, fine }
}

/** The sketch in an outline's column; undefined for one of another version, which is made anew. */
export async function unpackSketch(stored: Uint8Array): Promise<ChunkSketch | undefined> {
  if (stored[0] !== VERSION) return undefined
  const end = HEAD_BYTES + new DataView(stored.buffer, stored.byteOffset).getUint32(1, true)
  const facts = await inflate(stored.subarray(HEAD_BYTES, end))
  // reason: written by `packLevels` of the same version, and by nobody else.
  const outline = JSON.parse(facts.toString()) as Outline
  return { outline, coarse: await decodeSamples(stored.subarray(end)) }
}
