/** Set in the hash of a text that may occur again; numbers without it stand for texts that occur once. */
const REPEATED = 0x80000000
const ONCE = 1
const FILTER_BITS = 26
const FILTER_MASK = 2 ** FILTER_BITS - 1

/**
 * `valueHash` for storing. Hashes are noise, nothing packs them, and most texts occur once: there only the fact that it
 * occurs once is kept. Texts count as one when size and the lower 31 bits of the hash are equal.
 *
 * Which ones occur once is found with one bit for each of 2²⁶ places: what shares a place with another text is kept
 * as if it were repeated, which costs bytes and changes nothing. O(objects), 16 MiB.
 */
export function toStoredHashes(valueHash: Uint32Array, shallowBytes: Uint32Array): Uint32Array {
  const seen = new Uint32Array(2 ** (FILTER_BITS - 5))
  const seenTwice = new Uint32Array(2 ** (FILTER_BITS - 5))
  for (let i = 0; i < valueHash.length; i++) {
    if (valueHash[i] === 0) continue
    const place = placeOf(valueHash[i]!, shallowBytes[i]!)
    const bit = 1 << (place & 31)
    if ((seen[place >>> 5]! & bit) !== 0) seenTwice[place >>> 5]! |= bit
    else seen[place >>> 5]! |= bit
  }
  const out = new Uint32Array(valueHash.length)
  for (let i = 0; i < valueHash.length; i++) {
    if (valueHash[i] === 0) continue
    const place = placeOf(valueHash[i]!, shallowBytes[i]!)
    const isRepeated = (seenTwice[place >>> 5]! & (1 << (place & 31))) !== 0
    out[i] = isRepeated ? valueHash[i]! | REPEATED : ONCE
  }
  return out
}

/** Undoes it as far as it can be undone, in place: equal texts have equal numbers, different ones different numbers. */
export function fromStoredHashes(column: Uint32Array): void {
  let once = 0
  for (let i = 0; i < column.length; i++) if (column[i] === ONCE) column[i] = ++once
}

function placeOf(hash: number, size: number): number {
  const mixed = Math.imul((hash & ~REPEATED) ^ Math.imul(size, 0x9e3779b1), 0x85ebca6b)
  return (mixed ^ (mixed >>> 15)) & FILTER_MASK
}
