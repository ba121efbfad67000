import { NO_SLOT, SLOT_BITS } from './slots.ts'
import { NO_INDEX } from './snapshot.ts'

/** Finds the object that stands at a slot. */
export interface SlotIndex {
  /** Object index, or NO_INDEX. NO_SLOT is nowhere. */
  at(slot: number): number
  /** Replaces the first `length` slots of a column by object indexes; answers how many lead nowhere. */
  resolve(column: Uint32Array, length: number): number
  /** `true`: room for every possible slot. `false`: a hash, five times slower, for sparse address spaces. */
  readonly isDense: boolean
  /** Objects whose slot a later object took. */
  readonly repeated: number
}

/**
 * A dense page costs 32 KiB of index. A real heap has hundreds of objects on a page; a hostile file can put each
 * object on a page of its own, so past one page per 64 objects (512 B of index an object) a hash is used instead.
 */
const OBJECTS_PER_DENSE_PAGE = 64
const ALWAYS_DENSE_PAGES = 512

/** Index over the first `objects` entries of `slot`. Of two objects at one slot the later one wins. O(objects + pages). */
export function slotIndex(slot: Uint32Array, objects: number, pages: number): SlotIndex {
  const isDense = pages <= Math.max(ALWAYS_DENSE_PAGES, objects / OBJECTS_PER_DENSE_PAGE)
  if (isDense) return orderedIndex(slot, objects, pages) ?? denseIndex(slot, objects, pages)
  return hashIndex(slot, objects) ?? sortedIndex(slot, objects)
}

/** Steps whose objects are counted together: 256 bytes of addresses. */
const WINDOW_BITS = 5
const STEP_IN_WINDOW = (1 << WINDOW_BITS) - 1

/**
 * For dumps that list objects by address within each 256 bytes, as Ruby does: a bit for each step and one object index for
 * 32 of them, from where the bits below are counted. That is 2 KiB a page, which stays in the processor's cache, against
 * 32 KiB. Undefined when objects come in another order, or an address comes twice.
 */
function orderedIndex(slot: Uint32Array, objects: number, pages: number): SlotIndex | undefined {
  /** By window: the steps at which objects stand, then the index of the first of these objects. */
  const windows = new Uint32Array((pages << (SLOT_BITS - WINDOW_BITS)) * 2)
  let before = NO_SLOT
  for (let object = 0; object < objects; object++) {
    const own = slot[object]!
    const at = (own >>> WINDOW_BITS) * 2
    if (own === NO_SLOT) {
      before = NO_SLOT
      continue
    }
    const steps = windows[at]!
    if (steps === 0) windows[at + 1] = object
    else if (own <= before || before >>> WINDOW_BITS !== own >>> WINDOW_BITS) return undefined
    windows[at] = steps | (1 << (own & STEP_IN_WINDOW))
    before = own
  }
  return {
    isDense: true,
    repeated: 0,
    at: (wanted) => {
      const place = (wanted >>> WINDOW_BITS) * 2
      return place < windows.length ? objectAt(windows[place]!, windows[place + 1]!, wanted) : NO_INDEX
    },
    resolve(column, length) {
      let dangling = 0
      for (let i = 0; i < length; i++) {
        const wanted = column[i]!
        const place = (wanted >>> WINDOW_BITS) * 2
        const found =
          place < windows.length ? objectAt(windows[place]!, windows[place + 1]!, wanted) : NO_INDEX
        if (found === NO_INDEX) dangling++
        column[i] = found
      }
      return dangling
    },
  }
}

/** `first` and as many objects further as there are steps below that of `slot`; NO_INDEX when nothing stands there. */
function objectAt(steps: number, first: number, slot: number): number {
  const step = slot & STEP_IN_WINDOW
  if (((steps >>> step) & 1) === 0) return NO_INDEX
  return first + bitCount(steps & ((1 << step) - 1))
}

