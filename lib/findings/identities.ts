import { NO_SLOT, SLOT_BITS } from '#lib/heap/slots'
import { type HeapSnapshot, hasLastingKey, NO_GENERATION } from '#lib/heap/snapshot'
import type { IdentityTable } from './identity-table.ts'

const STEP_MASK = (1 << SLOT_BITS) - 1

/**
 * Who is who in a snapshot, sorted by address. Objects without an address, and all but the last of those that claim
 * one address, are left out; so are nodes whose ids say nothing. O(objects + pages log pages): objects arrive page by page, so a page is rarely sorted.
 */
export function identities(snapshot: HeapSnapshot, groupOf: Uint32Array): IdentityTable {
  const { slots, generation, objects } = snapshot
  const slot = identifyingSlots(snapshot)
  const perPage = new Uint32Array(slots.pages)
  for (let object = 0; object < objects; object++)
    if (slot[object] !== NO_SLOT) perPage[slot[object]! >>> SLOT_BITS]!++
  const pages = pagesByKey(snapshot, perPage)
  // Place of the next object of each page in the sorted order.
  const next = new Uint32Array(slots.pages)
  let placed = 0
  for (const page of pages) {
    next[page] = placed
    placed += perPage[page]!
  }
  const order = new Uint32Array(placed)
  for (let object = 0; object < objects; object++)
    if (slot[object] !== NO_SLOT) order[next[slot[object]! >>> SLOT_BITS]!++] = object

  const table = {
    pageKey: Uint32Array.from(pages, (page) => slots.keyOf(page)),
    pageStart: new Uint32Array(pages.length + 1),
    step: new Uint16Array(placed),
    group: new Uint32Array(placed),
    generation: new Int32Array(placed),
  }
  let kept = 0
  let start = 0
  let latestGeneration = NO_GENERATION
  for (let p = 0; p < pages.length; p++) {
    const end = start + perPage[pages[p]!]!
    sortBySlot(order, slot, start, end)
    for (let i = start; i < end; i++) {
      const object = order[i]!
      // Same address as the next one: an earlier line that a later one overrides.
      if (i + 1 < end && slot[order[i + 1]!] === slot[object]) continue
      const born = generation[object]!
      table.step[kept] = slot[object]! & STEP_MASK
      table.group[kept] = groupOf[object]!
      table.generation[kept] = born
      if (born > latestGeneration) latestGeneration = born
      kept++
    }
    table.pageStart[p + 1] = kept
    start = end
  }
  return {
    ...table,
    objects: kept,
    step: table.step.subarray(0, kept),
    group: table.group.subarray(0, kept),
    generation: table.generation.subarray(0, kept),
    latestGeneration,
    keyKind: snapshot.keyKind,
  }
}

/** Slot by object; NO_SLOT for those that it does not identify in another capture. */
function identifyingSlots(snapshot: HeapSnapshot): Uint32Array {
  const { slot, keyKind, objects } = snapshot
  if (keyKind === 'address') return slot
  const own = slot.slice(0, objects)
  for (let object = 0; object < objects; object++) if (!hasLastingKey(snapshot, object)) own[object] = NO_SLOT
  return own
}

/** Page numbers that hold objects, by ascending address. */
function pagesByKey(snapshot: HeapSnapshot, perPage: Uint32Array): Uint32Array {
  let used = 0
  const pages = new Uint32Array(perPage.length)
  for (let page = 0; page < perPage.length; page++) if (perPage[page]! > 0) pages[used++] = page
  return pages.subarray(0, used).sort((a, b) => snapshot.slots.keyOf(a) - snapshot.slots.keyOf(b))
}

/** Sorts order[start, end) by slot, stable; a no-op for what is sorted already. */
function sortBySlot(order: Uint32Array, slot: Uint32Array, start: number, end: number): void {
  for (let i = start + 1; i < end; i++) {
    if (slot[order[i - 1]!]! <= slot[order[i]!]!) continue
    order.subarray(start, end).sort((a, b) => slot[a]! - slot[b]! || a - b)
    return
  }
}
