import { UNNAMED } from '#lib/heap/class-names'
import type { HeapColumns } from '#lib/heap/columns'
import { NO_INDEX, OBJECT_FLAGS } from '#lib/heap/snapshot'
import type { StringInterner } from '#lib/heap/strings'
import { INTERNAL_WORDS, MEMPROF_TYPES } from './types.ts'

/** A chain of superclasses longer than this is a cycle in a damaged file. */
const MAX_SUPERCLASSES = 200

/**
 * Name of every object's class for people, as a string index: what the line says; else the nearest named ancestor of the
 * class that it points at (a singleton class has no name); else what the interpreter uses such objects for. Expects the
 * class column to be resolved. O(objects + classes × superclasses).
 */
export function classNamesOf(
  columns: HeapColumns,
  given: Uint32Array,
  superSlots: ReadonlyMap<number, number>,
  strings: StringInterner,
): Uint32Array {
  const { objects, classSlot, type, label } = columns
  const known = new Map<number, number>()
  const objectAt = classesBySlot(columns, superSlots)
  const className = new Uint32Array(objects)
  const fallback = MEMPROF_TYPES.map((name) => strings.internText(INTERNAL_WORDS.get(name) ?? UNNAMED.hidden))
  const missing = strings.internText(UNNAMED.missing)
  const anonymous = strings.internText(UNNAMED.anonymous)
  for (let object = 0; object < objects; object++) {
    if (given[object] !== 0) className[object] = given[object]!
    else if (classSlot[object] !== NO_INDEX) className[object] = ancestorName(classSlot[object]!)
    else className[object] = fallback[type[object]!] ?? missing
  }
  return className

  function ancestorName(from: number): number {
    const before = known.get(from)
    if (before !== undefined) return before
    const name = nearestName(from)
    known.set(from, name)
    return name
  }

  function nearestName(from: number): number {
    let at: number | undefined = from
    for (let steps = 0; at !== undefined && steps < MAX_SUPERCLASSES; steps++) {
      const isSingleton = (columns.flags[at]! & OBJECT_FLAGS.singleton) !== 0
      if (!isSingleton && label[at] !== 0) return label[at]!
      const above = superSlots.get(at)
      at = above === undefined ? undefined : objectAt.get(above)
    }
    return anonymous
  }
}

/** Classes by their address; of two at one address the later. */
function classesBySlot(columns: HeapColumns, superSlots: ReadonlyMap<number, number>): Map<number, number> {
  const bySlot = new Map<number, number>()
  for (let object = 0; object < columns.objects; object++) {
    const isClass = columns.label[object] !== 0 || superSlots.has(object)
    if (isClass) bySlot.set(columns.slot[object]!, object)
  }
  return bySlot
}
