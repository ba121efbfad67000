import { quantile } from './statistics.ts'

// A column becomes planes of bytes: first the lowest byte of every sample, then the next. Bytes of one plane resemble each
// other, which deflate rewards (docs/memory-graphs.md, "Storage"), and reading them back needs no branch per sample.

const KINDS = { floats: 0, whole: 1, decimals: 2 } as const

/** Distances from the first value, or differences from the usual difference of neighbours. */
const ORDERS = { fromFirst: 0, fromNeighbour: 1 } as const

/** Differences are doubled to hold their sign: up to here that is exact. */
const LARGEST_WHOLE = 2 ** 50
/** What people's units make of a number with few digits: none, kB, KiB, MB, MiB, GB, GiB. */
const FACTORS = [1, 1e3, 1024, 1e6, 1024 ** 2, 1e9, 1024 ** 3]
const MOST_DIGITS = 6
/** Enough samples to rule out what is no decimal before all are looked at. */
const FEW = 64

/** Columns as bytes, made to be deflated. Memory grows with what is written. */
export class Packer {
  #bytes: Uint8Array<ArrayBuffer>
  #at = 0

  /** @param expected bytes to begin with */
  constructor(expected = 4096) {
    this.#bytes = new Uint8Array(expected)
  }

  /** What was written so far: a view. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#at)
  }

  /** Any finite values, exactly. O(n). @throws Error for what is not finite: a bug of the caller */
  values(column: Float64Array): void {
    const isWhole = areWhole(column)
    const scale = isWhole ? undefined : decimalOf(column)
    this.#byte(isWhole ? KINDS.whole : scale ? KINDS.decimals : KINDS.floats)
    if (isWhole) this.whole(column)
    else if (!scale) this.#floats(column)
    else {
      const { factor, digits } = scale
      this.#double(factor)
      this.#byte(digits)
      this.whole(column.map((value) => Math.round((value / factor) * 10 ** digits)))
    }
  }

  /** Whole numbers of at most 2^50. O(n). */
  whole(column: Float64Array): void {
    if (column.length === 0) return
    const unit = 2 ** commonShift(column)
    const first = column[0]! / unit
    const usual = usualDifference(column) / unit
    let fromFirst = 0
    let fromNeighbour = 0
    let before = first
    for (let i = 1; i < column.length; i++) {
      const now = column[i]! / unit
      fromFirst += bitsOf(zigzag(now - first))
      fromNeighbour += bitsOf(zigzag(now - before - usual))
      before = now
    }
    const isFlat = fromFirst < fromNeighbour
    const coded = new Float64Array(column.length)
    let largest = 0
    before = first
    for (let i = 1; i < column.length; i++) {
      const now = column[i]! / unit
      coded[i] = zigzag(isFlat ? now - first : now - before - usual)
      if (coded[i]! > largest) largest = coded[i]!
      before = now
    }
    this.#byte(isFlat ? ORDERS.fromFirst : ORDERS.fromNeighbour)
    this.#byte(Math.log2(unit))
    this.#byte(Math.ceil(bitsOf(largest) / 8))
    this.#double(first)
    this.#double(usual)
    this.#planes(coded, largest)
  }

  /** Value and length of each run of equal whole numbers from 0 on. O(n). */
  runs(column: Float64Array): void {
    for (let start = 0; start < column.length; ) {
      let end = start + 1
      while (end < column.length && column[end] === column[start]) end++
      this.#varint(Math.max(0, Math.trunc(column[start]!)))
      this.#varint(end - start)
      start = end
    }
  }

  #planes(coded: Float64Array, largest: number): void {
    const count = coded.length
    for (let scale = 1; scale <= largest; scale *= 256) {
      this.#reserve(count)
      const plane = this.#bytes.subarray(this.#at, this.#at + count)
      // Storing keeps the lowest byte of what is below 2^32; above, the rest is taken by hand.
      if (largest < 2 ** 32) for (let i = 0; i < count; i++) plane[i] = coded[i]! / scale
      else for (let i = 0; i < count; i++) plane[i] = Math.floor(coded[i]! / scale) % 256
      this.#at += count
    }
  }

  /** What differs from the double before, byte by byte: neighbours share their sign, exponent and first digits. */
  #floats(column: Float64Array): void {
    const plain = new Uint8Array(column.slice().buffer)
    this.#reserve(plain.length)
    for (let byte = 0; byte < 8; byte++) {
      let before = 0
      for (let i = byte; i < plain.length; i += 8) {
        this.#bytes[this.#at++] = plain[i]! ^ before
        before = plain[i]!
      }
    }
  }

  #varint(value: number): void {
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#byte((rest % 128) + 128)
    this.#byte(rest)
  }

  #byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#at++] = value
  }

  #double(value: number): void {
    this.#reserve(8)
    new DataView(this.#bytes.buffer).setFloat64(this.#at, value, true)
    this.#at += 8
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#at + more))
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}

