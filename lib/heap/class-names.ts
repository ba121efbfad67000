import type { HeapColumns, Uint32List } from './columns.ts'
import { NO_INDEX, OBJECT_FLAGS } from './snapshot.ts'
import type { StringInterner } from './strings.ts'

/** Lines of classes and modules: what naming needs beyond the columns. */
export interface ClassRows {
  readonly object: Uint32List
  /** Slot of the superclass; after linking, `superIndex` of ClassNaming. */
  readonly superSlot: Uint32List
  /** The name of the nearest real class, when the dump has it (Ruby 2.7+). */
  readonly realName: Uint32List
}

/** What to call an object's class when the dump does not say. */
export const UNNAMED = {
  hidden: '(internal, no class)',
  missing: '(class not in this dump)',
  anonymous: '(anonymous class)',
} as const

/** Kinds of Ruby's internal objects (`imemo_type` of a dump) whose own names only readers of its C sources know. */
const INTERNAL_KINDS: ReadonlyMap<string, string> = new Map([
  ['callcache', 'call cache'],
  ['callinfo', 'call info'],
  ['constcache', 'constant cache'],
  ['cref', 'lexical scope'],
  ['env', 'closure environment'],
  ['ifunc', 'block of C code'],
  ['ment', 'method entry'],
  ['svar', 'special variables'],
  ['tmpbuf', 'temporary buffer'],
])

/** "ment" → "(internal: method entry)"; a kind without a better name keeps its own: "(internal: iseq)". */
export const internalName = (kind: string): string => `(internal: ${INTERNAL_KINDS.get(kind) ?? kind})`

/** C name, and here the class, of the object in which Ruby keeps allocation sites: memory that tracing itself needs. */
export const ALLOCATION_TRACER = 'ObjectTracing/allocation_info_tracer'

/** A chain of superclasses longer than this is a cycle in a damaged file. */
const MAX_SUPERCLASSES = 200

/**
 * Name for people of every class object, as a string index; 0 for objects that are no classes.
 *
 * A singleton class counts as the class whose singleton it is (as `obj.class` says). An anonymous class is named
 * after its nearest named ancestor. Addresses inside names are left out, so that names are the same in every capture.
 * O(classes × superclasses), 4 bytes an object of which only the places of classes are touched.
 */
export function classNames(
  columns: HeapColumns,
  rows: ClassRows,
  strings: StringInterner,
  indexAt: (slot: number) => number,
): Uint32Array {
  const names = new Uint32Array(columns.objects)
  const objects = rows.object.view()
  const superSlots = rows.superSlot.view()
  const realNames = rows.realName.view()
  // Superclass and own name by class object; sparse, so only touched pages cost memory.
  const rowOf = new Uint32Array(columns.objects)
  for (let row = 0; row < objects.length; row++) rowOf[objects[row]!] = row + 1
  const plain = new Map<number, number>()
  for (let row = 0; row < objects.length; row++) {
    const own = columns.label[objects[row]!]!
    if (own !== 0) names[objects[row]!] = withoutAddress(own, strings, plain)
  }
  for (let row = 0; row < objects.length; row++) {
    const object = objects[row]!
    if (names[object] !== 0) continue
    const isSingleton = (columns.flags[object]! & OBJECT_FLAGS.singleton) !== 0
    const realName = realNames[row]!
    if (isSingleton && realName !== 0) {
      names[object] = withoutAddress(realName, strings, plain)
      continue
    }
    const ancestor = namedAncestor(row)
    if (ancestor === 0) names[object] = strings.internText(UNNAMED.anonymous)
    else if (realName === 0) names[object] = ancestor
    else names[object] = strings.internText(`(anonymous class < ${strings.text(ancestor)})`)
  }
  return names

  /** Nearest ancestor with a name of its own, so that the answer does not depend on the order of lines. */
  function namedAncestor(row: number): number {
    let at = row
    for (let steps = 0; steps < MAX_SUPERCLASSES; steps++) {
      const parent = indexAt(superSlots[at]!)
      if (parent === NO_INDEX || rowOf[parent] === 0) return 0
      const own = columns.label[parent]!
      if (own !== 0) return withoutAddress(own, strings, plain)
      at = rowOf[parent]! - 1
    }
    return 0
  }
}

/** "#<Class:0x00007f12>::Row" → "#<Class:0x…>::Row". */
function withoutAddress(name: number, strings: StringInterner, known: Map<number, number>): number {
  const before = known.get(name)
  if (before !== undefined) return before
  const text = strings.text(name)
  const after = text.includes('0x') ? strings.internText(text.replace(/0x[0-9a-f]{4,}/gi, '0x…')) : name
  known.set(name, after)
  return after
}
