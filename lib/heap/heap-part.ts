import type { HeapColumns, Uint32List } from './columns.ts'
import type { SiteInterner } from './sites.ts'
import { NO_PAGE, NO_SLOT, SLOT_BITS, type SlotTable } from './slots.ts'
import type { StringInterner } from './strings.ts'

/** What a scanner fills while it reads: addresses and names as it met them, nothing linked. */
export interface GrowingHeap {
  readonly columns: HeapColumns
  readonly slots: SlotTable
  readonly strings: StringInterner
  readonly sites: SiteInterner
  readonly roots: { readonly name: Uint32List; readonly start: Uint32List; readonly references: Uint32List }
  /** Lines of classes; `object` is an object index. */
  readonly classes: {
    readonly object: Uint32List
    readonly superSlot: Uint32List
    readonly realName: Uint32List
  }
}

/**
 * A range of a file, read: the same as plain columns, so that one thread can hand it to another without a copy. Page
 * numbers, string indexes, sites and object indexes count from the beginning of the range.
 */
export interface HeapPart {
  readonly objects: number
  readonly references: number
  readonly type: Uint8Array
  readonly flags: Uint8Array
  readonly shallowBytes: Uint32Array
  readonly generation: Int32Array
  readonly site: Uint32Array
  readonly label: Uint32Array
  readonly lineOffset: Float64Array
  readonly valueHash: Uint32Array
  readonly elements: Uint32Array
  readonly slot: Uint32Array
  readonly classSlot: Uint32Array
  readonly referenceStart: Uint32Array
  readonly referenceSlot: Uint32Array
  readonly hugeBytes: ReadonlyMap<number, number>
  readonly pages: Uint32Array
  readonly strings: { readonly count: number; readonly starts: Uint32Array; readonly bytes: Uint8Array }
  readonly sites: {
    readonly count: number
    readonly file: Uint32Array
    readonly line: Int32Array
    readonly method: Uint32Array
  }
  readonly roots: {
    readonly name: Uint32Array
    readonly start: Uint32Array
    readonly references: Uint32Array
  }
  readonly classes: {
    readonly object: Uint32Array
    readonly superSlot: Uint32Array
    readonly realName: Uint32Array
  }
}

/** What was read so far as a part. Nothing is copied: the scanner must not go on. */
export function heapPart(heap: GrowingHeap): HeapPart {
  const { columns, sites, roots, classes } = heap
  return {
    objects: columns.objects,
    references: columns.references,
    type: columns.type,
    flags: columns.flags,
    shallowBytes: columns.shallowBytes,
    generation: columns.generation,
    site: columns.site,
    label: columns.label,
    lineOffset: columns.lineOffset,
    valueHash: columns.valueHash,
    elements: columns.elements,
    slot: columns.slot,
    classSlot: columns.classSlot,
    referenceStart: columns.referenceStart,
    referenceSlot: columns.referenceSlot,
    hugeBytes: columns.hugeBytes,
    pages: heap.slots.allKeys(),
    strings: heap.strings.stored(),
    sites: { count: sites.count, file: sites.file, line: sites.line, method: sites.method },
    roots: { name: roots.name.view(), start: roots.start.view(), references: roots.references.view() },
    classes: {
      object: classes.object.view(),
      superSlot: classes.superSlot.view(),
      realName: classes.realName.view(),
    },
  }
}

/**
 * Appends what was read of the bytes that follow, as if one scanner had read both: pages, names and sites get the
 * numbers that they would have had. O(objects + references of the part).
 */
export function appendPart(heap: GrowingHeap, part: HeapPart): void {
  const { columns } = heap
  const names = namesOf(heap.strings, part)
  const sites = sitesOf(heap.sites, part, names)
  const slotOf = slotTranslation(heap.slots, part)
  const object = columns.objects
  const reference = columns.references
  columns.reserve(object + part.objects, reference + part.references)
  const objects = part.objects
  columns.type.set(part.type.subarray(0, objects), object)
  columns.flags.set(part.flags.subarray(0, objects), object)
  columns.shallowBytes.set(part.shallowBytes.subarray(0, objects), object)
  columns.generation.set(part.generation.subarray(0, objects), object)
  columns.lineOffset.set(part.lineOffset.subarray(0, objects), object)
  columns.valueHash.set(part.valueHash.subarray(0, objects), object)
  columns.elements.set(part.elements.subarray(0, objects), object)
  for (let i = 0; i < objects; i++) {
    columns.site[object + i] = sites[part.site[i]!]!
    columns.label[object + i] = names[part.label[i]!]!
    columns.slot[object + i] = slotOf(part.slot[i]!)
    columns.classSlot[object + i] = slotOf(part.classSlot[i]!)
    columns.referenceStart[object + i] = part.referenceStart[i]! + reference
  }
  for (let k = 0; k < part.references; k++)
    columns.referenceSlot[reference + k] = slotOf(part.referenceSlot[k]!)
  for (const [i, bytes] of part.hugeBytes) columns.hugeBytes.set(object + i, bytes)
  columns.objects = object + objects
  columns.references = reference + part.references

  const { roots, classes } = heap
  const rootReference = roots.references.length
  for (const name of part.roots.name) roots.name.push(names[name]!)
  for (const start of part.roots.start) roots.start.push(start + rootReference)
  for (const slot of part.roots.references) roots.references.push(slotOf(slot))
  for (const i of part.classes.object) classes.object.push(object + i)
  for (const slot of part.classes.superSlot) classes.superSlot.push(slotOf(slot))
  for (const name of part.classes.realName) classes.realName.push(names[name]!)
}

/** String indexes of the whole, by those of the part. */
function namesOf(strings: StringInterner, part: HeapPart): Uint32Array {
  const { count, starts, bytes } = part.strings
  const names = new Uint32Array(count)
  for (let id = 0; id < count; id++) names[id] = strings.intern(bytes, starts[id]!, starts[id + 1]!)
  return names
}

/** Sites of the whole, by those of the part. */
function sitesOf(sites: SiteInterner, part: HeapPart, names: Uint32Array): Uint32Array {
  const { count, file, line, method } = part.sites
  const translated = new Uint32Array(count)
  for (let site = 1; site < count; site++)
    translated[site] = sites.intern(names[file[site]!]!, line[site]!, names[method[site]!]!)
  return translated
}

/** Translates slots: another number for the page, the same place in it. */
function slotTranslation(slots: SlotTable, part: HeapPart): (slot: number) => number {
  const pages = Int32Array.from(part.pages, (key) => slots.page(key))
  const within = (1 << SLOT_BITS) - 1
  return (slot) => {
    if (slot === NO_SLOT) return NO_SLOT
    const page = pages[slot >>> SLOT_BITS]!
    return page === NO_PAGE ? NO_SLOT : ((page << SLOT_BITS) | (slot & within)) >>> 0
  }
}