/** Reads what a `Packer` wrote, in the same order. */
export class Unpacker {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  values(count: number): Float64Array {
    const kind = this.#byte()
    if (kind === KINDS.floats) return this.#floats(count)
    if (kind === KINDS.whole) return this.whole(count)
    const factor = this.#double()
    const power = 10 ** this.#byte()
    const column = this.whole(count)
    for (let i = 0; i < count; i++) column[i] = (column[i]! / power) * factor
    return column
  }

  whole(count: number): Float64Array {
    const column = new Float64Array(count)
    if (count === 0) return column
    const isFlat = this.#byte() === ORDERS.fromFirst
    const unit = 2 ** this.#byte()
    const planes = this.#byte()
    const first = this.#double() * unit
    const usual = this.#double() * unit
    for (let plane = 0; plane < planes; plane++) {
      const scale = 256 ** plane
      const at = this.#at + plane * count
      for (let i = 0; i < count; i++) column[i]! += this.#bytes[at + i]! * scale
    }
    this.#at += planes * count
    // What fits in 31 bits is unfolded in integers, which takes a third of the time.
    if (planes <= 3) {
      for (let i = 0; i < count; i++) column[i] = ((column[i]! >>> 1) ^ -(column[i]! & 1)) * unit
    } else {
      for (let i = 0; i < count; i++) {
        const half = Math.floor(column[i]! / 2)
        column[i] = (half * 2 === column[i] ? half : -half - 1) * unit
      }
    }
    if (isFlat) for (let i = 0; i < count; i++) column[i]! += first
    else {
      let now = first
      column[0] = now
      for (let i = 1; i < count; i++) {
        now += column[i]! + usual
        column[i] = now
      }
    }
    return column
  }

  runs(count: number): Float64Array {
    const column = new Float64Array(count)
    for (let at = 0; at < count; ) {
      const value = this.#varint()
      const length = this.#varint()
      column.fill(value, at, at + length)
      at += length
    }
    return column
  }

  #floats(count: number): Float64Array {
    const plain = new Uint8Array(8 * count)
    for (let byte = 0; byte < 8; byte++) {
      let now = 0
      for (let i = byte; i < plain.length; i += 8) {
        now ^= this.#bytes[this.#at++]!
        plain[i] = now
      }
    }
    return new Float64Array(plain.buffer)
  }

  #varint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#byte()
      if (byte < 128) return value + byte * scale
      value += (byte - 128) * scale
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw new Error('packed samples end too soon')
    return byte
  }

  #double(): number {
    const value = new DataView(this.#bytes.buffer, this.#bytes.byteOffset).getFloat64(this.#at, true)
    this.#at += 8
    return value
  }
}

const zigzag = (value: number): number => (value >= 0 ? 2 * value : -2 * value - 1)
const bitsOf = (value: number): number =>
  value < 2 ** 32 ? 32 - Math.clz32(value) : 64 - Math.clz32(Math.floor(value / 2 ** 32))

/** @throws Error for what is not finite */
function areWhole(column: Float64Array): boolean {
  let areAll = true
  for (const value of column) {
    if (!Number.isFinite(value)) throw new Error(`${value} is no sample`)
    // A negative zero has a bit that whole numbers have not.
    if (!Number.isInteger(value) || Math.abs(value) > LARGEST_WHOLE || Object.is(value, -0)) areAll = false
  }
  return areAll
}

/** How all values are whole numbers divided by a power of ten, times a factor; undefined when they are not. */
function decimalOf(column: Float64Array): { factor: number; digits: number } | undefined {
  const fits = (values: Float64Array, factor: number, digits: number) => {
    const power = 10 ** digits
    return values.every((value) => {
      const whole = Math.round((value / factor) * power)
      return Math.abs(whole) <= LARGEST_WHOLE && !Object.is(whole, -0) && (whole / power) * factor === value
    })
  }
  for (const factor of FACTORS) {
    for (let digits = 0; digits <= MOST_DIGITS; digits++) {
      if (fits(column.subarray(0, FEW), factor, digits) && fits(column, factor, digits))
        return { factor, digits }
    }
  }
  return undefined
}

/** How many times all values can be halved: pages of 4 KiB give 12. At most 20. */
function commonShift(column: Float64Array): number {
  let bits = 0
  // The remainder keeps the low bits of what is too large for integer operations, and its sign does not matter.
  for (const value of column) bits |= value % 2 ** 32
  return bits === 0 ? 20 : Math.min(20, 31 - Math.clz32(bits & -bits))
}

/** The middle of some evenly chosen differences of neighbours: the spacing of times, the pace of a counter. */
function usualDifference(column: Float64Array): number {
  if (column.length < 2) return 0
  const step = Math.max(1, Math.floor((column.length - 1) / 1024))
  const chosen = new Float64Array(Math.floor((column.length - 2) / step) + 1)
  for (let k = 0; k < chosen.length; k++) chosen[k] = column[1 + k * step]! - column[k * step]!
  return quantile(chosen, 0.5)
}
