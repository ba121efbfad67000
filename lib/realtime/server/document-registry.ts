import type { Logger } from 'pino'
import { type Compact, compactDocument } from '#lib/db/document-compaction'
import { openDocument } from '#lib/db/document-repair'
import { keepVersion, keepVersionBefore } from '#lib/db/document-versions'
import { appendUpdates, clientOwners, updatesAfter } from '#lib/db/documents'
import type { DocId } from '#lib/investigation/ids'
import { LIMITS } from './limits.ts'
import { type Broadcast, type DocumentPort, LiveDocument } from './live-document.ts'
import type { Timer, Timers } from './timers.ts'

interface RegistryPort {
  readonly log: Logger
  readonly nodeId: string
  readonly timers: Timers
  readonly graceMs: number
  readonly compact: Compact | undefined
  broadcast(document: LiveDocument, what: Broadcast, exceptSocket: string | undefined): void
  ticked(document: LiveDocument): void
  degraded(document: LiveDocument): void
  committed(docId: DocId, head: number): void
  /** The document was forgotten while people have it open: they must open it again. */
  discarded(document: LiveDocument, reason: string): void
}

interface Entry {
  readonly loading: Promise<LiveDocument | undefined>
  live: LiveDocument | undefined
  grace: Timer | undefined
  /** Somebody holds it between `open` and joining. */
  holders: number
}

/**
 * The documents that are open on this node: loading → live → draining → gone. One promise per document, so that many
 * who come at once get one copy. An entry is only ever removed by whoever holds that very object, never by name, and
 * only when it is idle: what was acknowledged is in the database, so whoever comes next loads all of it.
 */
export class DocumentRegistry {
  readonly #entries = new Map<DocId, Entry>()
  /** Forgotten, but with updates that still wait for PostgreSQL. */
  readonly #leaving = new Set<LiveDocument>()
  readonly #port: RegistryPort
  readonly #documentPort: DocumentPort
  sequenceGaps = 0

