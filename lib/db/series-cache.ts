import type { Samples } from '#lib/series/samples'
import { type Database, database } from './client.ts'
import type { ChunkSketch } from './series-levels.ts'

/** Unpacked samples that a node keeps: six million without pids. */
const MOST_SAMPLE_BYTES = 96 * 1024 ** 2
/** Levels: those of thirty million samples or more; sketches: those of hundreds of millions. */
const MOST_LEVEL_BYTES = 16 * 1024 ** 2

/** Names one state of one chunk: with the same number and count of points its samples are the same. */
export const chunkKey = (seriesId: string, seq: bigint, points: number): string =>
  `${seriesId}:${seq}:${points}`

/**
 * Unpacked parts of chunks, the least recently used ones forgotten first. Nothing in it has to be invalidated: a changed
 * chunk has another key. Bounded by bytes.
 */
class Kept<T> {
  readonly #mostBytes: number
  readonly #sizeOf: (part: T) => number
  /** Oldest use first. */
  readonly #parts = new Map<string, T>()
  #bytes = 0

  constructor(mostBytes: number, sizeOf: (part: T) => number) {
    this.#mostBytes = mostBytes
    this.#sizeOf = sizeOf
  }

  /** Bytes of what is kept. */
  get bytes(): number {
    return this.#bytes
  }

  get(key: string): T | undefined {
    const part = this.#parts.get(key)
    if (part === undefined) return undefined
    this.#parts.delete(key)
    this.#parts.set(key, part)
    return part
  }

  put(key: string, part: T): void {
    this.#forget(key)
    this.#parts.set(key, part)
    this.#bytes += this.#sizeOf(part)
    for (const oldest of this.#parts.keys()) {
      if (this.#bytes <= this.#mostBytes) break
      this.#forget(oldest)
    }
  }

  #forget(key: string): void {
    const part = this.#parts.get(key)
    if (part === undefined) return
    this.#parts.delete(key)
    this.#bytes -= this.#sizeOf(part)
  }
}

const sizeOf = ({ t, v, pids }: Samples): number => t.byteLength + v.byteLength + (pids?.byteLength ?? 0)

/** About: a fall is five numbers and an object, a gap two. */
const sizeOfSketch = ({ outline, coarse }: ChunkSketch): number =>
  sizeOf(coarse) + 1000 + 80 * outline.falls.length + 40 * outline.gaps.length

/** What a node has unpacked of chunks, so that a zoom or a pan does not unpack a million samples again. */
export class ChunkCache {
  readonly samples: Kept<Samples>
  readonly fine: Kept<Samples>
  readonly sketches: Kept<ChunkSketch>
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(mostSampleBytes = MOST_SAMPLE_BYTES, mostLevelBytes = MOST_LEVEL_BYTES) {
    this.samples = new Kept(mostSampleBytes, sizeOf)
    this.fine = new Kept(mostLevelBytes, sizeOf)
    this.sketches = new Kept(mostLevelBytes, sizeOfSketch)
  }

  /** Runs `work` after everything that was asked for the same series before. */
  async inTurn<T>(seriesId: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(seriesId)
    const mine = before ? before.then(work, work) : work()
    this.#turns.set(seriesId, mine)
    try {
      return await mine
    } finally {
      if (this.#turns.get(seriesId) === mine) this.#turns.delete(seriesId)
    }
  }
}

// Each route of Next is its own module graph: like the database, they share one cache through globalThis. It lives as
// long as the connection that it was filled from.
const KEY = Symbol.for('leakroom.series-chunks')
const shared = globalThis as { [KEY]?: WeakMap<Database, ChunkCache> }

/** This node's cache of unpacked chunks. */
export function chunkCache(): ChunkCache {
  shared[KEY] ??= new WeakMap()
  const caches = shared[KEY]
  const known = caches.get(database())
  if (known) return known
  const made = new ChunkCache()
  caches.set(database(), made)
  return made
}
