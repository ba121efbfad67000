import type { Logger } from 'pino'
import * as Y from 'yjs'
import { inspectUpdate, type Known } from '#lib/collab/guard'
import { applyExactly, hasPending } from '#lib/collab/state'
import type { DocId, InvestigationId } from '#lib/investigation/ids'
import type { PushReply } from '../protocol.ts'
import { LIMITS } from './limits.ts'
import type { Timer, Timers } from './timers.ts'
import { type StoredUpdate, WriteQueue } from './write-queue.ts'

/** A broadcast to everybody in the document on this node, except the connection that it came from. */
export interface Broadcast {
  readonly update: Uint8Array
  readonly tick: number
  readonly authorId: string | null
}

/** What a document needs from its registry and from the database. */
export interface DocumentPort {
  readonly log: Logger
  readonly timers: Timers
  broadcast(document: LiveDocument, what: Broadcast, exceptSocket: string | undefined): void
  ticked(document: LiveDocument): void
  degraded(document: LiveDocument): void
  append(document: LiveDocument, batch: readonly StoredUpdate[]): Promise<number | undefined>
  committed(document: LiveDocument, head: number): void
  pull(
    document: LiveDocument,
    after: number,
  ): Promise<{ seq: number; authorId: string | null; update: Uint8Array }[] | undefined>
  /** The document in memory is not to be trusted any more: forget it, and have everybody open it again. */
  discard(document: LiveDocument, reason: string): void
  gap(): void
  grown(document: LiveDocument): void
  /** The first change of a person since the document was opened here; `seq` is what it held before. */
  changing(document: LiveDocument, seq: number): void
}

/** As many rows as `updatesAfter` gives at most. */
const PULL_PAGE = 2000
const TICK_AFTER_MS = 1000

/**
 * One open document on one node: the text in memory, and its way into the log. Updates are applied and passed on at
 * once; they are acknowledged when PostgreSQL has committed them (write-queue.ts).
 */
export class LiveDocument {
  readonly docId: DocId
  readonly investigationId: InvestigationId
  readonly epoch: number
  readonly doc: Y.Doc
  /** Sockets that have it open. */
  readonly members = new Set<string>()
  /** Newest sequence that `doc` holds without a hole. */
  seen: number
  /** Number of the newest broadcast of this node. */
  tick = 0
  /** Log rows and bytes since the compacted state. */
  tailRows: number
  tailBytes: number
  isGone = false
  changedAtMs = 0
  versionAtMs = 0
  /** Some text could not be restored after damage. */
  readonly isIncomplete: boolean

  readonly #port: DocumentPort
  readonly #owners: Map<number, string>
  /** Client ids whose owner is in the table, or on its way there with an update. */
  readonly #storedOwners: Set<number>
  readonly #queue: WriteQueue
  #pulling: Promise<void> | undefined
  #pullAgain = false
  #hasChanged = false
  #tickTimer: Timer | undefined

