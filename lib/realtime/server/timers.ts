/** A timer that can be taken back. */
export interface Timer {
  cancel(): void
}

/** All one-shot timers of a real-time server: each has an owner, all can be counted, and none survives the end. */
export class Timers {
  readonly #waiting = new Set<NodeJS.Timeout>()

  get size(): number {
    return this.#waiting.size
  }

  after(ms: number, run: () => void): Timer {
    const timeout = setTimeout(() => {
      this.#waiting.delete(timeout)
      run()
    }, ms)
    // The process may end while only these wait; drain() does in time what must be done.
    timeout.unref()
    this.#waiting.add(timeout)
    return {
      cancel: () => {
        clearTimeout(timeout)
        this.#waiting.delete(timeout)
      },
    }
  }

  clear(): void {
    for (const timeout of this.#waiting) clearTimeout(timeout)
    this.#waiting.clear()
  }
}

/**
 * Gathers values by key and hands them over together: the first at once, later ones at most every `ms`. The last of a
 * burst is never lost.
 */
export class Coalescer<K, V> {
  readonly #timers: Timers
  readonly #ms: number
  readonly #flush: (values: Map<K, V>) => void
  #waiting = new Map<K, V>()
  #timer: Timer | undefined

  constructor(timers: Timers, ms: number, flush: (values: Map<K, V>) => void) {
    this.#timers = timers
    this.#ms = ms
    this.#flush = flush
  }

  /** What waits under `key` now. */
  waiting(key: K): V | undefined {
    return this.#waiting.get(key)
  }

  put(key: K, value: V): void {
    this.#waiting.set(key, value)
    if (!this.#timer) this.#send()
  }

  #send(): void {
    const values = this.#waiting
    if (values.size === 0) {
      this.#timer = undefined
      return
    }
    this.#waiting = new Map()
    this.#timer = this.#timers.after(this.#ms, () => this.#send())
    this.#flush(values)
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#waiting.clear()
  }
}
