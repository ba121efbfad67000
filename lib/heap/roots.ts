import type { HeapSnapshot } from './snapshot.ts'

/** What is said of roots that the collector reads conservatively. */
export const MAY_BE_STALE = 'may be a stale word on the stack'

/**
 * A category of roots for people: "vm", and for a stack that the collector reads word by word (any word that looks like
 * an address keeps an object) "machine_context (may be a stale word on the stack)".
 */
export function rootLabel(snapshot: Pick<HeapSnapshot, 'roots' | 'strings'>, root: number): string {
  const name = snapshot.strings.text(snapshot.roots.name[root]!)
  return isConservativeRoot(snapshot, root) ? `${name} (${MAY_BE_STALE})` : name
}

/** Is what this category keeps perhaps kept by nothing but an old word on a stack? */
export const isConservativeRoot = (snapshot: Pick<HeapSnapshot, 'roots'>, root: number): boolean =>
  snapshot.roots.isConservative?.[root] === 1
