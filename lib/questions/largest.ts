/**
 * Entries [offset, offset + limit) of `items` in the order "largest size first, then lowest item", without sorting the
 * rest: O(items) on average, so that a page out of two million objects takes milliseconds. Sizes are asked once each.
 */
export function largestPage(
  items: Uint32Array,
  sizeOf: (item: number) => number,
  offset: number,
  limit: number,
): Uint32Array {
  const from = Math.min(offset, items.length)
  const to = Math.min(items.length, offset + limit)
  if (from === to) return new Uint32Array(0)
  const order = new Selection(items, sizeOf)
  order.select(0, items.length, from)
  if (to < items.length) order.select(from, items.length, to)
  return order.sorted(from, to)
}

/** Quickselect over two columns. The order is total, so equal sizes cannot slow it down or make pages overlap. */
class Selection {
  private readonly item: Uint32Array
  private readonly size: Float64Array
  /** Pivots are drawn, so that no order of a file is a bad one; always the same ones, so that answers are. */
  private seed = 0x2545f491

  constructor(items: Uint32Array, sizeOf: (item: number) => number) {
    this.item = items.slice()
    this.size = Float64Array.from(items, sizeOf)
  }

  /** Brings the entry that belongs at `place` there, what comes before it in front, within [start, end). */
  select(start: number, end: number, place: number): void {
    let low = start
    let high = end - 1
    while (low < high) {
      const cut = this.partition(low, high)
      if (place === cut) return
      if (place < cut) high = cut - 1
      else low = cut + 1
    }
  }

  sorted(start: number, end: number): Uint32Array {
    const places = Array.from({ length: end - start }, (_, index) => start + index)
    places.sort((a, b) => (this.isBefore(a, this.size[b]!, this.item[b]!) ? -1 : 1))
    return Uint32Array.from(places, (place) => this.item[place]!)
  }

  private partition(low: number, high: number): number {
    this.seed = (Math.imul(this.seed, 1664525) + 1013904223) >>> 0
    this.swap(low + (this.seed % (high - low + 1)), high)
    const size = this.size[high]!
    const item = this.item[high]!
    let cut = low
    for (let at = low; at < high; at++) if (this.isBefore(at, size, item)) this.swap(at, cut++)
    this.swap(cut, high)
    return cut
  }

  private isBefore(at: number, size: number, item: number): boolean {
    const own = this.size[at]!
    return own === size ? this.item[at]! < item : own > size
  }

  private swap(a: number, b: number): void {
    const { item, size } = this
    const heldItem = item[a]!
    const heldSize = size[a]!
    item[a] = item[b]!
    size[a] = size[b]!
    item[b] = heldItem
    size[b] = heldSize
  }
}
