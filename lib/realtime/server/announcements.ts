import type { InvestigationId, SeriesId } from '#lib/investigation/ids'
import type { CaptureProgress } from '../protocol.ts'
import type { BusMessage } from './bus.ts'
import { LIMITS } from './limits.ts'
import { announce, type RoomServer, roomChannel } from './node.ts'
import { Coalescer, type Timers } from './timers.ts'

/** Points of one message between nodes: well under a NOTIFY payload. */
const POINTS_PER_MESSAGE = 150

/** Samples of one series. `pids`: 0 where the process is not known. */
interface LivePoints {
  readonly t: readonly number[]
  readonly v: readonly number[]
  readonly pids?: readonly number[] | undefined
}

interface NewPoints extends LivePoints {
  readonly room: InvestigationId
}

/** One after the other. Only where neither has pids the whole has none. */
function joined(before: LivePoints | undefined, next: LivePoints): LivePoints {
  if (!before) return next
  const pidsOf = ({ t, pids }: LivePoints) => pids ?? t.map(() => 0)
  return {
    t: [...before.t, ...next.t],
    v: [...before.v, ...next.v],
    ...((before.pids || next.pids) && { pids: [...pidsOf(before), ...pidsOf(next)] }),
  }
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
      for (const [series, { room, t, v, pids }] of waiting) {
        this.tellPoints(room, series, { t, v, pids })
        for (let from = 0; from < t.length; from += POINTS_PER_MESSAGE) {
          const to = from + POINTS_PER_MESSAGE
          const part = { at: t.slice(from, to), v: v.slice(from, to), pids: pids?.slice(from, to) }
          send({ t: 'points', room, series, ...part })
        }
      }
    })
  }

  progress(room: InvestigationId, progress: CaptureProgress): void {
    this.#progress.put(progress.captureId, { room, progress })
  }

  points(room: InvestigationId, series: SeriesId, points: LivePoints): void {
    this.#points.put(series, { room, ...joined(this.#points.waiting(series), points) })
  }

  /** Tells this node's people. */
  tellProgress(room: InvestigationId, progress: CaptureProgress): void {
    announce(this.#io.to(roomChannel(room)), 'capture:progressed', progress)
  }

  /** Tells this node's people. */
  tellPoints(room: InvestigationId, seriesId: SeriesId, { t, v, pids }: LivePoints): void {
    const told = { seriesId, t: [...t], v: [...v], ...(pids && { pids: [...pids] }) }
    announce(this.#io.to(roomChannel(room)), 'series:extended', told)
  }

  close(): void {
    this.#progress.close()
    this.#points.close()
  }
}
