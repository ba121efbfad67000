import { NO_PAGE, NO_SLOT, SLOT_BITS, type SlotTable } from '#lib/heap/slots'

/** Not a pointer at all, as against one that the address table has no room for (NO_SLOT). */
export const NO_POINTER = -1
const MAX_DIGITS = 12

/**
 * The slot of the pointer that the bytes [from, to) spell ("0x7f1a30", nothing before or after), or NO_POINTER. The null
 * pointer is none. memprof prints the lower 32 bits of a pointer only.
 */
export function pointerSlot(slots: SlotTable, data: Uint8Array, from: number, to: number): number {
  const digits = to - from - 2
  if (digits < 1 || digits > MAX_DIGITS || data[from] !== 0x30 || data[from + 1] !== 0x78) return NO_POINTER
  let high = 0
  let low = 0
  for (let p = from + 2; p < to; p++) {
    const digit = hexDigit(data[p]!)
    if (digit < 0) return NO_POINTER
    high = ((high << 4) | (low >>> 12)) >>> 0
    low = ((low << 4) | digit) & 0xffff
  }
  if (high === 0 && low === 0) return NO_POINTER
  const page = slots.page(high)
  return page === NO_PAGE ? NO_SLOT : ((page << SLOT_BITS) | (low >>> 3)) >>> 0
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
