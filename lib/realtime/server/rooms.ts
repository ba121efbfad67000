import { keepVersion } from '#lib/db/document-versions'
import { documentOf } from '#lib/db/documents'
import { eventsAfter, eventsBefore } from '#lib/db/events'
import { UserError } from '#lib/errors/user-error'
import type { ReadAccess } from '#lib/investigation/access'
import type { RoomEvent } from '#lib/investigation/events'
import type { InvestigationId } from '#lib/investigation/ids'
import type { Received, Reply } from '../protocol.ts'
import { answer } from './answer.ts'
import type { Documents } from './documents.ts'
import { LIMITS } from './limits.ts'
import { announce, type RealtimeDeps, type RoomServer, type RoomSocket, roomChannel } from './node.ts'
import type { Presence } from './presence.ts'
import { RoomTails } from './room-tails.ts'

/** The sockets' side of rooms: opening one, its log, its commands, and who may stay. */
export class Rooms {
  readonly tails: RoomTails
  readonly #io: RoomServer
  readonly #deps: RealtimeDeps
  readonly #presence: Presence
  readonly #documents: Documents
  /** One room is opened after the other on a socket, also when it asks twice at once. */
  readonly #opening = new WeakMap<RoomSocket, Promise<unknown>>()

  constructor(io: RoomServer, deps: RealtimeDeps, presence: Presence, documents: Documents) {
    this.#io = io
    this.#deps = deps
    this.#presence = presence
    this.#documents = documents
    this.tails = new RoomTails(deps.log, (room, event) => this.#happened(room, event))
  }

  /** Lets a socket ask for rooms. */
  serve(socket: RoomSocket): void {
    const { log } = this.#deps
    answer(socket, log, 'room:open', (sent) => {
      const before = this.#opening.get(socket) ?? Promise.resolve()
      const opened = before.catch(() => {}).then(() => this.#open(socket, sent))
      this.#opening.set(socket, opened)
      return opened
    })
    answer(socket, log, 'room:since', async ({ seq }, access) => {
      const events = await eventsAfter(access, seq)
      return { events, head: events.at(-1)?.seq ?? seq }
    })
    answer(socket, log, 'room:before', async ({ seq }, access) => ({
      events: await eventsBefore(access, seq),
    }))
    answer(socket, log, 'messages:before', async ({ seq }, access) => ({
      messages: await this.#deps.messagesBefore(access, seq),
    }))
    answer(socket, log, 'room:members', (_sent, access) => this.#deps.loadPeople(access))
    answer(socket, log, 'room:command', ({ key, name, body }, access) =>
      this.#deps.runCommand(this.#deps.asWriter(access), key, name, body),
    )
    answer(socket, log, 'presence:set', (sent) => {
      this.#presence.change(socket.id, sent)
      return {}
    })
  }

  /** The socket leaves its room, if it has one open. */
  leave(socket: RoomSocket): void {
    const { access } = socket.data
    if (!access) return
    this.#documents.leave(socket)
    this.#presence.leave(socket.id)
    void socket.leave(roomChannel(access.investigationId))
    this.tails.leave(access.investigationId)
    socket.data.access = undefined
    socket.data.docId = undefined
  }

  /** Asks the gate again for everybody in these rooms: a role may have changed or ended. */
  async recheck(concerns: (access: ReadAccess) => boolean): Promise<void> {
    for (const socket of this.#io.sockets.sockets.values()) {
      const { access, user } = socket.data
      if (!access || !concerns(access)) continue
      try {
        const now = await this.#deps.roomAccess(user, access.investigationId)
        // Moved on meanwhile: the gate was asked for the new room.
        if (socket.data.access === access) this.#setAccess(socket, access, now)
      } catch (error) {
        // The gate cannot tell at the moment. That is no reason to throw anybody out.
        this.#deps.log.warn({ err: error }, 'access cannot be checked now')
      }
    }
  }

  /** Tells everybody in these rooms that their members may have changed. */
  membersChanged(concerns: (access: ReadAccess) => boolean): void {
    for (const socket of this.#io.sockets.sockets.values())
      if (socket.data.access && concerns(socket.data.access)) announce(socket, 'members:changed', {})
  }

  /** Closes the sockets of sessions that have ended: signed out, expired, or revoked. */
  async recheckSessions(): Promise<void> {
    for (const socket of this.#io.sockets.sockets.values()) {
      try {
        const user = await this.#deps.authenticate(socket.handshake.headers)
        if (user?.userId === socket.data.user.userId) continue
        this.leave(socket)
        announce(socket, 'room:role', { role: null })
        socket.disconnect(true)
      } catch (error) {
        this.#deps.log.warn({ err: error }, 'a session cannot be checked now')
      }
    }
  }

  #setAccess(socket: RoomSocket, before: ReadAccess, now: ReadAccess | null): void {
    if (!now) {
      this.leave(socket)
      announce(socket, 'room:role', { role: null })
      return
    }
    socket.data.access = now
    if (now.role === before.role) return
    this.#documents.roleChanged(socket)
    this.#presence.setRole(socket.id, now.role)
    announce(socket, 'room:role', { role: now.role })
  }

  async #open(socket: RoomSocket, sent: Received<'room:open'>): Promise<Reply<'room:open'>> {
    const { investigationId, since } = sent
    this.leave(socket)
    const access = await this.#deps.roomAccess(socket.data.user, investigationId)
    if (!access) throw new UserError('access/unknown')
    const docId = await documentOf(access)
    await this.tails.join(investigationId).catch((error: unknown) => {
      this.tails.leave(investigationId)
      throw error
    })
    // From here on the socket hears every event; what it hears before the state arrives it sorts out by sequence.
    socket.data.access = access
    socket.data.docId = docId
    void socket.join(roomChannel(investigationId))
    try {
      const caughtUp = await this.#catchUp(access, since)
      if (!socket.connected) throw new Error('the socket left while opening a room')
      this.#presence.join(investigationId, socket.id, socket.data.user, access.role)
      return {
        role: access.role,
        connectionId: socket.id,
        ...caughtUp,
        presence: this.#presence.inRoom(investigationId, Date.now()),
        docId,
      }
    } catch (error) {
      this.leave(socket)
      throw error
    }
  }

  /** The events since the last visit when they are few, otherwise the whole state. */
  async #catchUp(
    access: ReadAccess,
    since: number | undefined,
  ): Promise<Pick<Reply<'room:open'>, 'state' | 'events'>> {
    if (since !== undefined) {
      const events = await eventsAfter(access, since, LIMITS.catchUpEvents + 1)
      if (events.length <= LIMITS.catchUpEvents) return { events }
    }
    return { state: await this.#deps.loadRoomState(access) }
  }

  #happened(room: InvestigationId, event: RoomEvent): void {
    announce(this.#io.to(roomChannel(room)), 'room:event', event)
    if (event.type !== 'hypothesis:status-changed') return
    // A verdict is a moment that people come back to. Every node that has the text open asks; it is kept once.
    const document = this.#documents.registry.live().find(({ investigationId }) => investigationId === room)
    if (!document) return
    const { title, status } = event.payload.hypothesis
    keepVersion(document.docId, `“${title}” became ${status}`.slice(0, 200), event.actorId).catch(
      (error: unknown) => this.#deps.log.warn({ err: error }, 'no version was kept'),
    )
  }
}
