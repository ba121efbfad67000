import * as Y from 'yjs'
import { packBytes, unpackBytes } from '#lib/collab/bytes'
import { UserError } from '#lib/errors/user-error'
import { caretColor, colorOf } from '#lib/investigation/colors'
import { type DocId, UserId } from '#lib/investigation/ids'
import { atLeast } from '#lib/investigation/roles'
import type { PushReply, Reply } from '../protocol.ts'
import { answer, strike } from './answer.ts'
import type { BusMessage } from './bus.ts'
import { type Caret, decodeCarets, encodeCarets } from './carets.ts'
import { DocumentRegistry } from './document-registry.ts'
import { LIMITS } from './limits.ts'
import type { LiveDocument } from './live-document.ts'
import { announce, docChannel, type RealtimeDeps, type RoomServer, type RoomSocket } from './node.ts'
import { Coalescer, type Timers } from './timers.ts'
import { isVoucher, voucher } from './voucher.ts'

/** What no browser of ours sends, but for a race now and then. */
const STRIKES: ReadonlySet<string> = new Set(['garbage', 'foreign-client', 'too-big'])

/** A connection in a document. */
interface Membership {
  readonly document: LiveDocument
  readonly clientId: number
  caret: Caret | undefined
  /** It could not keep up and gets no updates until its backlog is gone. */
  isBehind: boolean
}

/** The carets of one document, and what of them waits to be told. */
interface CaretBoard {
  readonly carets: Map<number, Caret>
  readonly changes: Coalescer<number, Caret>
}

/** The sockets' side of shared documents: who is in which, what goes to whom. */
export class Documents {
  readonly registry: DocumentRegistry
  readonly #io: RoomServer
  readonly #deps: RealtimeDeps
  readonly #timers: Timers
  readonly #send: (message: BusMessage) => void
  readonly #memberships = new Map<string, Membership>()
  readonly #boards = new Map<DocId, CaretBoard>()

  constructor(
    io: RoomServer,
    deps: RealtimeDeps,
    timers: Timers,
    graceMs: number,
    send: (message: BusMessage) => void,
  ) {
    this.#io = io
    this.#deps = deps
    this.#timers = timers
    this.#send = send
    this.registry = new DocumentRegistry({
      log: deps.log,
      nodeId: deps.nodeId,
      timers,
      graceMs,
      compact: deps.compact,
      broadcast: (document, { update, tick, authorId }, exceptSocket) => {
        const { docId, epoch } = document
        const mac = authorId ? voucher(deps.secret, { docId, epoch, authorId, update }) : ''
        const everybody = io.to(docChannel(docId))
        const target = exceptSocket ? everybody.except(exceptSocket) : everybody
        const author = authorId === null ? null : UserId.parse(authorId)
        announce(target, 'doc:updated', { docId, update: packBytes(update), tick, authorId: author, mac })
      },
      ticked: ({ docId, tick }) => announce(io.to(docChannel(docId)), 'doc:ticked', { docId, tick }),
      degraded: ({ docId, isDegraded }) =>
        announce(io.to(docChannel(docId)), 'doc:degraded', { docId, degraded: isDegraded }),
      committed: (docId, head) => send({ t: 'doc', doc: docId, head }),
      discarded: (document, reason) => this.#discarded(document, reason),
    })
  }

