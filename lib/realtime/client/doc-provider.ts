import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { packBytes, unpackBytes } from '#lib/collab/bytes'
import { draftMarkdown } from '#lib/collab/projection'
import { type Announced, PROTOCOL_VERSION, type PushReply, type Reply, type Sent } from '../protocol.ts'
import { Carets } from './carets.ts'
import { KeptUpdates } from './kept-updates.ts'
import { LocalCopy } from './local-copy.ts'
import { NamedTimers } from './named-timers.ts'
import { Outgoing } from './outgoing.ts'
import type { ProviderOptions } from './provider-options.ts'
import { type SaveStatus, saveStatus, TROUBLES, type Trouble } from './save-status.ts'
import { type Store, store } from './store.ts'
import { Ticks } from './ticks.ts'

const COALESCE_MS = 30
const HOLE_AFTER_MS = 2000
const REOPEN_MS = 1000
const MAX_REFUSALS = 5
const COPY_FACTS_MS = 200

/**
 * The room's shared text on this page: a Yjs document, its carets, this device's copy, and the truth about what is
 * saved. Local changes go out at most every 30 ms (the first at once), one push under way; after any doubt both sides
 * compare state vectors and send what the other lacks, so nothing depends on a message having arrived.
 */
export class DocProvider {
  readonly doc = new Y.Doc()
  /** Text can be shown: this device's copy, or the server's state, is applied. Never rejects. */
  readonly whenShown: Promise<void>

  readonly #options: ProviderOptions
  readonly #status = store<SaveStatus>({ state: 'opening' })
  readonly #synced = store(false)
  readonly #ticks = new Ticks()
  readonly #kept = new KeptUpdates()
  readonly #timers = new NamedTimers()
  readonly #carets: Carets
  readonly #copy: LocalCopy
  #copyLoaded: Promise<void>
  #shown: () => void = () => {}
  #epoch: number | undefined
  #writable: boolean
  #isOnline = false
  #isOpened = false
  #isDegraded = false
  #isIncomplete = false
  #isDestroyed = false
  /** Counts openings: an answer of an earlier one is not of interest any more. */
  #opening = 0
  readonly #outgoing = new Outgoing()
  #isPushing = false
  /** The newest push that was sent. */
  #underway: Promise<unknown> = Promise.resolve()
  #unacknowledged = 0
  /** The copy may hold changes of an earlier page that were never acknowledged. */
  #mayHoldMore = false
  #refusals = 0
  #lastPushAt = 0
  #lastHole: number | undefined
  #seq: number | undefined
  #savedAt = 0
  #trouble: { why: Trouble; reason: string; draft: string } | undefined

