import { NO_PAGE, NO_SLOT, SLOT_BITS } from '#lib/heap/slots'
import { type HeapSnapshot, hasLastingKey, NO_GENERATION } from '#lib/heap/snapshot'
import type { IdentityTable } from './identity-table.ts'

const STEP_MASK = (1 << SLOT_BITS) - 1

/**
 * Who is who in a snapshot, sorted by address. Objects without an address, and all but the last of those that claim one
 * address, are left out; so are nodes whose ids say nothing. Objects arrive page by page and mostly by address, so that
 * whole runs of them are copied; where they do not, they are sorted. O(objects + runs log runs).
 */
export function identities(snapshot: HeapSnapshot, groupOf: Uint32Array): IdentityTable {
  const { slots, generation, objects } = snapshot
  const slot = identifyingSlots(snapshot)
  const { order, runs } = sortedRuns(snapshot, slot)
  const room = order === undefined ? objects : order.length
  const step = new Uint16Array(room)
  const group = new Uint32Array(room)
  const born = new Int32Array(room)
  const pageKey: number[] = []
  const pageStart: number[] = []
  let kept = 0
  let page = NO_PAGE
  for (const { start, end } of runs) {
    const first = slot[order === undefined ? start : order[start]!]!
    if (first >>> SLOT_BITS !== page) {
      page = first >>> SLOT_BITS
      pageKey.push(slots.keyOf(page))
      pageStart.push(kept)
    }
    if (order === undefined) {
      group.set(groupOf.subarray(start, end), kept)
      born.set(generation.subarray(start, end), kept)
      for (let object = start; object < end; object++) step[kept++] = slot[object]! & STEP_MASK
      continue
    }
    for (let i = start; i < end; i++) {
      const object = order[i]!
      // Same address as the next one: an earlier line that a later one overrides.
      if (i + 1 < end && slot[order[i + 1]!] === slot[object]) continue
      step[kept] = slot[object]! & STEP_MASK
      group[kept] = groupOf[object]!
      born[kept++] = generation[object]!
    }
  }
  pageStart.push(kept)
  return {
    pageKey: Uint32Array.from(pageKey),
    pageStart: Uint32Array.from(pageStart),
    objects: kept,
    step: step.subarray(0, kept),
    group: group.subarray(0, kept),
    generation: born.subarray(0, kept),
    latestGeneration: latest(born, kept),
    keyKind: snapshot.keyKind,
  }
}

function latest(generation: Int32Array, length: number): number {
  let highest = NO_GENERATION
  for (let i = 0; i < length; i++) if (generation[i]! > highest) highest = generation[i]!
  return highest
}

/** Objects [start, end), or entries of `order`: of one page, by ascending address. */
interface Run {
  readonly start: number
  readonly end: number
}

/** More runs than one for so many objects, and sorting page by page is faster than sorting runs. */
const OBJECTS_PER_RUN = 16

/**
 * All objects that have a slot, by address, as runs. `order` is absent where the runs are those of the snapshot itself;
 * otherwise a run is a whole page of it.
 */
function sortedRuns(
  snapshot: HeapSnapshot,
  slot: Uint32Array,
): { readonly order: Uint32Array | undefined; readonly runs: readonly Run[] } {
  const runs = ownRuns(snapshot.objects, slot)
  if (runs === undefined) return sortedPages(snapshot, slot)
  const key = (run: Run): number => snapshot.slots.address(slot[run.start]!)
  const sorted = runs.map((run) => ({ run, key: key(run) })).sort((a, b) => a.key - b.key)
  for (let i = 1; i < sorted.length; i++) {
    const before = sorted[i - 1]!.run
    // Two runs of one page may lie in each other, or begin at one address.
    const last = slot[before.end - 1]!
    const first = slot[sorted[i]!.run.start]!
    if (last >>> SLOT_BITS === first >>> SLOT_BITS && last >= first) return sortedPages(snapshot, slot)
  }
  return { order: undefined, runs: sorted.map(({ run }) => run) }
}

/** The longest stretches of objects that ascend within a page; undefined when there are too many. */
function ownRuns(objects: number, slot: Uint32Array): Run[] | undefined {
  const runs: Run[] = []
  const most = 64 + objects / OBJECTS_PER_RUN
  let start = 0
  let before = NO_SLOT
  for (let object = 0; object < objects; object++) {
    const own = slot[object]!
    // Ascending within the page of the one before; without a slot nothing is within any.
    if (own > before && own >>> SLOT_BITS === before >>> SLOT_BITS) {
      before = own
      continue
    }
    if (before !== NO_SLOT) runs.push({ start, end: object })
    if (runs.length > most) return undefined
    start = object
    before = own
  }
  if (before !== NO_SLOT) runs.push({ start, end: objects })
  return runs
}

/** The slow way: a counting sort by page, then each page by slot. */
function sortedPages(
  snapshot: HeapSnapshot,
  slot: Uint32Array,
): { readonly order: Uint32Array; readonly runs: readonly Run[] } {
  const { slots, objects } = snapshot
  const perPage = new Uint32Array(slots.pages)
  for (let object = 0; object < objects; object++)
    if (slot[object] !== NO_SLOT) perPage[slot[object]! >>> SLOT_BITS]!++
  // Place of the next object of each page in the sorted order.
  const next = new Uint32Array(slots.pages)
  let placed = 0
  const runs: Run[] = []
  for (const page of pagesByKey(snapshot, perPage)) {
    next[page] = placed
    runs.push({ start: placed, end: placed + perPage[page]! })
    placed += perPage[page]!
  }
  const order = new Uint32Array(placed)
  for (let object = 0; object < objects; object++)
    if (slot[object] !== NO_SLOT) order[next[slot[object]! >>> SLOT_BITS]!++] = object
  for (const { start, end } of runs) sortBySlot(order, slot, start, end)
  return { order, runs }
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
