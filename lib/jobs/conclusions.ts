import type { Logger } from 'pino'
import { type ChangeKind, onRoomChange } from '#lib/db/room-changes'
import type { InvestigationId } from '#lib/investigation/ids'

/**
 * Draws conclusions of a room anew after something changed. `changes`: which kinds of change there were since it was last
 * asked. Has to be safe beside itself on another node: compare and set, and nothing to do the second time.
 */
export interface Concluder {
  /** For the log. */
  readonly what: string
  readonly on: readonly ChangeKind[]
  conclude(investigationId: InvestigationId, changes: ReadonlySet<ChangeKind>): Promise<unknown>
}

export interface ConclusionsOptions {
  readonly concluders: readonly Concluder[]
  readonly log: Pick<Logger, 'warn'>
  /** Changes that come together are judged together. Milliseconds. */
  readonly calmMs?: number
  /** A live graph changes every second: rooms are judged for that at most so often. Milliseconds. */
  readonly seriesEveryMs?: number
}

interface Room {
  readonly pending: Set<ChangeKind>
  timer: NodeJS.Timeout | undefined
  /** When the timer runs out; infinite when none runs that judges. */
  dueAt: number
  running: Promise<void> | undefined
  seriesAt: number
}

/**
 * Hears what changes in rooms on this node, and has it judged: soon, once for changes that come together, one room at a time
 * beside itself, never before the answer to whoever made the change. What is lost when a node goes down is found by
 * the chores of the next.
 */
export class Conclusions {
  readonly #options: Required<ConclusionsOptions>
  readonly #rooms = new Map<InvestigationId, Room>()
  readonly #stopListening: () => void
  #isClosed = false

  constructor(options: ConclusionsOptions) {
    this.#options = { calmMs: 300, seriesEveryMs: 15_000, ...options }
    this.#stopListening = onRoomChange((investigationId, kind) => this.changed(investigationId, kind))
  }

  changed(investigationId: InvestigationId, kind: ChangeKind): void {
    if (this.#isClosed || !this.#options.concluders.some(({ on }) => on.includes(kind))) return
    const room = this.#rooms.get(investigationId) ?? this.#open(investigationId)
    room.pending.add(kind)
    this.#schedule(investigationId, room)
  }

  /** Judges at once what is pending, and answers when nothing is left to do: for tests and for the end. */
  async settled(): Promise<void> {
    while (this.#rooms.size > 0) {
      await Promise.all(
        [...this.#rooms].map(([investigationId, room]) => room.running ?? this.#run(investigationId, room)),
      )
    }
  }

  /** Begins nothing any more; what is under way is waited for. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#stopListening()
    const running = [...this.#rooms.values()].map((room) => {
      clearTimeout(room.timer)
      return room.running
    })
    this.#rooms.clear()
    await Promise.all(running)
  }

  #open(investigationId: InvestigationId): Room {
    const room: Room = {
      pending: new Set(),
      timer: undefined,
      dueAt: Number.POSITIVE_INFINITY,
      running: undefined,
      seriesAt: Number.NEGATIVE_INFINITY,
    }
    this.#rooms.set(investigationId, room)
    return room
  }

  #schedule(investigationId: InvestigationId, room: Room): void {
    if (room.running || this.#isClosed) return
    const { calmMs, seriesEveryMs } = this.#options
    const isSeriesOnly = [...room.pending].every((kind) => kind === 'series')
    const waitMs = isSeriesOnly ? Math.max(calmMs, room.seriesAt + seriesEveryMs - performance.now()) : calmMs
    const dueAt = performance.now() + waitMs
    // What is due sooner stays: changes without a pause must not put it off for ever.
    if (room.dueAt <= dueAt) return
    clearTimeout(room.timer)
    room.dueAt = dueAt
    room.timer = setTimeout(() => void this.#run(investigationId, room), waitMs)
    room.timer.unref()
  }

  #run(investigationId: InvestigationId, room: Room): Promise<void> {
    clearTimeout(room.timer)
    room.dueAt = Number.POSITIVE_INFINITY
    const changes = new Set(room.pending)
    room.pending.clear()
    if (changes.has('series')) room.seriesAt = performance.now()
    room.running = this.#judge(investigationId, changes).finally(() => {
      room.running = undefined
      if (this.#isClosed) return
      if (room.pending.size > 0) this.#schedule(investigationId, room)
      // Forgotten when nothing was seen for as long as a live graph is waited for.
      else if (changes.size === 0 || performance.now() - room.seriesAt > this.#options.seriesEveryMs)
        this.#rooms.delete(investigationId)
      else this.#forgetLater(investigationId, room)
    })
    return room.running
  }

  #forgetLater(investigationId: InvestigationId, room: Room): void {
    room.timer = setTimeout(() => {
      if (room.pending.size === 0 && !room.running) this.#rooms.delete(investigationId)
    }, this.#options.seriesEveryMs)
    room.timer.unref()
  }

  async #judge(investigationId: InvestigationId, changes: ReadonlySet<ChangeKind>): Promise<void> {
    for (const { what, on, conclude } of this.#options.concluders) {
      if (!on.some((kind) => changes.has(kind))) continue
      try {
        await conclude(investigationId, changes)
      } catch (error) {
        this.#options.log.warn({ err: error, investigationId }, `${what}: later`)
      }
    }
  }
}
