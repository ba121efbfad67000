import type { Logger } from 'pino'
import type { InvestigationId, SeriesId } from '#lib/investigation/ids'
import type { CaptureProgress } from '#lib/realtime/protocol'

/**
 * What the running node offers to route handlers and to jobs beyond the database. `server.ts` (or a test) sets it once;
 * Next's bundles and the server are separate module graphs in one process and meet here.
 */
export interface Services {
  readonly log: Logger
  /** Told to everybody in the room at once, on every node, and forgotten. */
  announceProgress(investigationId: InvestigationId, progress: CaptureProgress): void
  /** New live points, for the graphs that are open now, with the process of each where it is known (0: not). Coalesced per series. */
  announcePoints(
    investigationId: InvestigationId,
    seriesId: SeriesId,
    t: readonly number[],
    v: readonly number[],
    pids?: readonly number[],
  ): void
  /** Distinct people inside each room at this moment, on all nodes: user id, name, colour. */
  peopleInside(
    investigationIds: readonly InvestigationId[],
  ): Map<string, { userId: string; name: string; color: number }[]>
  /** Facts for /api/health, each with its own verdict. */
  health(): Promise<Record<string, { ok: boolean; detail: string }>>
  /** Puts a stored capture in line to be read. */
  enqueueCapture(captureId: string): Promise<void>
  /** Stops reading a capture; nothing happens when it is not being read here. */
  cancelCapture(captureId: string): void
}

const KEY = Symbol.for('leakroom.services')
const shared = globalThis as { [KEY]?: Services }

export function provideServices(services: Services): void {
  shared[KEY] = services
}

/** This node's services. @throws when none were provided: a bug in the start order. */
export function services(): Services {
  const provided = shared[KEY]
  if (!provided) throw new Error('provideServices() was not called')
  return provided
}
