import { NO_PAGE, SLOT_BITS, type SlotTable } from '#lib/heap/slots'

/** What a reader answers instead of a position when the bytes are not what they should be. */
export const BAD = -1

/** NO_SLOT as a signed word. */
export const NO_ADDRESS = -1

const QUOTE = 0x22

/**
 * Reads `"0x7f1234567890"` into a slot id. Twelve digits, the usual case, are read as three words; when the first
 * eight digits are those of the address before, the page is too and nothing is looked up. Use one reader per kind of
 * address (own, class, reference), since each kind has its own neighbourhood.
 */
export class AddressReader {
  /**
   * The slot that the last `read` found, NO_ADDRESS when the page table is full. A signed word (V8 keeps those
   * unboxed): unsigned columns turn it into the slot id, and NO_ADDRESS into NO_SLOT.
   */
  slot = NO_ADDRESS
  private readonly slots: SlotTable
  private lastHigh = 0
  private lastLow = 0
  private page = NO_PAGE

  constructor(slots: SlotTable) {
    this.slots = slots
  }

  /** `at` is the opening quote. Answers the position after the closing one, or BAD. Reads at most 16 bytes past `end`. */
  read(data: Uint8Array, view: DataView, at: number, end: number): number {
    if (data[at + 15] !== QUOTE) return this.readAnyLength(data, at, end)
    const high = view.getInt32(at + 3, true)
    const low = view.getInt32(at + 7, true)
    const last = view.getInt32(at + 11, true)
    if (!areDigits(last)) return this.readAnyLength(data, at, end)
    if (high !== this.lastHigh || low !== this.lastLow) {
      // With fewer digits the closing quote is among the twelve, and the quote at place 15 belongs to something else.
      if (!areDigits(high) || !areDigits(low)) return this.readAnyLength(data, at, end)
      this.lastHigh = high
      this.lastLow = low
      this.page = this.slots.page(((fourDigits(high) << 16) | fourDigits(low)) >>> 0)
    }
    const step = fourDigits(last) >>> 3
    this.slot = this.page === NO_PAGE ? NO_ADDRESS : (this.page << SLOT_BITS) | step
    return at + 16
  }

  private readAnyLength(data: Uint8Array, at: number, end: number): number {
    if (data[at] !== QUOTE || data[at + 1] !== 0x30 || data[at + 2] !== 0x78) return BAD
    let page = 0
    let low = 0
    let p = at + 3
    for (; p < end; p++) {
      const digit = hexDigit(data[p]!)
      if (digit < 0) break
      page = ((page << 4) | (low >>> 12)) >>> 0
      low = ((low << 4) | digit) & 0xffff
    }
    if (p >= end || data[p] !== QUOTE || p === at + 3) return BAD
    const number = this.slots.page(page)
    this.slot = number === NO_PAGE ? NO_ADDRESS : (number << SLOT_BITS) | (low >>> 3)
    return p + 1
  }
}

/** May these four bytes be hexadecimal digits? Those have bit 4 or bit 6; quotes, commas and spaces have neither. */
export function areDigits(word: number): boolean {
  return ((word | (word >>> 2)) & 0x10101010) === 0x10101010
}

/** Four hexadecimal digits in one word, the first in the lowest byte, all converted at once. */
export function fourDigits(word: number): number {
  // A letter has bit 6 set and counts 9 more than its low four bits.
  let digits = (word & 0x0f0f0f0f) + ((word >>> 6) & 0x01010101) * 9
  digits = ((digits << 4) | (digits >>> 8)) & 0x00ff00ff
  return ((digits & 0xff) << 8) | (digits >>> 16)
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
