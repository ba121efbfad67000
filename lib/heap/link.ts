import { type ClassRows, classNames, internalName, UNNAMED } from './class-names.ts'
import type { HeapColumns, Uint32List } from './columns.ts'
import { sharedUint32 } from './shared.ts'
import type { SiteInterner } from './sites.ts'
import { slotIndex } from './slot-index.ts'
import { NO_SLOT, type SlotTable } from './slots.ts'
import { type HeapSnapshot, NO_INDEX, type ReadingNotes } from './snapshot.ts'
import type { StringInterner } from './strings.ts'

/** A dump as the scanner leaves it: addresses everywhere, nothing resolved. */
export interface UnlinkedHeap {
  readonly producer: string
  readonly typeNames: readonly string[]
  /** Types whose instances name others (class, module), and the type whose label is its kind, not its class. */
  readonly types: { readonly classType: number; readonly moduleType: number; readonly internalType: number }
  readonly columns: HeapColumns
  readonly slots: SlotTable
  readonly strings: StringInterner
  readonly sites: SiteInterner
  readonly roots: { readonly name: Uint32List; readonly start: Uint32List; readonly references: Uint32List }
  /** Name of the categories of roots that are stacks read conservatively: string index; 0 when there are none. */
  readonly stackRootName: number
  readonly classes: ClassRows
  readonly reading: Omit<
    ReadingNotes,
    'danglingReferences' | 'repeatedAddresses' | 'unplacedObjects' | 'isPartial'
  >
}

/**
 * Turns addresses into object indexes, in place, and names every object's class. The columns belong to the
 * snapshot afterwards. O(objects + references); needs 4 bytes per possible slot while it runs.
 */
export function linkedSnapshot(heap: UnlinkedHeap): HeapSnapshot {
  const { columns } = heap
  const index = slotIndex(columns.slot, columns.objects, heap.slots.pages)
  const names = classNames(columns, heap.classes, heap.strings, index.at)
  const rootReferences = heap.roots.references.view()
  const danglingReferences =
    index.resolve(columns.referenceSlot, columns.references) +
    index.resolve(rootReferences, rootReferences.length)
  const className = namesOfObjects(heap, names, index.at)
  const rootCount = heap.roots.name.length
  heap.roots.start.push(rootReferences.length)
  return {
    producer: heap.producer,
    objects: columns.objects,
    typeNames: heap.typeNames,
    type: columns.type,
    flags: columns.flags,
    shallowBytes: columns.shallowBytes,
    hugeBytes: columns.hugeBytes,
    generation: columns.generation,
    site: columns.site,
    sites: heap.sites,
    strings: heap.strings,
    classIndex: columns.classSlot,
    className,
    label: columns.label,
    lineOffset: columns.lineOffset,
    valueHash: columns.valueHash,
    elements: columns.elements,
    referenceStart: columns.referenceStart,
    references: columns.referenceSlot,
    roots: {
      count: rootCount,
      name: heap.roots.name.view(),
      start: heap.roots.start.view(),
      references: rootReferences,
      isConservative: Uint8Array.from(heap.roots.name.view(), (name) =>
        name === heap.stackRootName ? 1 : 0,
      ),
    },
    keyKind: 'address',
    slot: columns.slot,
    slots: heap.slots,
    notes: {
      ...heap.reading,
      danglingReferences,
      repeatedAddresses: index.repeated,
      unplacedObjects: countOf(columns.slot, columns.objects, NO_SLOT),
      isPartial: rootCount === 0,
    },
  }
}

/** Resolves the class column and gives every object the name of its class. */
function namesOfObjects(
  heap: UnlinkedHeap,
  names: Uint32Array,
  indexAt: (slot: number) => number,
): Uint32Array {
  const { objects, classSlot, type, label } = heap.columns
  const { internalType } = heap.types
  const hidden = heap.strings.internText(UNNAMED.hidden)
  const missing = heap.strings.internText(UNNAMED.missing)
  const className = sharedUint32(objects)
  const internalNames = new Map<number, number>()
  let lastSlot = NO_SLOT
  let classIndex = NO_INDEX
  for (let object = 0; object < objects; object++) {
    const slot = classSlot[object]!
    if (slot !== lastSlot) {
      lastSlot = slot
      classIndex = indexAt(slot)
    }
    classSlot[object] = classIndex
    if (classIndex !== NO_INDEX && names[classIndex] !== 0) className[object] = names[classIndex]!
    else if (slot !== NO_SLOT) className[object] = missing
    else if (label[object] === 0 || isClass(heap, type[object]!)) className[object] = hidden
    else if (type[object] === internalType) className[object] = internalNameOf(label[object]!)
    else className[object] = label[object]!
  }
  return className

  /** A dump has a dozen kinds: each is named once. */
  function internalNameOf(kind: number): number {
    const known = internalNames.get(kind)
    if (known !== undefined) return known
    const name = heap.strings.internText(internalName(heap.strings.text(kind)))
    internalNames.set(kind, name)
    return name
  }
}

const isClass = (heap: UnlinkedHeap, type: number): boolean =>
  type === heap.types.classType || type === heap.types.moduleType

function countOf(column: Uint32Array, length: number, value: number): number {
  let count = 0
  for (let i = 0; i < length; i++) if (column[i] === value) count++
  return count
}
