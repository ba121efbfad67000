import type { Retention } from '#lib/heap/retention'
import { type EdgeDetails, type HeapSnapshot, NO_INDEX, WEAK_EDGE } from '#lib/heap/snapshot'

/** The dominator has no direct reference to the object, or the dump does not name references. */
export const NO_EDGE = 0xffffffff
/** An element of an array, or one of many entries of a dictionary. */
export const NUMBERED_EDGE = 0xfffffffe

/** An object that has more named children of one class than this is a dictionary: its keys are data, not names. */
const MOST_NAMED_CHILDREN = 32

/** Kinds of references whose names people gave: a property, a variable of a closure. */
const GIVEN_NAMES = new Set(['property', 'context'])

/**
 * By object, the name (string index) of the reference from its immediate dominator to it; NO_EDGE, or NUMBERED_EDGE.
 * A name is preferred to a number. Where the dominator has no reference to it, because a handle on the stack or a second
 * variable holds it too, the one name by which all properties and variables know it. `undefined` where the dump does not
 * name references. O(references).
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
    const start = referenceStart[holder]!
    const end = referenceStart[holder + 1]!
    let named = 0
    for (let k = start; k < end; k++) {
      const kind = edges.kind[k]!
      if ((kind & WEAK_EDGE) !== 0) continue
      const target = references[k]!
      if (target === NO_INDEX || idom[firstObject + target] !== firstObject + holder) continue
      if (isNumbered[kind] === 1) {
        if (edgeOf[target] === NO_EDGE) edgeOf[target] = NUMBERED_EDGE
      } else if (edgeOf[target] === NO_EDGE || edgeOf[target] === NUMBERED_EDGE) {
        edgeOf[target] = edges.name[k]!
        named++
      }
    }
    if (named > MOST_NAMED_CHILDREN) forgetKeys(start, end, firstObject + holder)
  }
  nameShared(snapshot, edges, edgeOf)
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

/** Objects that are known by several names. */
const SEVERAL_NAMES = 0xfffffffd

/** Gives objects without a name from their dominator the one by which all who refer to them know them, if it is one. */
function nameShared(snapshot: HeapSnapshot, edges: EdgeDetails, edgeOf: Uint32Array): void {
  const { references, referenceStart, objects } = snapshot
  const isNameless = namelessObjects(snapshot, edgeOf)
  if (isNameless === undefined) return
  const isGiven = Uint8Array.from({ length: 256 }, (_, kind) =>
    GIVEN_NAMES.has(edges.kindNames[kind] ?? '') ? 1 : 0,
  )
  const given = new Map<number, number>()
  const found: number[] = []
  for (let holder = 0, k = 0; holder < objects; holder++) {
    const end = referenceStart[holder + 1]!
    for (; k < end; k++) {
      const target = references[k]!
      if (isGiven[edges.kind[k]!] === 0 || target === NO_INDEX) continue
      if ((isNameless[target >>> 5]! & (1 << (target & 31))) !== 0) found.push(k)
    }
    if (found.length === 0) continue
    // The keys of a dictionary are data.
    if (found.length <= MOST_NAMED_CHILDREN)
      for (const at of found) {
        const target = references[at]!
        const name = edges.name[at]!
        given.set(target, (given.get(target) ?? name) === name ? name : SEVERAL_NAMES)
      }
    found.length = 0
  }
  for (const [target, name] of given) if (name !== SEVERAL_NAMES) edgeOf[target] = name
}

/** One bit an object, so that a look at the target of each reference stays in the processor's cache; undefined: there are none. */
function namelessObjects(
  { objects, type, typeNames }: HeapSnapshot,
  edgeOf: Uint32Array,
): Uint32Array | undefined {
  const isObject = typeNames.indexOf('object')
  const bits = new Uint32Array((objects + 31) >>> 5)
  let count = 0
  for (let object = 0; object < objects; object++) {
    if (edgeOf[object] !== NO_EDGE || type[object] !== isObject) continue
    bits[object >>> 5]! |= 1 << (object & 31)
    count++
  }
  return count === 0 ? undefined : bits
}