  /** Lets a socket ask for documents. */
  serve(socket: RoomSocket): void {
    const { log } = this.#deps
    answer(socket, log, 'doc:open', async (sent, access): Promise<Reply<'doc:open'>> => {
      this.#check(socket, sent.docId)
      const stateVector = unpackBytes(sent.stateVector)
      const writable = atLeast(access.role, 'editor')
      const { userId } = socket.data.user
      const reply = await this.registry.open(sent.docId, (document): Reply<'doc:open'> => {
        // The socket may have gone, or moved to another room, while the document was loading.
        if (!socket.connected || socket.data.docId !== sent.docId)
          throw new Error('the socket left while opening')
        if (sent.epoch !== undefined && sent.epoch !== document.epoch) {
          return { state: 'epoch-mismatch', epoch: document.epoch }
        }
        if (document.members.size >= LIMITS.membersPerDocument) return { state: 'too-many' }
        // A client id of somebody else's may not even point at things; its updates would be refused one by one.
        if (writable) document.claim(sent.clientId, userId)
        const missing = Y.encodeStateAsUpdate(document.doc, stateVector)
        this.#join(socket, document, sent.clientId)
        return {
          state: 'open',
          epoch: document.epoch,
          writable,
          missing: packBytes(missing),
          stateVector: packBytes(Y.encodeStateVector(document.doc)),
          seq: document.committed,
          tick: document.tick,
          awareness: this.#caretsOf(document.docId),
          ...(document.isIncomplete ? { isIncomplete: true } : {}),
        }
      })
      return reply ?? { state: 'too-many' }
    })

    answer(socket, log, 'doc:push', async (sent, access): Promise<PushReply> => {
      this.#check(socket, sent.docId)
      if (!atLeast(access.role, 'editor')) return { ok: false, code: 'readonly' }
      const document = this.#memberships.get(socket.id)?.document
      if (!document || document.isGone) return { ok: false, code: 'closed' }
      if (document.epoch !== sent.epoch) return { ok: false, code: 'stale-epoch' }
      const update = unpackBytes(sent.update)
      if (!socket.data.updateBytes.take(update.byteLength, Date.now())) return { ok: false, code: 'rate' }
      const reply = await document.push(
        this.#author(socket, document, sent.voucher, update),
        update,
        socket.id,
      )
      if (!reply.ok && STRIKES.has(reply.code)) strike(socket, log, 'doc:push')
      return reply
    })

    answer(socket, log, 'doc:awareness', (sent, access) => {
      this.#check(socket, sent.docId)
      // A viewer is seen in the room's presence, not as a caret in a text that she cannot write in.
      if (atLeast(access.role, 'editor')) this.#setCaret(socket, unpackBytes(sent.update))
      return {}
    })

    answer(socket, log, 'doc:close', (sent) => {
      this.#check(socket, sent.docId)
      this.leave(socket)
      return {}
    })
  }

  /** The socket leaves its document, if it is in one. */
  leave(socket: RoomSocket): void {
    const membership = this.#memberships.get(socket.id)
    if (!membership) return
    this.#memberships.delete(socket.id)
    const { document, caret } = membership
    void socket.leave(docChannel(document.docId))
    document.members.delete(socket.id)
    if (caret) this.#putCarets(document.docId, [{ ...caret, clock: caret.clock + 1, state: null }], true)
    if (document.members.size === 0) this.#closeBoard(document.docId)
    this.registry.left(document)
  }

  /** The person may not write any more: her caret goes; her next update is refused. */
  roleChanged(socket: RoomSocket): void {
    const membership = this.#memberships.get(socket.id)
    if (!membership) return
    const writable = socket.data.access && atLeast(socket.data.access.role, 'editor')
    if (writable) membership.document.claim(membership.clientId, socket.data.user.userId)
    else if (membership.caret) {
      const { caret, document } = membership
      membership.caret = undefined
      this.#putCarets(document.docId, [{ ...caret, clock: caret.clock + 1, state: null }], true)
    }
  }

  heard(message: BusMessage): void {
    if (message.t === 'doc') {
      const document = this.registry.find(message.doc)
      if (document && message.head > document.seen) document.pull().catch(() => {})
    } else if (message.t === 'carets' && this.registry.find(message.doc)) {
      const carets = message.carets.map(([clientId, clock, state]) => ({ clientId, clock, state }))
      this.#putCarets(message.doc, carets, false)
    } else if (message.t === 'carets?') {
      const own = [...this.#memberships.values()].flatMap(({ document, caret }) =>
        caret && document.docId === message.doc ? [caret] : [],
      )
      this.#sendCarets(message.doc, own)
    }
  }

  /** Connections that read too slowly get no updates; once their backlog is gone they are told to catch up. */
  relievePressure(): void {
    for (const [socketId, membership] of this.#memberships) {
      const socket = this.#io.sockets.sockets.get(socketId)
      if (!socket) continue
      const { docId } = membership.document
      const backlog = backlogBytes(socket)
      if (!membership.isBehind && backlog > LIMITS.backlogDrop) {
        membership.isBehind = true
        void socket.leave(docChannel(docId))
      } else if (membership.isBehind && backlog < LIMITS.backlogResume) {
        membership.isBehind = false
        void socket.join(docChannel(docId))
        announce(socket, 'doc:resync', { docId, reason: 'behind' })
      }
    }
  }

  close(): void {
    for (const docId of this.#boards.keys()) this.#closeBoard(docId)
    this.#memberships.clear()
  }

  /** A socket may only ask for the document of the room that it has open. */
  #check(socket: RoomSocket, docId: DocId): void {
    if (socket.data.docId !== docId) throw new UserError('access/unknown')
  }

