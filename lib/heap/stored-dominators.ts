import { type HeapSnapshot, NO_INDEX } from './snapshot.ts'

/**
 * Immediate dominators as the references have them already: most objects have one referrer, which is their dominator.
 * So `edge` says for each object which of the edges that lead to it comes from there: 1 for the first. That is one byte,
 * nearly always 1, instead of a node's number.
 */
export interface StoredDominators {
  readonly edge: Uint8Array
  /** Of the objects that are ELSEWHERE, in order: the dominating node. */
  readonly elsewhere: Uint32Array
}

const UNREACHED = 0
const MAX_EDGE = 253
const SUPER_ROOT = 254
/** The dominator refers to the object by no edge, or only by a very late one. */
const ELSEWHERE = 255

/** `idom` is by node, as in `Retention`. O(objects + references). */
export function toStoredDominators(snapshot: HeapSnapshot, idom: Uint32Array): StoredDominators {
  const { objects } = snapshot
  const firstObject = 1 + snapshot.roots.count
  const edge = new Uint8Array(objects)
  const seen = new Uint8Array(objects)
  forEachEdge(snapshot, (source, object) => {
    const place = seen[object]!
    if (place === MAX_EDGE) return
    seen[object] = place + 1
    if (edge[object] === 0 && idom[firstObject + object] === source) edge[object] = place + 1
  })
  const elsewhere: number[] = []
  for (let object = 0; object < objects; object++) {
    if (edge[object] !== 0) continue
    const dominator = idom[firstObject + object]!
    if (dominator === NO_INDEX) edge[object] = UNREACHED
    else if (dominator === 0) edge[object] = SUPER_ROOT
    else {
      edge[object] = ELSEWHERE
      elsewhere.push(dominator)
    }
  }
  return { edge, elsewhere: Uint32Array.from(elsewhere) }
}

/** Undoes it; uses `edge` up. @throws Error when there are not as many dominators as objects that need one. */
export function fromStoredDominators(snapshot: HeapSnapshot, stored: StoredDominators): Uint32Array {
  const { objects, roots } = snapshot
  const { edge, elsewhere } = stored
  const firstObject = 1 + roots.count
  const idom = new Uint32Array(firstObject + objects).fill(NO_INDEX)
  idom.fill(0, 1, firstObject)
  let used = 0
  for (let object = 0; object < objects; object++) {
    if (edge[object] === SUPER_ROOT) idom[firstObject + object] = 0
    if (edge[object] === ELSEWHERE) idom[firstObject + object] = elsewhere[used++]!
    if (edge[object]! > MAX_EDGE) edge[object] = 0
  }
  if (used !== elsewhere.length) throw new Error('dominators and objects do not belong together')
  // Counts down to the edge that is meant.
  forEachEdge(snapshot, (source, object) => {
    const left = edge[object]!
    if (left === 0) return
    edge[object] = left - 1
    if (left === 1) idom[firstObject + object] = source
  })
  return idom
}

/** All edges, weak ones too, in one fixed order: from the roots, then from each object, its class last. */
function forEachEdge(snapshot: HeapSnapshot, visit: (source: number, object: number) => void): void {
  const { objects, references, referenceStart, classIndex, roots } = snapshot
  for (let root = 0; root < roots.count; root++) {
    for (let k = roots.start[root]!; k < roots.start[root + 1]!; k++)
      if (roots.references[k] !== NO_INDEX) visit(1 + root, roots.references[k]!)
  }
  const firstObject = 1 + roots.count
  let k = referenceStart[0]!
  for (let object = 0; object < objects; object++) {
    const end = referenceStart[object + 1]!
    for (; k < end; k++) if (references[k] !== NO_INDEX) visit(firstObject + object, references[k]!)
    if (classIndex[object] !== NO_INDEX) visit(firstObject + object, classIndex[object]!)
  }
}