/** How many of 32 bits are set. */
function bitCount(bits: number): number {
  let count = bits - ((bits >>> 1) & 0x55555555)
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333)
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

function denseIndex(slot: Uint32Array, objects: number, pages: number): SlotIndex {
  // 0 is "nothing here", so that fresh zeroed memory needs no fill and untouched pages cost nothing.
  const table = new Uint32Array(pages << SLOT_BITS)
  let repeated = 0
  for (let object = 0; object < objects; object++) {
    const at = slot[object]!
    if (at === NO_SLOT) continue
    if (table[at] !== 0) repeated++
    table[at] = object + 1
  }
  return {
    isDense: true,
    repeated,
    // 0 − 1 wraps to NO_INDEX.
    at: (wanted) => (wanted < table.length ? (table[wanted]! - 1) >>> 0 : NO_INDEX),
    resolve(column, length) {
      let dangling = 0
      for (let i = 0; i < length; i++) {
        const wanted = column[i]!
        const found = wanted < table.length ? table[wanted]! : 0
        if (found === 0) dangling++
        column[i] = found - 1
      }
      return dangling
    },
  }
}

/** Half-full tables have runs of a few dozen; longer ones come from addresses that were chosen for it. */
const MAX_PROBES = 1000

/** Undefined when the slots were chosen so that they meet. */
function hashIndex(slot: Uint32Array, objects: number): SlotIndex | undefined {
  let size = 1024
  while (size < objects * 2) size *= 2
  const mask = size - 1
  const table = new Uint32Array(size)
  let repeated = 0
  for (let object = 0; object < objects; object++) {
    const at = slot[object]!
    if (at === NO_SLOT) continue
    let bucket = bucketOf(at) & mask
    let probes = 0
    while (table[bucket] !== 0 && slot[table[bucket]! - 1] !== at) {
      if (++probes > MAX_PROBES) return undefined
      bucket = (bucket + 1) & mask
    }
    if (table[bucket] !== 0) repeated++
    table[bucket] = object + 1
  }
  const at = (wanted: number): number => {
    if (wanted === NO_SLOT) return NO_INDEX
    let bucket = bucketOf(wanted) & mask
    for (;;) {
      const object = table[bucket]!
      if (object === 0) return NO_INDEX
      if (slot[object - 1] === wanted) return object - 1
      bucket = (bucket + 1) & mask
    }
  }
  return sparseIndex(at, repeated)
}

/** By binary search, which nobody can make slow: O(log objects) a look-up. */
function sortedIndex(slot: Uint32Array, objects: number): SlotIndex {
  const order = Uint32Array.from({ length: objects }, (_, object) => object)
  order.sort((a, b) => slot[a]! - slot[b]! || a - b)
  let repeated = 0
  for (let place = 1; place < objects; place++) {
    const at = slot[order[place]!]!
    if (at !== NO_SLOT && at === slot[order[place - 1]!]) repeated++
  }
  const at = (wanted: number): number => {
    if (wanted === NO_SLOT) return NO_INDEX
    // The last of those that stand there.
    let low = 0
    let high = objects
    while (low < high) {
      const middle = (low + high) >>> 1
      if (slot[order[middle]!]! <= wanted) low = middle + 1
      else high = middle
    }
    const found = low === 0 ? NO_INDEX : order[low - 1]!
    return found !== NO_INDEX && slot[found] === wanted ? found : NO_INDEX
  }
  return sparseIndex(at, repeated)
}

function sparseIndex(at: (slot: number) => number, repeated: number): SlotIndex {
  return {
    isDense: false,
    repeated,
    at,
    resolve(column, length) {
      let dangling = 0
      for (let i = 0; i < length; i++) {
        const found = at(column[i]!)
        if (found === NO_INDEX) dangling++
        column[i] = found
      }
      return dangling
    },
  }
}

function bucketOf(slot: number): number {
  let hash = Math.imul(slot, 0x9e3779b1)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}
