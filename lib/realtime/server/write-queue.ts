import type { Logger } from 'pino'
import type { PushReply } from '../protocol.ts'
import { LIMITS } from './limits.ts'
import type { Timers } from './timers.ts'

/** One update for the log. */
export interface StoredUpdate {
  readonly update: Uint8Array
  readonly authorId: string | null
  readonly claims: readonly number[]
}

interface Entry {
  /** Undefined: a barrier, answered when everything before it is committed. */
  readonly write: StoredUpdate | undefined
  answer: ((reply: PushReply) => void) | undefined
}

interface QueuePort {
  readonly timers: Timers
  readonly log: Logger
  append(batch: readonly StoredUpdate[]): Promise<number | undefined>
  committed(last: number, rows: number, bytes: number): void
  /** The document has another epoch now: nothing of this queue may be stored. */
  stale(): void
  degraded(): void
}

const FIRST_RETRY_MS = 100
const MAX_RETRY_MS = 5000

/**
 * The one way of a document into the log. At most one append is under way; it takes everything that waits (group
 * commit), so many writers share a commit and nobody waits for a timer. What cannot be stored stays here, its author is
 * told "busy", the room is told that nothing is being saved, and it is tried again until it is stored.
 */
export class WriteQueue {
  readonly #port: QueuePort
  #entries: Entry[] = []
  #isRunning = false
  #retryMs = FIRST_RETRY_MS
  #emptied: (() => void)[] = []
  committed: number
  bytes = 0
  isDegraded = false

  constructor(head: number, port: QueuePort) {
    this.committed = head
    this.#port = port
  }

  get isEmpty(): boolean {
    return !this.#isRunning && this.#entries.length === 0
  }

  add(write: StoredUpdate): Promise<PushReply> {
    this.bytes += write.update.byteLength
    return this.#wait(write)
  }

  /** Answered when everything that waits now is committed; at once when nothing does. */
  barrier(): Promise<PushReply> {
    if (this.isEmpty) return Promise.resolve({ ok: true, seq: this.committed })
    return this.#wait(undefined)
  }

  /** True when the queue ran empty within `ms`. */
  emptied(ms: number): Promise<boolean> {
    if (this.isEmpty) return Promise.resolve(true)
    return new Promise((resolve) => {
      const timer = this.#port.timers.after(ms, () => resolve(false))
      this.#emptied.push(() => {
        timer.cancel()
        resolve(true)
      })
    })
  }

  #wait(write: StoredUpdate | undefined): Promise<PushReply> {
    return new Promise((answer) => {
      this.#entries.push({ write, answer })
      void this.#run()
    })
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    while (this.#entries.length > 0) {
      const batch = this.#takeBatch()
      const isStored = await this.#store(batch)
      if (!isStored) await new Promise<void>((resolve) => this.#port.timers.after(this.#retryMs, resolve))
    }
    this.#isRunning = false
    for (const tell of this.#emptied.splice(0)) tell()
  }

  #takeBatch(): Entry[] {
    let bytes = 0
    let end = 0
    while (end < this.#entries.length && end < LIMITS.batchRows) {
      bytes += this.#entries[end]?.write?.update.byteLength ?? 0
      if (end > 0 && bytes > LIMITS.batchBytes) break
      end++
    }
    return this.#entries.splice(0, end)
  }

  async #store(batch: Entry[]): Promise<boolean> {
    const writes = batch.flatMap(({ write }) => (write ? [write] : []))
    try {
      const last = writes.length > 0 ? await this.#port.append(writes) : this.committed
      if (last === undefined) {
        this.#refuseAll([...batch, ...this.#entries.splice(0)])
        this.#port.stale()
        return true
      }
      this.#stored(batch, writes, last)
      return true
    } catch (error) {
      this.#failed(batch, error)
      return false
    }
  }

  #stored(batch: readonly Entry[], writes: readonly StoredUpdate[], last: number): void {
    const bytes = writes.reduce((sum, { update }) => sum + update.byteLength, 0)
    this.bytes -= bytes
    this.committed = Math.max(this.committed, last)
    this.#retryMs = FIRST_RETRY_MS
    let seq = last - writes.length
    for (const { write, answer } of batch) {
      if (write) seq++
      answer?.({ ok: true, seq })
    }
    if (writes.length > 0) this.#port.committed(last, writes.length, bytes)
    this.#setDegraded(false)
  }

  #failed(batch: Entry[], error: unknown): void {
    if (!this.isDegraded) this.#port.log.error({ err: error }, 'a document cannot be stored, trying again')
    for (const entry of batch) {
      entry.answer?.({ ok: false, code: 'busy' })
      entry.answer = undefined
    }
    // Barriers were answered; the updates go back to the front, in order.
    this.#entries.unshift(...batch.filter(({ write }) => write))
    this.#retryMs = Math.min(MAX_RETRY_MS, this.#retryMs * 2)
    this.#setDegraded(true)
  }

  #refuseAll(entries: readonly Entry[]): void {
    for (const { answer } of entries) answer?.({ ok: false, code: 'stale-epoch' })
    this.bytes = 0
  }

  #setDegraded(isDegraded: boolean): void {
    if (this.isDegraded === isDegraded) return
    this.isDegraded = isDegraded
    this.#port.degraded()
  }
}