  constructor(port: RegistryPort) {
    this.#port = port
    this.#documentPort = {
      log: port.log,
      timers: port.timers,
      broadcast: port.broadcast,
      ticked: port.ticked,
      degraded: (document) => {
        port.degraded(document)
        this.#leaveSoon(document)
      },
      append: (document, batch) => appendUpdates(document.docId, document.epoch, port.nodeId, batch),
      committed: (document, head) => this.#committed(document, head),
      pull: (document, after) => updatesAfter(document.docId, document.epoch, after),
      discard: (document, reason) => this.#discard(document, reason),
      gap: () => {
        this.sequenceGaps++
      },
      grown: (document) => void this.#compact(document),
      changing: (document, seq) => void this.#keepVersionBefore(document, seq),
    }
  }

  get size(): number {
    return this.#entries.size + this.#leaving.size
  }

  get degraded(): number {
    return [...this.live(), ...this.#leaving].filter((document) => document.isDegraded).length
  }

  live(): LiveDocument[] {
    return [...this.#entries.values()].flatMap(({ live }) => (live ? [live] : []))
  }

  find(docId: DocId): LiveDocument | undefined {
    return this.#entries.get(docId)?.live
  }

  /**
   * The document, loaded once however many ask. `use` runs without a pause after loading, so that the document cannot
   * be forgotten between loading and joining it.
   * @returns what `use` returns, or undefined when there is no such document or no room for one more.
   * @throws when it cannot be loaded; nothing is kept then, and the next one tries again.
   */
  async open<R>(docId: DocId, use: (document: LiveDocument) => R): Promise<R | undefined> {
    const entry = this.#entries.get(docId) ?? this.#load(docId)
    if (!entry) return undefined
    entry.holders++
    try {
      const document = await entry.loading
      if (!document) return undefined
      if (document.isGone) throw new Error('the document was reloaded meanwhile')
      entry.grace?.cancel()
      entry.grace = undefined
      return use(document)
    } finally {
      entry.holders--
      if (entry.live) this.#leaveSoon(entry.live)
    }
  }

  /** A connection left a document. */
  left(document: LiveDocument): void {
    this.#leaveSoon(document)
  }

  /** Keeps a version of every document that was changed since the last one, at most every quarter of an hour. */
  async keepVersions(nowMs: number): Promise<void> {
    for (const document of this.live()) {
      const { changedAtMs, versionAtMs } = document
      if (changedAtMs <= versionAtMs || nowMs - versionAtMs < LIMITS.versionEveryMs) continue
      document.versionAtMs = nowMs
      await this.#keepVersion(document, 'Automatic')
    }
  }

  async #keepVersion({ docId }: LiveDocument, label: string): Promise<void> {
    await keepVersion(docId, label, null).catch((error: unknown) =>
      this.#port.log.warn({ err: error, docId }, 'no version was kept'),
    )
  }

  /** Whatever this session does to the text, and however soon: it can be had back as it stood before. */
  async #keepVersionBefore({ docId }: LiveDocument, seq: number): Promise<void> {
    const minute = new Date().toISOString().slice(0, 16).replace('T', ' ')
    await keepVersionBefore(docId, seq, `Before the changes of ${minute} UTC`, this.#port.compact).catch(
      (error: unknown) => this.#port.log.warn({ err: error, docId }, 'no version was kept'),
    )
  }

  /** Stores what waits, for at most `ms`, and forgets everything. Returns how many documents could not be stored. */
  async drain(ms: number): Promise<number> {
    const documents = [...this.live(), ...this.#leaving]
    const stored = await Promise.all(documents.map((document) => document.flushed(ms)))
    for (const entry of this.#entries.values()) entry.grace?.cancel()
    for (const document of documents) document.close()
    this.#entries.clear()
    this.#leaving.clear()
    return stored.filter((isStored) => !isStored).length
  }

  #load(docId: DocId): Entry | undefined {
    if (this.#entries.size >= LIMITS.openDocuments && !this.#closeOneIdle()) return undefined
    const entry: Entry = {
      loading: this.#read(docId).then(
        (live) => {
          entry.live = live
          if (!live) this.#remove(docId, entry)
          // Hints that came while it was loading found nobody here.
          live?.pull().catch(() => {})
          return live
        },
        (error: unknown) => {
          this.#remove(docId, entry)
          throw error
        },
      ),
      live: undefined,
      grace: undefined,
      holders: 0,
    }
    this.#entries.set(docId, entry)
    return entry
  }

  async #read(docId: DocId): Promise<LiveDocument | undefined> {
    const opened = await openDocument(docId)
    if (!opened) return undefined
    const { stored, doc, isIncomplete, damage } = opened
    if (damage) {
      const said = isIncomplete
        ? 'a damaged document was repaired, some text could not be restored'
        : 'a damaged document was repaired'
      this.#port.log.error({ err: damage, docId }, said)
    }
    // After the text: whoever wrote something that the text holds has its client id in the table by now.
    const owners = await clientOwners(docId)
    const tailBytes = stored.updates.reduce((sum, update) => sum + update.byteLength, 0)
    const { investigationId, epoch, headSeq: head } = stored
    const tailRows = stored.updates.length
    return new LiveDocument(
      { docId, investigationId, epoch, doc, head, tailRows, tailBytes, owners, isIncomplete },
      this.#documentPort,
    )
  }

  /** Removes the entry only if it is still this one. */
  #remove(docId: DocId, entry: Entry): void {
    if (this.#entries.get(docId) === entry) this.#entries.delete(docId)
  }

  #leaveSoon(document: LiveDocument): void {
    if (this.#leaving.has(document) && document.isIdle) this.#leaving.delete(document)
    const entry = this.#entries.get(document.docId)
    if (entry?.live !== document || entry.grace || entry.holders > 0 || document.members.size > 0) return
    entry.grace = this.#port.timers.after(this.#port.graceMs, () => {
      entry.grace = undefined
      if (entry.holders > 0 || document.members.size > 0) return
      if (document.isIdle) this.#forget(document, entry)
      else this.#leaveSoon(document)
    })
  }

  #forget(document: LiveDocument, entry: Entry): void {
    entry.grace?.cancel()
    this.#remove(document.docId, entry)
    document.close()
    // Whoever opens it next may begin by deleting everything.
    if (document.changedAtMs > document.versionAtMs)
      void this.#keepVersion(document, 'When everybody had left')
    if (document.tailRows >= LIMITS.compactOnCloseRows) void this.#compact(document)
  }

  #closeOneIdle(): boolean {
    for (const entry of this.#entries.values()) {
      if (!entry.live?.isIdle || entry.holders > 0) continue
      this.#forget(entry.live, entry)
      return true
    }
    return false
  }

  #discard(document: LiveDocument, reason: string): void {
    const entry = this.#entries.get(document.docId)
    if (document.isGone || entry?.live !== document) return
    entry.grace?.cancel()
    this.#remove(document.docId, entry)
    document.close()
    if (!document.isIdle) this.#leaving.add(document)
    this.#port.log.warn({ docId: document.docId, reason }, 'a document is loaded again')
    this.#port.discarded(document, reason)
  }

  #committed(document: LiveDocument, head: number): void {
    this.#port.committed(document.docId, head)
    if (!document.isGone) return
    // What a forgotten document still stored is news for the one that was loaded meanwhile.
    this.find(document.docId)
      ?.pull()
      .catch(() => {})
    this.#port.timers.after(0, () => this.#leaveSoon(document))
  }

  async #compact(document: LiveDocument): Promise<void> {
    const { tailRows, tailBytes } = document
    // Counted down at once, so that the next update does not start a second one.
    document.tailRows = 0
    document.tailBytes = 0
    try {
      await compactDocument(document.docId, this.#port.compact)
    } catch (error) {
      document.tailRows += tailRows
      document.tailBytes += tailBytes
      this.#port.log.warn({ err: error, docId: document.docId }, 'a document was not compacted')
    }
  }
}