  constructor(
    stored: {
      docId: DocId
      investigationId: InvestigationId
      epoch: number
      doc: Y.Doc
      head: number
      tailRows: number
      tailBytes: number
      owners: Map<number, string>
      isIncomplete: boolean
    },
    port: DocumentPort,
  ) {
    this.docId = stored.docId
    this.investigationId = stored.investigationId
    this.epoch = stored.epoch
    this.doc = stored.doc
    this.seen = stored.head
    this.tailRows = stored.tailRows
    this.tailBytes = stored.tailBytes
    this.isIncomplete = stored.isIncomplete
    this.#owners = stored.owners
    this.#storedOwners = new Set(stored.owners.keys())
    this.#port = port
    this.#queue = new WriteQueue(stored.head, {
      timers: port.timers,
      append: (batch) => port.append(this, batch),
      committed: (last, rows, bytes) => this.#committed(last, rows, bytes),
      stale: () => port.discard(this, 'epoch'),
      degraded: () => port.degraded(this),
      log: port.log,
    })
  }

  get isDegraded(): boolean {
    return this.#queue.isDegraded
  }

  /** Newest sequence known to be committed. */
  get committed(): number {
    return this.#queue.committed
  }

  /** Nobody here, nothing on its way: may be forgotten without losing anything. */
  get isIdle(): boolean {
    return this.members.size === 0 && this.#queue.isEmpty && this.#pulling === undefined
  }

  /** Binds a connection's client id before its first letter. False: it is somebody else's. */
  claim(clientId: number, userId: string): boolean {
    const owner = this.#owners.get(clientId)
    // The claim is stored with the first update; until then it holds on this node only.
    if (owner === undefined) this.#owners.set(clientId, userId)
    return owner === undefined || owner === userId
  }

  ownerOf(clientId: number): string | undefined {
    return this.#owners.get(clientId)
  }

  /**
   * Takes an update of a writer: guards, applies, passes on, stores. Resolves when it is committed, or says why not.
   * An update that brings nothing new is answered when everything before it is committed.
   */
  push(authorId: string, update: Uint8Array, fromSocket: string | undefined): Promise<PushReply> {
    if (this.isGone) return Promise.resolve({ ok: false, code: 'closed' })
    if (this.#queue.bytes + update.byteLength > LIMITS.queuedBytes) {
      return Promise.resolve({ ok: false, code: 'busy' })
    }
    const verdict = inspectUpdate(update, this.#known(), authorId)
    if (!verdict.ok) return Promise.resolve(verdict)
    let isNew: boolean
    try {
      isNew = this.#apply(update)
    } catch (error) {
      this.#port.log.warn({ err: error, docId: this.docId, authorId }, 'an update passed the guard and broke')
      this.#port.discard(this, 'garbage')
      return Promise.resolve({ ok: false, code: 'garbage' })
    }
    if (!isNew) return this.#queue.barrier()
    if (!this.#hasChanged) this.#port.changing(this, this.seen)
    this.#hasChanged = true
    const tick = this.#passOn(update, authorId, fromSocket)
    const claims = this.#claims(verdict.writers, authorId)
    return this.#queue
      .add({ update, authorId, claims })
      .then((reply) => (reply.ok ? { ...reply, tick } : reply))
  }

  /** Reads what other nodes (or the server itself) appended. Any number of calls at once cost one more look. */
  pull(): Promise<void> {
    if (this.#pulling) {
      this.#pullAgain = true
      return this.#pulling
    }
    this.#pulling = this.#pullAll().finally(() => {
      this.#pulling = undefined
    })
    return this.#pulling
  }

  /** Waits until nothing is on its way into the log, or `ms` have gone. */
  flushed(ms: number): Promise<boolean> {
    return this.#queue.emptied(ms)
  }

  /** Forgets the text. What still waits for PostgreSQL is stored all the same. */
  close(): void {
    this.isGone = true
    this.#tickTimer?.cancel()
    this.doc.destroy()
  }

  #known(): Known {
    return {
      clockOf: (clientId) => Y.getState(this.doc.store, clientId),
      ownerOf: (clientId) => this.#owners.get(clientId),
    }
  }

  /** Those client ids whose owner is not in the table yet. */
  #claims(writers: readonly number[], authorId: string): readonly number[] {
    const claims = writers.filter((clientId) => !this.#storedOwners.has(clientId))
    for (const clientId of claims) {
      this.#owners.set(clientId, authorId)
      this.#storedOwners.add(clientId)
    }
    return claims
  }

  /** @returns whether anything changed. @throws when the update breaks the document. */
  #apply(update: Uint8Array, authorId?: string | null): boolean {
    let changed = false
    // May be called more than once: whatever a later transaction does, what came before it was news.
    const look = (transaction: Y.Transaction) => {
      if (transaction.deleteSet.clients.size > 0) changed = true
      for (const [clientId, clock] of transaction.afterState) {
        if (transaction.beforeState.get(clientId) === clock) continue
        changed = true
        if (authorId && !this.#owners.has(clientId)) this.#owners.set(clientId, authorId)
      }
    }
    this.doc.on('afterTransaction', look)
    try {
      applyExactly(this.doc, [update], this)
    } finally {
      this.doc.off('afterTransaction', look)
    }
    if (hasPending(this.doc)) throw new Error('the update leans on something that is missing')
    return changed
  }

  #passOn(update: Uint8Array, authorId: string | null, exceptSocket: string | undefined): number {
    this.tick++
    this.#port.broadcast(this, { update, tick: this.tick, authorId }, exceptSocket)
    this.#tickTimer ??= this.#port.timers.after(TICK_AFTER_MS, () => {
      this.#tickTimer = undefined
      this.#port.ticked(this)
    })
    return this.tick
  }

  #committed(last: number, rows: number, bytes: number): void {
    this.tailRows += rows
    this.tailBytes += bytes
    this.changedAtMs = Date.now()
    if (this.isGone) {
      this.#port.committed(this, last)
      return
    }
    // Ours directly after what we have: no need to look. Otherwise another node's rows lie between.
    if (last - rows <= this.seen) this.seen = Math.max(this.seen, last)
    else this.pull().catch(() => {})
    this.#port.committed(this, last)
    if (this.tailRows >= LIMITS.compactRows || this.tailBytes >= LIMITS.compactBytes) this.#port.grown(this)
  }

  async #pullAll(): Promise<void> {
    do {
      this.#pullAgain = false
      const rows = await this.#port.pull(this, this.seen)
      if (this.isGone) return
      if (!rows) {
        this.#port.gap()
        this.#port.discard(this, 'behind')
        return
      }
      for (const row of rows) if (!this.#take(row)) return
      if (rows.length === PULL_PAGE) this.#pullAgain = true
    } while (this.#pullAgain)
  }

  #take(row: { seq: number; authorId: string | null; update: Uint8Array }): boolean {
    if (row.seq <= this.seen) return true
    if (row.seq !== this.seen + 1) {
      this.#port.gap()
      this.#port.discard(this, 'gap')
      return false
    }
    try {
      // Our own rows come back when another node's lie between: they change nothing and are not passed on.
      if (this.#apply(new Uint8Array(row.update), row.authorId))
        this.#passOn(row.update, row.authorId, undefined)
    } catch (error) {
      // Another node's uncommitted update may be what this one leans on; a fresh load tells.
      this.#port.log.error(
        { err: error, docId: this.docId, seq: row.seq },
        'a stored update cannot be applied',
      )
      this.#port.discard(this, 'broken')
      return false
    }
    this.seen = row.seq
    return true
  }
}
