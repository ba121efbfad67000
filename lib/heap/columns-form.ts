/**
 * Columns in a form that packs well, and back. Heaps have order: neighbours in the file are neighbours in memory, refer
 * to each other and belong to the same few classes. So differences are small, and with the bytes of all numbers sorted
 * by place (all lowest bytes, then all second ones …) most of a column is zeros.
 *
 * All arithmetic is modulo 2³², so that every value comes back, NO_INDEX too. Each way is one pass.
 */

/** A small number of either sign as a small number: 0, −1, 1, −2 … become 0, 1, 2, 3 … */
const folded = (difference: number): number => ((difference << 1) ^ (difference >> 31)) >>> 0
const unfolded = (number: number): number => (number >>> 1) ^ -(number & 1)

/** The low bytes of all numbers, then their second bytes, and so on. */
export function byPlace(column: Uint32Array): Uint8Array {
  const count = column.length
  const out = new Uint8Array(count * 4)
  for (let i = 0; i < count; i++) {
    const value = column[i]!
    out[i] = value
    out[count + i] = value >>> 8
    out[2 * count + i] = value >>> 16
    out[3 * count + i] = value >>> 24
  }
  return out
}

/** Undoes `byPlace`. */
export function fromPlaces(bytes: Uint8Array): Uint32Array<ArrayBuffer> {
  const count = bytes.length >>> 2
  const out = new Uint32Array(count)
  const second = bytes.subarray(count)
  const third = bytes.subarray(2 * count)
  const fourth = bytes.subarray(3 * count)
  for (let i = 0; i < count; i++)
    out[i] = bytes[i]! | (second[i]! << 8) | (third[i]! << 16) | (fourth[i]! << 24)
  return out
}

/** Each number as its difference from the one before. */
export function toDifferences(column: Uint32Array): Uint32Array {
  const out = new Uint32Array(column.length)
  let before = 0
  for (let i = 0; i < column.length; i++) {
    const value = column[i]!
    out[i] = folded((value - before) | 0)
    before = value
  }
  return out
}

/** Undoes `toDifferences`, in place. */
export function fromDifferences(column: Uint32Array): void {
  let value = 0
  for (let i = 0; i < column.length; i++) {
    value = (value + unfolded(column[i]!)) | 0
    column[i] = value
  }
}

/** The entries of compressed sparse rows as their distance from the row. */
export function toRowDistances(start: Uint32Array, rows: number, entries: Uint32Array): Uint32Array {
  const out = new Uint32Array(start[rows]!)
  for (let row = 0, k = 0; row < rows; row++) {
    const end = start[row + 1]!
    for (; k < end; k++) out[k] = folded((entries[k]! - row) | 0)
  }
  return out
}

/** Undoes `toRowDistances`, in place. */
export function fromRowDistances(start: Uint32Array, rows: number, entries: Uint32Array): void {
  for (let row = 0, k = 0; row < rows; row++) {
    const end = start[row + 1]!
    for (; k < end; k++) entries[k] = unfolded(entries[k]!) + row
  }
}

/** The starts of compressed sparse rows as the length of each row. */
export function toLengths(start: Uint32Array, rows: number): Uint32Array {
  const out = new Uint32Array(rows)
  for (let row = 0; row < rows; row++) out[row] = start[row + 1]! - start[row]!
  return out
}

/** Undoes `toLengths`: one entry more than rows. */
export function fromLengths(lengths: Uint32Array): Uint32Array<ArrayBuffer> {
  const start = new Uint32Array(lengths.length + 1)
  let at = 0
  for (let row = 0; row < lengths.length; row++) {
    at = (at + lengths[row]!) >>> 0
    start[row + 1] = at
  }
  return start
}

const TWO_32 = 2 ** 32

/**
 * Whole numbers below 2⁵³ as differences, low halves first, then high halves.
 * @throws RangeError for other numbers.
 */
export function toWideDifferences(column: Float64Array): Uint32Array {
  const count = column.length
  const out = new Uint32Array(count * 2)
  let before = 0
  for (let i = 0; i < count; i++) {
    const value = column[i]!
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no offset`)
    const difference = value - before
    // Twice the size, plus one when it goes down: at most 2⁵⁴, still even or odd exactly in two halves.
    const size = Math.abs(difference)
    out[i] = (((size % TWO_32) << 1) | (difference < 0 ? 1 : 0)) >>> 0
    out[count + i] = Math.floor(size / (TWO_32 / 2))
    before = value
  }
  return out
}

/** Undoes `toWideDifferences`. */
export function fromWideDifferences(halves: Uint32Array): Float64Array<ArrayBuffer> {
  const count = halves.length >>> 1
  const out = new Float64Array(count)
  let value = 0
  for (let i = 0; i < count; i++) {
    const low = halves[i]!
    const size = halves[count + i]! * (TWO_32 / 2) + (low >>> 1)
    value += (low & 1) === 1 ? -size : size
    out[i] = value
  }
  return out
}

/**
 * A column that another one mostly decides (an object's class name: its class), as differences from what went with the
 * same key the last time. `keys` are below `keyCount`, or any other number for "no key".
 */
export function toResiduals(column: Uint32Array, keys: Uint32Array, keyCount: number): Uint32Array {
  const last = new Uint32Array(keyCount + 1)
  const out = new Uint32Array(column.length)
  for (let i = 0; i < column.length; i++) {
    const key = Math.min(keys[i]!, keyCount)
    out[i] = folded((column[i]! - last[key]!) | 0)
    last[key] = column[i]!
  }
  return out
}

/** Undoes `toResiduals`, in place. */
export function fromResiduals(column: Uint32Array, keys: Uint32Array, keyCount: number): void {
  const last = new Uint32Array(keyCount + 1)
  for (let i = 0; i < column.length; i++) {
    const key = Math.min(keys[i]!, keyCount)
    last[key] = unfolded(column[i]!) + last[key]!
    column[i] = last[key]!
  }
}
