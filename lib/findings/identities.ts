import { sharedInt32, sharedUint16, sharedUint32 } from '#lib/heap/shared'
import { NO_SLOT, SLOT_BITS } from '#lib/heap/slots'
import { type HeapSnapshot, hasLastingKey, NO_GENERATION } from '#lib/heap/snapshot'
import type { IdentityTable } from './identity-table.ts'

const PAGE_STEPS = 1 << SLOT_BITS
const STEP_MASK = PAGE_STEPS - 1
/** A page with fewer objects is sorted, not laid out step by step: else a few objects in many pages would cost all steps. */
const FEW_OBJECTS = 256

/** What tells the objects of a snapshot apart. */
export type IdentifiedObjects = Pick<HeapSnapshot, 'objects' | 'slot' | 'slots' | 'generation' | 'keyKind'>

/**
 * Who is who in a snapshot, sorted by address. Objects without an address, and all but the last of those that claim one
 * address, are left out; so are nodes whose ids say nothing. Objects arrive page by page and mostly by address, so that
 * whole runs of them are copied; only pages whose runs lie in each other are put in order. O(objects + pages log pages).
 */
export function identities(snapshot: IdentifiedObjects, groupOf: Uint32Array): IdentityTable {
  const { slots, slot, generation } = snapshot
  const runs = runsByPage(snapshot)
  const step = sharedUint16(runs.objects)
  const group = sharedUint32(runs.objects)
  const born = sharedInt32(runs.objects)
  const pages = runs.pages.sort((a, b) => slots.keyOf(a) - slots.keyOf(b))
  const pageStart = new Uint32Array(pages.length + 1)
  const inOrder = new PageOrder(slot)
  let kept = 0
  for (let p = 0; p < pages.length; p++) {
    const own = runs.of(pages[p]!)
    if (areApart(own, runs, slot)) {
      for (const run of own) {
        const [start, end] = [runs.start[run]!, runs.end[run]!]
        group.set(groupOf.subarray(start, end), kept)
        born.set(generation.subarray(start, end), kept)
        for (let object = start; object < end; object++) step[kept++] = slot[object]! & STEP_MASK
      }
    } else
      for (const object of inOrder.objects(own, runs)) {
        step[kept] = slot[object]! & STEP_MASK
        group[kept] = groupOf[object]!
        born[kept++] = generation[object]!
      }
    pageStart[p + 1] = kept
  }
  return {
    pageKey: Uint32Array.from(pages, (page) => slots.keyOf(page)),
    pageStart,
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

/** Stretches of objects whose addresses ascend within one page. Columns have one entry per run. */
interface Runs {
  readonly start: Uint32Array
  readonly end: Uint32Array
  /** Objects in all runs: those that an address identifies. */
  readonly objects: number
  /** Page numbers that have runs. */
  readonly pages: Uint32Array
  /** The runs of a page as the objects arrive; may be sorted in place. */
  readonly of: (page: number) => Uint32Array
}

function runsByPage(snapshot: IdentifiedObjects): Runs {
  const { slot, slots } = snapshot
  const { start, end, objects } = runsOf(snapshot)
  // Counting sort of the runs by page.
  const next = new Uint32Array(slots.pages + 1)
  for (const object of start) next[(slot[object]! >>> SLOT_BITS) + 1]!++
  const pages = Uint32Array.from({ length: slots.pages }, (_, page) => page).filter(
    (page) => next[page + 1]! > 0,
  )
  for (let page = 0; page < slots.pages; page++) next[page + 1]! += next[page]!
  const first = next.slice()
  const sorted = new Uint32Array(start.length)
  for (let run = 0; run < start.length; run++) sorted[next[slot[start[run]!]! >>> SLOT_BITS]!++] = run
  return { start, end, objects, pages, of: (page) => sorted.subarray(first[page]!, first[page + 1]!) }
}

function runsOf(snapshot: IdentifiedObjects): { start: Uint32Array; end: Uint32Array; objects: number } {
  const { slot } = snapshot
  let start = new Uint32Array(1 << 10)
  let end = new Uint32Array(1 << 10)
  let count = 0
  let objects = 0
  let before = NO_SLOT
  for (let object = 0; object < snapshot.objects; object++) {
    const own = hasLastingKey(snapshot, object) ? slot[object]! : NO_SLOT
    if (own !== NO_SLOT) objects++
    // Without a slot nothing is on a page of its own, and nothing ascends from there.
    if (own > before && own >>> SLOT_BITS === before >>> SLOT_BITS) {
      before = own
      continue
    }
    if (before !== NO_SLOT) end[count++] = object
    if (count === start.length) {
      start = enlarged(start)
      end = enlarged(end)
    }
    start[count] = object
    before = own
  }
  if (before !== NO_SLOT) end[count++] = snapshot.objects
  return { start: start.subarray(0, count), end: end.subarray(0, count), objects }
}

/** Sorts the runs of a page by their first address. Does each end before the next one begins? */
function areApart(own: Uint32Array, { start, end }: Runs, slot: Uint32Array): boolean {
  if (own.length === 1) return true
  const given = own.slice()
  own.sort((a, b) => slot[start[a]!]! - slot[start[b]!]! || a - b)
  for (let i = 1; i < own.length; i++) {
    if (slot[end[own[i - 1]!]! - 1]! < slot[start[own[i]!]!]!) continue
    own.set(given)
    return false
  }
  return true
}

/** Puts the objects of a page in order, the last one of each address. */
class PageOrder {
  private readonly slot: Uint32Array
  /** Object + 1 by step. */
  private readonly objectAt = new Uint32Array(PAGE_STEPS)

  constructor(slot: Uint32Array) {
    this.slot = slot
  }

  /** `own` are the page's runs as the objects arrive. */
  objects(own: Uint32Array, { start, end }: Runs): Uint32Array {
    let total = 0
    for (const run of own) total += end[run]! - start[run]!
    const found = new Uint32Array(total)
    let count = 0
    if (total < FEW_OBJECTS) {
      for (const run of own)
        for (let object = start[run]!; object < end[run]!; object++) found[count++] = object
      return this.lastOfEach(found)
    }
    const { slot, objectAt } = this
    objectAt.fill(0)
    for (const run of own)
      for (let object = start[run]!; object < end[run]!; object++)
        objectAt[slot[object]! & STEP_MASK] = object + 1
    for (let step = 0; step < PAGE_STEPS; step++)
      if (objectAt[step] !== 0) found[count++] = objectAt[step]! - 1
    return found.subarray(0, count)
  }

  private lastOfEach(objects: Uint32Array): Uint32Array {
    const { slot } = this
    return objects
      .sort((a, b) => slot[a]! - slot[b]! || a - b)
      .filter((object, i, all) => i + 1 === all.length || slot[all[i + 1]!] !== slot[object])
  }
}

function enlarged(from: Uint32Array): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(from.length * 2)
  to.set(from)
  return to
}
