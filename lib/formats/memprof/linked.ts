import type { HeapColumns, Uint32List } from '#lib/heap/columns'
import { type SlotIndex, slotIndex } from '#lib/heap/slot-index'
import { NO_SLOT, type SlotTable } from '#lib/heap/slots'
import { NO_INDEX } from '#lib/heap/snapshot'
import type { ReferenceList } from './references.ts'
import { typeIndex } from './types.ts'

/** References as object indexes. */
export interface LinkedReferences {
  readonly referenceStart: Uint32Array
  readonly references: Uint32Array
  readonly kind: Uint8Array
  readonly name: Uint32Array
  readonly rootStart: Uint32Array
  readonly rootReferences: Uint32Array
  readonly dangling: number
  /** Addresses that more than one object has. */
  readonly sharedAddresses: number
  /** References to such an address: each leads to two of its objects. */
  readonly ambiguous: number
}

const CLASS_LIKE: ReadonlySet<number> = new Set(
  (['CLASS', 'MODULE', 'ICLASS'] as const).map((type) => typeIndex(type)),
)

/**
 * Turns slots into object indexes. memprof prints half of a pointer, so two objects may have one address: both are kept,
 * and a reference to it leads to both (the first and the last of more). That keeps too much alive rather than too little:
 * nobody is said to hold alone what may have another holder. The class column is resolved in place; a "class" that is
 * none is dropped. O(objects + references).
 */
export function linkedReferences(
  columns: HeapColumns,
  list: ReferenceList,
  slots: SlotTable,
  roots: { readonly start: Uint32List; readonly references: Uint32List },
): LinkedReferences {
  const index = slotIndex(columns.slot, columns.objects, slots.pages)
  const firstOf = sharedSlots(columns, index)
  resolveClasses(columns, index, firstOf)
  const resolve = new Resolver(index, firstOf)
  const rowStarts = columns.referenceStart.subarray(0, columns.objects + 1)
  rowStarts[columns.objects] = list.count
  const rows = resolve.rows(rowStarts, list.slot.subarray(0, list.count), list)
  const rootStart = roots.start.view()
  const ofRoots = resolve.rows(Uint32Array.of(...rootStart, roots.references.length), roots.references.view())
  return {
    referenceStart: rows.start,
    references: rows.target,
    kind: rows.kind,
    name: rows.name,
    rootStart: ofRoots.start,
    rootReferences: ofRoots.target,
    dangling: resolve.dangling,
    sharedAddresses: firstOf.size,
    ambiguous: resolve.ambiguous,
  }
}

/** The first object by each slot that several have; `index` knows the last. */
function sharedSlots({ slot, objects }: HeapColumns, index: SlotIndex): Map<number, number> {
  const first = new Map<number, number>()
  for (let object = 0; object < objects; object++) {
    const at = slot[object]!
    if (at !== NO_SLOT && index.at(at) !== object && !first.has(at)) first.set(at, object)
  }
  return first
}

function resolveClasses(columns: HeapColumns, index: SlotIndex, firstOf: ReadonlyMap<number, number>): void {
  const { classSlot, type, objects } = columns
  const isClass = (object: number) => object !== NO_INDEX && CLASS_LIKE.has(type[object]!)
  for (let object = 0; object < objects; object++) {
    const slot = classSlot[object]!
    const last = index.at(slot)
    const first = firstOf.get(slot) ?? last
    classSlot[object] = isClass(last) ? last : isClass(first) ? first : NO_INDEX
  }
}

class Resolver {
  dangling = 0
  ambiguous = 0
  private readonly index: SlotIndex
  private readonly firstOf: ReadonlyMap<number, number>

  constructor(index: SlotIndex, firstOf: ReadonlyMap<number, number>) {
    this.index = index
    this.firstOf = firstOf
  }

  /** Rows of slots as rows of object indexes; a row may get longer where an address is shared. */
  rows(
    start: Uint32Array,
    slots: Uint32Array,
    details?: { readonly kind: Uint8Array; readonly name: Uint32Array },
  ) {
    const { firstOf, index } = this
    let more = 0
    if (firstOf.size > 0) for (const slot of slots) if (firstOf.has(slot)) more++
    const total = slots.length + more
    const [target, kind, name] = [new Uint32Array(total), new Uint8Array(total), new Uint32Array(total)]
    const newStart = new Uint32Array(start.length)
    let count = 0
    const add = (object: number, place: number) => {
      target[count] = object
      if (details) {
        kind[count] = details.kind[place]!
        name[count] = details.name[place]!
      }
      count++
    }
    for (let row = 0; row + 1 < start.length; row++) {
      newStart[row] = count
      for (let place = start[row]!; place < start[row + 1]!; place++) {
        const slot = slots[place]!
        const last = index.at(slot)
        if (last === NO_INDEX) this.dangling++
        const first = more > 0 ? firstOf.get(slot) : undefined
        if (first !== undefined) add(first, place)
        add(last, place)
      }
    }
    newStart[start.length - 1] = count
    this.ambiguous += more
    return { start: newStart, target, kind, name }
  }
}
