import type { InvestigationId, SeriesId } from '#lib/investigation/ids'
import type { CaptureProgress } from '../protocol.ts'
import type { BusMessage } from './bus.ts'
import { LIMITS } from './limits.ts'
import { announce, type RoomServer, roomChannel } from './node.ts'
import { Coalescer, type Timers } from './timers.ts'

/** Points of one message between nodes: well under a NOTIFY payload. */
const POINTS_PER_MESSAGE = 150

interface NewPoints {
  readonly room: InvestigationId
  readonly t: number[]
  readonly v: number[]
}

/** What is told at once and forgotten: how far captures are, and new points of live series. */
export class LiveAnnouncements {
  readonly #io: RoomServer
  readonly #progress: Coalescer<string, { room: InvestigationId; progress: CaptureProgress }>
  readonly #points: Coalescer<SeriesId, NewPoints>

  constructor(io: RoomServer, timers: Timers, send: (message: BusMessage) => void) {
    this.#io = io
    this.#progress = new Coalescer(timers, LIMITS.announceEveryMs, (waiting) => {
      for (const { room, progress } of waiting.values()) {
        this.tellProgress(room, progress)
        send({ t: 'progress', room, progress })
      }
    })
    this.#points = new Coalescer(timers, LIMITS.announceEveryMs, (waiting) => {
      for (const [series, { room, t, v }] of waiting) {
        this.tellPoints(room, series, t, v)
        for (let from = 0; from < t.length; from += POINTS_PER_MESSAGE) {
          const to = from + POINTS_PER_MESSAGE
          send({ t: 'points', room, series, at: t.slice(from, to), v: v.slice(from, to) })
        }
      }
    })
  }

  progress(room: InvestigationId, progress: CaptureProgress): void {
    this.#progress.put(progress.captureId, { room, progress })
  }

  points(room: InvestigationId, series: SeriesId, t: readonly number[], v: readonly number[]): void {
    const waiting = this.#points.waiting(series)
    this.#points.put(series, { room, t: [...(waiting?.t ?? []), ...t], v: [...(waiting?.v ?? []), ...v] })
  }

  /** Tells this node's people. */
  tellProgress(room: InvestigationId, progress: CaptureProgress): void {
    announce(this.#io.to(roomChannel(room)), 'capture:progressed', progress)
  }

  /** Tells this node's people. */
  tellPoints(room: InvestigationId, seriesId: SeriesId, t: number[], v: number[]): void {
    announce(this.#io.to(roomChannel(room)), 'series:extended', { seriesId, t, v })
  }

  close(): void {
    this.#progress.close()
    this.#points.close()
  }
}
