import type { Retention } from '#lib/heap/retention'
import { type HeapSnapshot, NO_INDEX, WEAK_EDGE } from '#lib/heap/snapshot'

/** The dominator has no direct reference to the object, or the dump does not name references. */
export const NO_EDGE = 0xffffffff
/** An element of an array, or one of many entries of a dictionary. */
export const NUMBERED_EDGE = 0xfffffffe

/** An object that has more named children of one class than this is a dictionary: its keys are data, not names. */
const MOST_NAMED_CHILDREN = 32

/**
 * By object, the name (string index) of the reference from its immediate dominator to it; NO_EDGE, or NUMBERED_EDGE.
 * A name is preferred to a number. `undefined` where the dump does not name references. O(references).
 */
export function dominatingEdges(snapshot: HeapSnapshot, retention: Retention): Uint32Array | undefined {
  const { edges, references, referenceStart, objects, className } = snapshot
  if (edges === undefined) return undefined
  const { idom, firstObject } = retention
  const edgeOf = new Uint32Array(objects).fill(NO_EDGE)
  const isNumbered = Uint8Array.from({ length: 256 }, (_, kind) =>
    edges.numberedKinds.has(kind & ~WEAK_EDGE) ? 1 : 0,
  )
  // Named children by class; touched classes are set back after each object.
  const children = new Uint32Array(snapshot.strings.count)
  for (let holder = 0; holder < objects; holder++) {
    const [start, end] = [referenceStart[holder]!, referenceStart[holder + 1]!]
    let named = 0
    for (let k = start; k < end; k++) {
      const target = references[k]!
      if (target === NO_INDEX || idom[firstObject + target] !== firstObject + holder) continue
      const kind = edges.kind[k]!
      if ((kind & WEAK_EDGE) !== 0) continue
      if (isNumbered[kind] === 1) {
        if (edgeOf[target] === NO_EDGE) edgeOf[target] = NUMBERED_EDGE
      } else if (edgeOf[target] === NO_EDGE || edgeOf[target] === NUMBERED_EDGE) {
        edgeOf[target] = edges.name[k]!
        named++
      }
    }
    if (named > MOST_NAMED_CHILDREN) forgetKeys(start, end, firstObject + holder)
  }
  return edgeOf

  /** Entries of a dictionary lose their names. */
  function forgetKeys(start: number, end: number, holder: number): void {
    const isChild = (target: number): boolean =>
      target !== NO_INDEX && idom[firstObject + target] === holder && edgeOf[target]! < NUMBERED_EDGE
    for (let k = start; k < end; k++) if (isChild(references[k]!)) children[className[references[k]!]!]!++
    for (let k = start; k < end; k++) {
      const target = references[k]!
      if (isChild(target) && children[className[target]!]! > MOST_NAMED_CHILDREN)
        edgeOf[target] = NUMBERED_EDGE
    }
    for (let k = start; k < end; k++) if (references[k] !== NO_INDEX) children[className[references[k]!]!] = 0
  }
}
