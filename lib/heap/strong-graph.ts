import { sharedUint32 } from './shared.ts'
import { type HeapSnapshot, NO_INDEX, WEAK_EDGE } from './snapshot.ts'

/**
 * What keeps what alive, as compressed sparse rows over nodes: node 0 is the super-root, 1 … roots.count are the
 * categories of roots, object `i` is node `firstObject + i`. Node `v` keeps `target[start[v] … start[v + 1])`.
 */
export interface StrongGraph {
  readonly nodes: number
  readonly firstObject: number
  readonly start: Uint32Array
  /** May be longer than what is used. */
  readonly target: Uint32Array
  /**
   * Nodes that nobody refers to, in order, where the snapshot wants them below the super-root: they are searched when the
   * roots are done. Most heaps have none, so that this pass over all references is made only if something was not reached.
   */
  orphans(): readonly number[]
}

/**
 * The strong references of a snapshot. Every object also keeps its class: dumps do not repeat that reference, and
 * without it singleton classes would look like garbage. Weak references, references of an object to itself and those
 * to objects that are not in the dump are left out. Repeats stay: they change nothing.
 *
 * O(objects + references); 4 bytes for each.
 */
export function strongGraph(snapshot: HeapSnapshot): StrongGraph {
  const { objects, roots } = snapshot
  const firstObject = 1 + roots.count
  const nodes = firstObject + objects
  const start = sharedUint32(nodes + 1)
  const references = snapshot.referenceStart[objects]!
  // Untouched room at the end costs no memory, counting first would cost a pass over all references.
  const target = sharedUint32(roots.count + roots.references.length + references + objects)
  let used = 0
  for (let root = 0; root < roots.count; root++) target[used++] = 1 + root
  for (let root = 0; root < roots.count; root++) {
    start[1 + root] = used
    const end = roots.start[root + 1]!
    for (let k = roots.start[root]!; k < end; k++) {
      const object = roots.references[k]!
      if (object !== NO_INDEX) target[used++] = firstObject + object
    }
  }
  if (snapshot.edges === undefined) used = plainReferences(snapshot, firstObject, start, target, used)
  else used = kindReferences(snapshot, snapshot.edges.kind, firstObject, start, target, used)
  start[nodes] = used
  let found: readonly number[] | undefined
  const orphans = (): readonly number[] => {
    found ??=
      snapshot.orphans === 'under-root' ? unreferenced(snapshot).map((object) => firstObject + object) : []
    return found
  }
  return { nodes, firstObject, start, target, orphans }
}

/** All references are strong: Ruby's. */
function plainReferences(
  snapshot: HeapSnapshot,
  firstObject: number,
  start: Uint32Array,
  target: Uint32Array,
  usedBefore: number,
): number {
  const { objects, referenceStart, references, classIndex } = snapshot
  let used = usedBefore
  let k = referenceStart[0]!
  for (let object = 0; object < objects; object++) {
    start[firstObject + object] = used
    const end = referenceStart[object + 1]!
    for (; k < end; k++) {
      const to = references[k]!
      if (to !== NO_INDEX && to !== object) target[used++] = firstObject + to
    }
    const kind = classIndex[object]!
    if (kind !== NO_INDEX && kind !== object) target[used++] = firstObject + kind
  }
  return used
}

/** References have kinds, and some are weak. */
function kindReferences(
  snapshot: HeapSnapshot,
  kinds: Uint8Array,
  firstObject: number,
  start: Uint32Array,
  target: Uint32Array,
  usedBefore: number,
): number {
  const { objects, referenceStart, references, classIndex } = snapshot
  let used = usedBefore
  let k = referenceStart[0]!
  for (let object = 0; object < objects; object++) {
    start[firstObject + object] = used
    const end = referenceStart[object + 1]!
    for (; k < end; k++) {
      if ((kinds[k]! & WEAK_EDGE) !== 0) continue
      const to = references[k]!
      if (to !== NO_INDEX && to !== object) target[used++] = firstObject + to
    }
    const kind = classIndex[object]!
    if (kind !== NO_INDEX && kind !== object) target[used++] = firstObject + kind
  }
  return used
}

/** Objects that neither a root nor another object refers to strongly, in order. */
function unreferenced(snapshot: HeapSnapshot): number[] {
  const { objects, referenceStart, references, classIndex, roots, edges } = snapshot
  const isReferenced = new Uint8Array(objects)
  for (const object of roots.references) if (object !== NO_INDEX) isReferenced[object] = 1
  for (let object = 0; object < objects; object++) {
    const end = referenceStart[object + 1]!
    for (let k = referenceStart[object]!; k < end; k++) {
      if (edges !== undefined && (edges.kind[k]! & WEAK_EDGE) !== 0) continue
      const to = references[k]!
      if (to !== NO_INDEX && to !== object) isReferenced[to] = 1
    }
    const kind = classIndex[object]!
    if (kind !== NO_INDEX && kind !== object) isReferenced[kind] = 1
  }
  const found: number[] = []
  for (let object = 0; object < objects; object++) if (isReferenced[object] === 0) found.push(object)
  return found
}
