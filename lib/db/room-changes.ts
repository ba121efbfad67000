import type { RoomEventType } from '#lib/investigation/events'
import type { InvestigationId } from '#lib/investigation/ids'

/**
 * What of a room changed that conclusions are drawn from. `capture`: captures, the team's ledger excepted. `series`: graphs,
 * marks and limits. `run`: experiments, their runs and environments. `conclusion`: what an experiment says. `check`: the
 * predicates of hypotheses.
 */
export type ChangeKind = 'capture' | 'series' | 'run' | 'conclusion' | 'check'

type Listener = (investigationId: InvestigationId, kind: ChangeKind) => void

// Next's bundles and the server are separate module graphs in one process and meet here.
const KEY = Symbol.for('leakroom.room-changes')
const shared = globalThis as { [KEY]?: Set<Listener> }
const listeners = (): Set<Listener> => (shared[KEY] ??= new Set())

/** Called after the commit, on the node that made the change and on no other. Returns the way to stop. */
export function onRoomChange(listener: Listener): () => void {
  listeners().add(listener)
  return () => listeners().delete(listener)
}

/** For what changes without an event of the log: points of a live graph. */
export function roomChanged(investigationId: InvestigationId, kind: ChangeKind): void {
  for (const listener of listeners()) listener(investigationId, kind)
}

const KINDS: readonly (readonly [prefix: string, kind: ChangeKind])[] = [
  ['capture:', 'capture'],
  ['series:', 'series'],
  ['mark:', 'series'],
  ['limit:', 'series'],
  ['experiment:concluded', 'conclusion'],
  ['experiment:', 'run'],
  ['run:', 'run'],
  ['check:added', 'check'],
  ['check:changed', 'check'],
]

/** What an event of the log changes; undefined: nothing that conclusions are drawn from. */
export const changeOf = (type: RoomEventType): ChangeKind | undefined =>
  KINDS.find(([prefix]) => type.startsWith(prefix))?.[1]
