import { colorOf } from '#lib/investigation/colors'
import type { InvestigationId } from '#lib/investigation/ids'
import type { Role } from '#lib/investigation/roles'
import { PresenceSent, type PresenceState } from '../protocol.ts'
import { LIMITS } from './limits.ts'
import type { SocketUser } from './node.ts'
import { Coalescer, type Timers } from './timers.ts'

interface Here {
  readonly room: InvestigationId
  readonly state: PresenceState
}

interface PresencePort {
  readonly timers: Timers
  readonly beatMs: number
  /** Tells the people of the room on this node. `state` null: gone. */
  tell(room: InvestigationId, connectionId: string, state: PresenceState | null): void
  /** Tells the other nodes. */
  send(room: InvestigationId, connectionId: string, state: PresenceState | null): void
}

/**
 * Who is here, on all nodes. Every node knows everybody's last word: its own people by their sockets, the others' by
 * the bus. A node that was not heard of for three beats is gone, and its people with it.
 */
export class Presence {
  readonly #port: PresencePort
  readonly #own = new Map<string, Here>()
  readonly #others = new Map<string, { heardAtMs: number; people: Map<string, Here> }>()
  readonly #changes: Coalescer<string, Here | { room: InvestigationId; state: null }>

  constructor(port: PresencePort) {
    this.#port = port
    this.#changes = new Coalescer(port.timers, LIMITS.presenceEveryMs, (changes) => {
      for (const [connectionId, { room, state }] of changes) {
        port.tell(room, connectionId, state)
        port.send(room, connectionId, state)
      }
    })
  }

  get size(): number {
    return this.#own.size
  }

  join(room: InvestigationId, connectionId: string, user: SocketUser, role: Role): void {
    const color = colorOf(user.userId)
    const { userId, name } = user
    const state = { ...PresenceSent.parse({}), connectionId, userId, name, color, role }
    this.#put(connectionId, { room, state })
  }

  /** What a browser says of itself. Who it is stays what the session says. */
  change(connectionId: string, sent: PresenceSent): void {
    const here = this.#own.get(connectionId)
    if (here) this.#put(connectionId, { room: here.room, state: { ...here.state, ...sent } })
  }

  setRole(connectionId: string, role: Role): void {
    const here = this.#own.get(connectionId)
    if (here) this.#put(connectionId, { room: here.room, state: { ...here.state, role } })
  }

  leave(connectionId: string): void {
    const here = this.#own.get(connectionId)
    if (!here) return
    this.#own.delete(connectionId)
    this.#changes.put(connectionId, { room: here.room, state: null })
  }

  /** Everybody in a room. */
  inRoom(room: InvestigationId, nowMs: number): PresenceState[] {
    return this.#everybody(nowMs).flatMap((here) => (here.room === room ? [here.state] : []))
  }

  /** Distinct people of each room that has some. */
  people(
    rooms: readonly InvestigationId[],
    nowMs: number,
  ): Map<string, { userId: string; name: string; color: number }[]> {
    const wanted = new Map(rooms.map((room) => [room, new Map<string, PresenceState>()]))
    for (const { room, state } of this.#everybody(nowMs)) wanted.get(room)?.set(state.userId, state)
    const found = new Map<string, { userId: string; name: string; color: number }[]>()
    for (const [room, people] of wanted) {
      const list = [...people.values()].map(({ userId, name, color }) => ({ userId, name, color }))
      if (list.length > 0) found.set(room, list)
    }
    return found
  }

  /** Another node lives. */
  heard(nodeId: string, nowMs: number): void {
    const other = this.#others.get(nodeId)
    if (other) other.heardAtMs = nowMs
    else this.#others.set(nodeId, { heardAtMs: nowMs, people: new Map() })
  }

  /** Another node says who is with it. */
  heardOf(
    nodeId: string,
    room: InvestigationId,
    connectionId: string,
    state: PresenceState | null,
    nowMs: number,
  ): void {
    this.heard(nodeId, nowMs)
    const people = this.#others.get(nodeId)?.people
    if (state) people?.set(connectionId, { room, state })
    else people?.delete(connectionId)
    this.#port.tell(room, connectionId, state)
  }

  /** Another node is gone, or was not heard of for too long: so are its people. */
  forgetNode(nodeId: string): void {
    const other = this.#others.get(nodeId)
    this.#others.delete(nodeId)
    for (const [connectionId, { room }] of other?.people ?? []) this.#port.tell(room, connectionId, null)
  }

  forgetSilentNodes(nowMs: number): void {
    for (const [nodeId, { heardAtMs }] of this.#others) {
      if (nowMs - heardAtMs > 3 * this.#port.beatMs) this.forgetNode(nodeId)
    }
  }

  /** Says again who is here: another node has just come. */
  repeat(): void {
    for (const [connectionId, { room, state }] of this.#own) this.#port.send(room, connectionId, state)
  }

  close(): void {
    this.#changes.close()
  }

  #put(connectionId: string, here: Here): void {
    this.#own.set(connectionId, here)
    this.#changes.put(connectionId, here)
  }

  #everybody(nowMs: number): Here[] {
    const all = [...this.#own.values()]
    for (const { heardAtMs, people } of this.#others.values()) {
      if (nowMs - heardAtMs <= 3 * this.#port.beatMs) all.push(...people.values())
    }
    return all
  }
}
