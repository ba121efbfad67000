/**
 * Reads the fields of one protobuf message, front to back, inside [start, end) of `data`. Numbers are doubles: exact up
 * to 2^53, signed as two's complement. Never throws: a message that stops short or holds a wire type that no longer
 * exists ends with `isBroken`.
 */
export class Fields {
  /** Of the current field. */
  field = 0
  wire = 0
  /** Value of a varint or fixed field. */
  number = 0
  /** Where the content of the current length-delimited or fixed field stands. */
  start = 0
  end = 0
  isBroken = false
  private readonly data: Uint8Array
  private at: number
  private readonly limit: number

  constructor(data: Uint8Array, start: number, end: number) {
    this.data = data
    this.at = start
    this.limit = end
  }

  next(): boolean {
    if (this.at >= this.limit || this.isBroken) return false
    const key = this.varint()
    this.field = Math.floor(key / 8)
    this.wire = key % 8
    if (this.wire === 0) this.number = this.varint()
    else if (this.wire === 2) this.delimited(this.varint())
    else if (this.wire === 1) this.fixed(8)
    else if (this.wire === 5) this.fixed(4)
    else this.isBroken = true
    if (this.field === 0) this.isBroken = true
    return !this.isBroken
  }

  private delimited(length: number): void {
    this.start = this.at
    this.end = this.at + length
    if (length < 0 || this.end > this.limit) {
      this.isBroken = true
      this.end = this.limit
    }
    this.at = this.end
  }

  private fixed(width: number): void {
    this.number = 0
    this.start = this.at
    this.end = this.at + width
    if (this.at + width > this.limit) this.isBroken = true
    else {
      const view = new DataView(this.data.buffer, this.data.byteOffset + this.at, width)
      this.number = width === 4 ? view.getUint32(0, true) : Number(view.getBigInt64(0, true))
    }
    this.at += width
  }

  private varint(): number {
    const { value, at } = varintAt(this.data, this.at, this.limit)
    if (at < 0) {
      this.isBroken = true
      this.at = this.limit
      return 0
    }
    this.at = at
    return value
  }
}

/** Ten bytes at most, as int64: halves of 32 bits, so that negative numbers come out right. `at` is -1 when it stops short. */
function varintAt(data: Uint8Array, from: number, limit: number): { value: number; at: number } {
  let low = 0
  let high = 0
  let shift = 0
  for (let at = from; at < limit && shift < 70; at++, shift += 7) {
    const byte = data[at]!
    const bits = byte & 0x7f
    if (shift < 28) low |= bits << shift
    else if (shift === 28) {
      low |= (bits & 0x0f) << 28
      high = bits >>> 4
    } else if (shift < 63) high |= bits << (shift - 32)
    else high |= (bits & 1) << 31
    if (byte < 0x80) return { value: high * 2 ** 32 + (low >>> 0), at: at + 1 }
  }
  return { value: 0, at: -1 }
}

/** Appends the numbers of a repeated field: packed (one run of varints) or one at a time. False when it stops short. */
export function pushNumbers(fields: Fields, data: Uint8Array, into: number[]): boolean {
  if (fields.wire === 0) {
    into.push(fields.number)
    return true
  }
  let at = fields.start
  while (at < fields.end) {
    const read = varintAt(data, at, fields.end)
    if (read.at < 0) return false
    into.push(read.value)
    at = read.at
  }
  return true
}
