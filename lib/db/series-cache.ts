import type { Samples } from '#lib/series/samples'
import { type Database, database } from './client.ts'

/** Unpacked samples that a node keeps: eight million without pids. */
const MOST_BYTES = 128 * 1024 ** 2

/** Names one state of one chunk: with the same number and count of points its samples are the same. */
export const chunkKey = (seriesId: string, seq: bigint, points: number): string =>
  `${seriesId}:${seq}:${points}`

/**
 * Unpacked chunks, the least recently used ones forgotten first, so that a zoom or a pan does not unpack a million
 * samples again. Nothing in it has to be invalidated: a changed chunk has another key. Bounded by bytes.
 */
export class ChunkCache {
  readonly #mostBytes: number
  /** Oldest use first. */
  readonly #kept = new Map<string, Samples>()
  readonly #turns = new Map<string, Promise<unknown>>()
  #bytes = 0

  constructor(mostBytes = MOST_BYTES) {
    this.#mostBytes = mostBytes
  }

  /** Bytes of the columns that are kept. */
  get bytes(): number {
    return this.#bytes
  }

  get(key: string): Samples | undefined {
    const samples = this.#kept.get(key)
    if (!samples) return undefined
    this.#kept.delete(key)
    this.#kept.set(key, samples)
    return samples
  }

  put(key: string, samples: Samples): void {
    this.#forget(key)
    this.#kept.set(key, samples)
    this.#bytes += sizeOf(samples)
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#mostBytes) break
      this.#forget(oldest)
    }
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

  #forget(key: string): void {
    const samples = this.#kept.get(key)
    if (!samples) return
    this.#kept.delete(key)
    this.#bytes -= sizeOf(samples)
  }
}

const sizeOf = ({ t, v, pids }: Samples): number => t.byteLength + v.byteLength + (pids?.byteLength ?? 0)

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
