import type { DocId, InvestigationId } from '#lib/investigation/ids'

/** "Something new was committed": where to look, never what. Losing one only delays (lib/realtime/server/bus.ts). */
export type Hint =
  | { readonly kind: 'room'; readonly investigationId: InvestigationId }
  | { readonly kind: 'doc'; readonly docId: DocId; readonly head: number }
  /** Somebody's role changed or ended: check who may still be in this room. */
  | {
      readonly kind: 'access'
      readonly investigationId: InvestigationId | null
      readonly teamId: string | null
    }

type Listener = (hint: Hint) => void

const KEY = Symbol.for('leakroom.hints')
const shared = globalThis as { [KEY]?: Set<Listener> }
const listeners = (): Set<Listener> => (shared[KEY] ??= new Set())

/** The bus listens here; it looks at once and tells the other nodes. Returns the way to stop. */
export function onHint(listener: Listener): () => void {
  listeners().add(listener)
  return () => listeners().delete(listener)
}

export const hint = (what: Hint): void => {
  for (const listener of listeners()) listener(what)
}
export const hintRoom = (investigationId: InvestigationId): void => hint({ kind: 'room', investigationId })