  #join(socket: RoomSocket, document: LiveDocument, clientId: number): void {
    const before = this.#memberships.get(socket.id)
    if (before && (before.document !== document || before.clientId !== clientId)) this.leave(socket)
    const membership = this.#memberships.get(socket.id)
    if (membership) membership.isBehind = false
    else this.#memberships.set(socket.id, { document, clientId, caret: undefined, isBehind: false })
    document.members.add(socket.id)
    void socket.join(docChannel(document.docId))
    if (document.isDegraded) announce(socket, 'doc:degraded', { docId: document.docId, degraded: true })
  }

  /** Whose update this is: the session's user, or whom our own voucher names. */
  #author(
    socket: RoomSocket,
    { docId, epoch }: LiveDocument,
    given: { authorId: string; mac: string } | undefined,
    update: Uint8Array,
  ): string {
    const own = socket.data.user.userId
    if (!given) return own
    const { authorId, mac } = given
    return isVoucher(this.#deps.secret, { docId, epoch, authorId, update }, mac) ? authorId : own
  }

  #discarded(document: LiveDocument, reason: string): void {
    const { docId } = document
    for (const [socketId, membership] of this.#memberships) {
      if (membership.document !== document) continue
      this.#memberships.delete(socketId)
      document.members.delete(socketId)
      const socket = this.#io.sockets.sockets.get(socketId)
      if (!socket) continue
      void socket.leave(docChannel(docId))
      announce(socket, 'doc:resync', { docId, reason })
    }
    this.#closeBoard(docId)
  }

  #setCaret(socket: RoomSocket, bytes: Uint8Array): void {
    const membership = this.#memberships.get(socket.id)
    if (!membership || bytes.byteLength > LIMITS.awarenessBytes) return
    const own = readCaret(bytes, membership.clientId, socket)
    if (!own) {
      strike(socket, this.#deps.log, 'doc:awareness')
      return
    }
    // An older word than the last one, as after a reconnection, changes nothing.
    if (membership.caret && own.clock < membership.caret.clock) return
    membership.caret = own.state === null ? undefined : own
    this.#putCarets(membership.document.docId, [own], true)
  }

  #putCarets(docId: DocId, carets: readonly Caret[], isOwn: boolean): void {
    const board = this.#boards.get(docId) ?? this.#openBoard(docId)
    for (const caret of carets) {
      const known = board.carets.get(caret.clientId)
      if (known && known.clock > caret.clock) continue
      if (caret.state === null) board.carets.delete(caret.clientId)
      else board.carets.set(caret.clientId, caret)
      board.changes.put(caret.clientId, caret)
    }
    if (isOwn) this.#sendCarets(docId, carets)
  }

  #openBoard(docId: DocId): CaretBoard {
    const changes = new Coalescer<number, Caret>(this.#timers, LIMITS.awarenessEveryMs, (waiting) => {
      const update = packBytes(encodeCarets([...waiting.values()]))
      announce(this.#io.to(docChannel(docId)), 'doc:awareness-changed', { docId, update })
    })
    const board = { carets: new Map<number, Caret>(), changes }
    this.#boards.set(docId, board)
    this.#send({ t: 'carets?', doc: docId })
    return board
  }

  #closeBoard(docId: DocId): void {
    this.#boards.get(docId)?.changes.close()
    this.#boards.delete(docId)
  }

  #caretsOf(docId: DocId): Uint8Array | string | null {
    const carets = (this.#boards.get(docId) ?? this.#openBoard(docId)).carets
    return carets.size > 0 ? packBytes(encodeCarets([...carets.values()])) : null
  }

  #sendCarets(docId: DocId, carets: readonly Caret[]): void {
    if (carets.length === 0) return
    this.#send({ t: 'carets', doc: docId, carets: carets.map((c) => [c.clientId, c.clock, c.state]) })
  }
}

/** The one caret that a socket may set, with the session's person in it; undefined: not of that form. */
function readCaret(bytes: Uint8Array, clientId: number, socket: RoomSocket): Caret | undefined {
  try {
    const caret = decodeCarets(bytes).find((each) => each.clientId === clientId)
    if (!caret) return undefined
    if (caret.state === null) return caret
    const state: unknown = JSON.parse(caret.state)
    if (typeof state !== 'object' || state === null) return undefined
    const { userId, name } = socket.data.user
    const user = { userId, name, color: caretColor(colorOf(userId)) }
    return { ...caret, state: JSON.stringify({ ...state, user }) }
  } catch {
    return undefined
  }
}

/** Bytes that wait to be written to this connection. */
function backlogBytes(socket: RoomSocket): number {
  // reason: engine.io keeps both private; a transport without a ws socket (polling) has no such number.
  const connection = socket.conn as unknown as {
    transport: { socket?: { bufferedAmount?: number } }
    writeBuffer: readonly unknown[]
  }
  // Packets that engine.io holds back are counted at a usual update's size.
  return (connection.transport.socket?.bufferedAmount ?? 0) + connection.writeBuffer.length * 512
}
