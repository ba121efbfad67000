import type { Logger } from 'pino'
import { roomHeads } from '#lib/db/documents'
import { loadEventsAfter } from '#lib/db/events'
import type { RoomEvent } from '#lib/investigation/events'
import type { InvestigationId } from '#lib/investigation/ids'

const PAGE = 500

interface Tail {
  readonly room: InvestigationId
  sockets: number
  /** Newest sequence that was announced; undefined until the first look. */
  seen: number | undefined
  looking: Promise<void> | undefined
  lookAgain: boolean
}

/**
 * The readers of the rooms' logs: one for each room that somebody has open on this node. A hint only says "look": what
 * is announced is what was read, in order, so a lost, doubled or early hint changes nothing.
 */
export class RoomTails {
  readonly #tails = new Map<InvestigationId, Tail>()
  readonly #looking = new Set<Promise<void>>()
  readonly #log: Logger
  readonly #announce: (room: InvestigationId, event: RoomEvent) => void

  constructor(log: Logger, announce: (room: InvestigationId, event: RoomEvent) => void) {
    this.#log = log
    this.#announce = announce
  }

  get size(): number {
    return this.#tails.size
  }

  rooms(): InvestigationId[] {
    return [...this.#tails.keys()]
  }

  /** One more connection. Resolves when the room is being followed: every later event is announced. */
  async join(room: InvestigationId): Promise<void> {
    const tail = this.#tails.get(room) ?? {
      room,
      sockets: 0,
      seen: undefined,
      looking: undefined,
      lookAgain: false,
    }
    tail.sockets++
    this.#tails.set(room, tail)
    if (tail.seen !== undefined) return
    const head = (await roomHeads([room])).get(room) ?? 0
    // Several may come at once: the earliest head wins, so that none of them misses an event.
    tail.seen = Math.min(tail.seen ?? head, head)
  }

  leave(room: InvestigationId): void {
    const tail = this.#tails.get(room)
    if (!tail) return
    tail.sockets--
    if (tail.sockets <= 0) this.#tails.delete(room)
  }

  /** Something may be new. Any number of calls at once cost one more read. */
  look(room: InvestigationId): Promise<void> {
    const tail = this.#tails.get(room)
    if (!tail || tail.seen === undefined) return Promise.resolve()
    if (tail.looking) {
      tail.lookAgain = true
      return tail.looking
    }
    const looking = this.#read(tail)
      .catch((error: unknown) => this.#log.warn({ err: error, room }, 'the log of a room cannot be read now'))
      .finally(() => {
        tail.looking = undefined
        this.#looking.delete(looking)
      })
    tail.looking = looking
    this.#looking.add(looking)
    return looking
  }

  /** Resolves when none of the logs is being read. Call it when nobody is in a room any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#looking)
  }

  /** Compares heads in one query and reads where something is new: for hints that were lost. */
  async lookEverywhere(): Promise<void> {
    const rooms = this.rooms()
    if (rooms.length === 0) return
    const heads = await roomHeads(rooms)
    for (const [room, head] of heads) {
      const seen = this.#tails.get(room)?.seen
      if (seen !== undefined && head > seen) void this.look(room)
    }
  }

  async #read(tail: Tail): Promise<void> {
    do {
      tail.lookAgain = false
      const events = await loadEventsAfter(tail.room, tail.seen ?? 0, PAGE)
      for (const event of events) {
        if (event.seq <= (tail.seen ?? 0)) continue
        tail.seen = event.seq
        this.#announce(tail.room, event)
      }
      if (events.length === PAGE) tail.lookAgain = true
    } while (tail.lookAgain && this.#tails.get(tail.room) === tail)
  }
}