  constructor(options: ProviderOptions) {
    this.#options = options
    this.#writable = options.writable
    this.whenShown = new Promise((resolve) => {
      this.#shown = resolve
    })
    this.doc.on('update', this.#onUpdate)
    this.#carets = new Carets(this.doc, options.user, (update) => this.#sendCaret(update))
    this.#copy = new LocalCopy(options.docId, this.doc, options.device, (epoch) => options.copyName(epoch))
    this.#copyLoaded = this.#loadCopy()
  }

  /** For Tiptap's CollaborationCaret. The server puts the session's person in. */
  get awareness(): Awareness {
    return this.#carets.awareness
  }

  get status(): Store<SaveStatus> {
    return this.#status
  }

  /** True once the server's state was applied on the present connection. */
  get synced(): Store<boolean> {
    return this.#synced
  }

  /** After "older-version": forgets this device's copy. The page reloads then. */
  async takeServersVersion(): Promise<void> {
    await this.#copy.forget()
  }

  /** The room is open: compare with the server. */
  connected(): void {
    this.#isOnline = true
    this.#tell()
    void this.#open()
  }

  disconnected(): void {
    this.#isOnline = false
    this.#close()
    this.#carets.forgetOthers()
    this.#tell()
  }

  updated({ update, tick, authorId, mac }: Announced<'doc:updated'>): void {
    const bytes = unpackBytes(update)
    try {
      Y.applyUpdate(this.doc, bytes, this)
    } catch {
      this.resync()
      return
    }
    if (authorId && mac) this.#kept.keep({ update: bytes, authorId, mac, atMs: Date.now() })
    this.#ticks.note(tick)
    this.#watchHoles()
  }

  ticked({ tick }: Announced<'doc:ticked'>): void {
    this.#ticks.announced(tick)
    this.#watchHoles()
  }

  caretsChanged({ update }: Announced<'doc:awareness-changed'>): void {
    this.#carets.heard(unpackBytes(update))
  }

  /** Something may have been missed. */
  resync(): void {
    this.#close()
    this.#timers.after('reopen', 50, () => void this.#open())
    this.#tell()
  }

  degraded(isDegraded: boolean): void {
    this.#isDegraded = isDegraded
    this.#tell()
  }

  roleChanged(writable: boolean): void {
    if (writable === this.#writable) return
    this.#writable = writable
    if (!writable && this.#unacknowledged > 0) this.#needAttention('role-changed')
    if (writable && this.#isOnline) this.resync()
    this.#tell()
  }

  /** Sends what waits for the end of the 30 ms: the page is about to go. Resolves when the server has answered. */
  async flush(): Promise<void> {
    const underway = [this.#underway]
    // Not taken out of the line: should the page stay after all, they are pushed again and change nothing.
    for (const update of this.#isOpened ? this.#outgoing.all() : []) {
      const sent = { docId: this.#options.docId, epoch: this.#epoch ?? 1, update: packBytes(update) }
      underway.push(this.#options.request('doc:push', sent))
    }
    await Promise.allSettled(underway)
  }

  /** Ends everything here. What was typed in the last moment is still on its way: see `flush`. */
  destroy(): void {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    this.#close()
    this.#keepCopyFacts()
    this.#timers.close()
    this.doc.off('update', this.#onUpdate)
    this.#carets.close()
    this.#copy.close()
    this.doc.destroy()
    this.#shown()
  }

  async #loadCopy(): Promise<void> {
    const facts = await this.#copy.load()
    if (!facts || this.#isDestroyed) return
    this.#epoch = facts.epoch
    this.#unacknowledged += facts.unacknowledged
    this.#mayHoldMore = true
    this.#shown()
    this.#tell()
  }

  #keepCopyFacts(): void {
    if (this.#epoch === undefined) return
    this.#copy.keepFacts({ epoch: this.#epoch, unacknowledged: this.#unacknowledged })
  }

  async #open(): Promise<void> {
    await this.#copyLoaded
    if (!this.#isOnline || this.#isDestroyed || this.#trouble?.why === 'older-version') return
    const opening = ++this.#opening
    this.#timers.cancel('reopen')
    try {
      const reply = await this.#options.request('doc:open', {
        v: PROTOCOL_VERSION,
        docId: this.#options.docId,
        ...(this.#epoch === undefined ? {} : { epoch: this.#epoch }),
        stateVector: packBytes(Y.encodeStateVector(this.doc)),
        clientId: this.doc.clientID,
      })
      if (opening !== this.#opening) return
      if (reply.state === 'epoch-mismatch') this.#needAttention('older-version')
      else if (reply.state === 'too-many') this.#reopenLater()
      else await this.#opened(reply, opening)
    } catch {
      if (opening === this.#opening) this.#reopenLater()
    }
  }

  async #opened(reply: Extract<Reply<'doc:open'>, { state: 'open' }>, opening: number): Promise<void> {
    Y.applyUpdate(this.doc, unpackBytes(reply.missing), this)
    this.#epoch = reply.epoch
    this.#writable = reply.writable
    this.#ticks.reset(reply.tick)
    this.#lastHole = undefined
    // What was to be sent is part of the difference now.
    this.#outgoing.clear()
    this.#isPushing = false
    this.#isOpened = true
    this.#isDegraded = false
    this.#isIncomplete = reply.isIncomplete ?? false
    this.#seq = reply.seq
    this.#savedAt = Date.now()
    if (reply.awareness) this.#carets.heard(unpackBytes(reply.awareness))
    this.#synced.set(true)
    this.#shown()
    this.#carets.repeat()
    this.#tell()
    void this.#copy.attach(reply.epoch).then(() => this.#keepCopyFacts())
    if (this.#writable) await this.#pushDifference(unpackBytes(reply.stateVector), opening)
  }

  async #pushDifference(serversVector: Uint8Array, opening: number): Promise<void> {
    const servers = Y.decodeStateVector(serversVector)
    for (const { update, authorId, mac } of this.#kept.missingIn(servers)) {
      await this.#push(update, 0, opening, { authorId, mac })
      if (opening !== this.#opening || !this.#isOpened) return
    }
    const holdsMore = [...Y.decodeStateVector(Y.encodeStateVector(this.doc))].some(
      ([clientId, clock]) => clock > (servers.get(clientId) ?? 0),
    )
    // Deletions are in no state vector: when there may be some, the whole difference is sent.
    if (!holdsMore && this.#unacknowledged === 0 && !this.#mayHoldMore) return
    if (this.doc.store.clients.size === 0) return
    if (!this.#outgoing.replace(this.doc, serversVector, this.#unacknowledged))
      return this.#needAttention('too-big')
    // It was too large, and its author has undone that.
    if (this.#trouble?.why === 'too-big') this.#trouble = undefined
    await this.#pushWaiting()
  }

  #close(): void {
    this.#opening++
    this.#isOpened = false
    this.#isPushing = false
    this.#outgoing.clear()
    this.#timers.cancel('push')
    this.#timers.cancel('holes')
    this.#timers.cancel('reopen')
    this.#synced.set(false)
  }

  #reopenLater(ms = REOPEN_MS): void {
    this.#close()
    this.#timers.after('reopen', ms, () => void this.#open())
    this.#tell()
  }

  readonly #onUpdate = (update: Uint8Array, origin: unknown) => {
    if (origin === this || this.#copy.isOrigin(origin)) return
    // A viewer's editor may tidy up what it shows. That stays on this page.
    if (!this.#writable) return
    this.#unacknowledged++
    this.#timers.soon('facts', COPY_FACTS_MS, () => this.#keepCopyFacts())
    if (this.#isOpened) {
      this.#outgoing.add(update)
      this.#schedulePush()
    } else if (this.#trouble?.why === 'too-big' && this.#isOnline) {
      this.#timers.soon('reopen', REOPEN_MS, () => void this.#open())
    }
    this.#tell()
  }

  #schedulePush(): void {
    if (this.#isPushing || this.#timers.has('push')) return
    const wait = this.#lastPushAt + COALESCE_MS - Date.now()
    if (wait <= 0 || this.#outgoing.isCut) void this.#pushWaiting()
    else this.#timers.after('push', wait, () => void this.#pushWaiting())
  }

  async #pushWaiting(): Promise<void> {
    if (!this.#isOpened || this.#isPushing) return
    const piece = this.#outgoing.next()
    if (piece === 'too-big') return this.#needAttention('too-big')
    if (!piece) return
    const isSaved = await this.#push(piece.update, piece.changes, this.#opening)
    if (isSaved && piece.endsDifference) this.#mayHoldMore = false
  }

  async #push(
    update: Uint8Array,
    changes: number,
    opening: number,
    voucher?: Sent<'doc:push'>['voucher'],
  ): Promise<boolean> {
    const { docId } = this.#options
    this.#isPushing = true
    this.#lastPushAt = Date.now()
    let reply: PushReply
    try {
      const epoch = this.#epoch ?? 1
      const sent = { docId, epoch, update: packBytes(update), ...(voucher ? { voucher } : {}) }
      const asked = this.#options.request('doc:push', sent)
      this.#underway = asked
      reply = await asked
    } catch {
      reply = { ok: false, code: 'closed' }
    }
    // Opened again meanwhile: the new difference holds this change too.
    if (opening !== this.#opening || this.#isDestroyed) return false
    this.#isPushing = false
    if (!reply.ok) {
      this.#refused(reply.code, voucher !== undefined)
      return false
    }
    this.#refusals = 0
    this.#unacknowledged = Math.max(0, this.#unacknowledged - changes)
    this.#seq = Math.max(this.#seq ?? 0, reply.seq)
    this.#savedAt = Date.now()
    if (reply.tick !== undefined) this.#ticks.note(reply.tick)
    if (changes > 0) this.#timers.soon('facts', COPY_FACTS_MS, () => this.#keepCopyFacts())
    if (!this.#outgoing.isEmpty) this.#schedulePush()
    this.#tell()
    return true
  }

  #refused(code: Extract<PushReply, { ok: false }>['code'], isVouched: boolean): void {
    // Somebody else brought it back, or its time is over: it is not this page's change.
    if (isVouched && (code === 'gap' || code === 'foreign-client')) return
    if (code === 'readonly') {
      this.#writable = false
      if (this.#unacknowledged > 0) this.#needAttention('role-changed')
      this.#tell()
    } else if (code === 'too-big') {
      this.#needAttention('too-big')
    } else if ((code === 'garbage' || code === 'foreign-client') && ++this.#refusals > MAX_REFUSALS) {
      // A peer whose lost change ours leans on may still bring it back; after a while nobody will.
      this.#needAttention('refused')
    } else {
      this.#reopenLater(code === 'gap' || code === 'closed' ? 200 : REOPEN_MS)
    }
  }

  #watchHoles(): void {
    const { pendingStructs, pendingDs } = this.doc.store
    const hole = this.#ticks.hole ?? (pendingStructs || pendingDs ? -1 : undefined)
    if (hole === undefined || this.#isDegraded || !this.#isOpened || this.#timers.has('holes')) return
    this.#lastHole = hole
    this.#timers.after('holes', HOLE_AFTER_MS, () => {
      const { pendingStructs, pendingDs } = this.doc.store
      const now = this.#ticks.hole ?? (pendingStructs || pendingDs ? -1 : undefined)
      if (now !== undefined && now === this.#lastHole) this.resync()
      else this.#watchHoles()
    })
  }

  #sendCaret(update: Uint8Array): void {
    if (!this.#isOpened || !this.#writable) return
    const sent = { docId: this.#options.docId, update: packBytes(update) }
    this.#options.request('doc:awareness', sent).catch(() => {})
  }

  #needAttention(why: Trouble): void {
    if (this.#trouble && this.#trouble.why !== why) return
    const draft = [...draftMarkdown(this.doc).values()].join('\n\n---\n\n')
    this.#trouble = { why, reason: TROUBLES[why], draft }
    this.#close()
    this.#tell()
  }

  #tell(): void {
    if (this.#isDestroyed) return
    const next = saveStatus({
      trouble: this.#trouble,
      writable: this.#writable,
      online: this.#isOnline,
      opened: this.#isOpened,
      degraded: this.#isDegraded,
      unacknowledged: this.#unacknowledged,
      seq: this.#seq,
      at: this.#savedAt,
      isIncomplete: this.#isIncomplete,
    })
    if (JSON.stringify(next) !== JSON.stringify(this.#status.getSnapshot())) this.#status.set(next)
  }
}
