import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import type { Samples } from '#lib/series/samples'

// zlib's own threads do the packing: the event loop only sees the differences of one chunk, about 1 ms per 65,536.
const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

// A chunk's payload: a head of 6 bytes (version, kind of values, whether there are pids, count), then a deflated body.
// Times and whole values are stored as zigzag varints of their differences: memory of a process moves in pages of
// 4 KiB, so most differences fit one byte. Measured on real series: about 1 byte a sample.

const VERSION = 1
const HEAD_BYTES = 6
const PAGE = 4096
const VALUES = { floats: 0, whole: 1, pages: 2 } as const

/** Clean samples as bytes. Times are rounded to milliseconds. O(n). */
export async function encodeSamples({ t, v, pids }: Samples): Promise<Uint8Array<ArrayBuffer>> {
  const count = t.length
  const kind = kindOf(v)
  // Ten bytes hold any varint of a double's whole numbers; runs of pids are at most one per sample.
  const body = new Writer(10 * count * 3 + 16)
  body.differences(t.map(Math.round))
  if (kind === VALUES.floats) body.floats(v)
  else body.differences(kind === VALUES.pages ? v.map((value) => value / PAGE) : v)
  if (pids) body.runs(pids)
  const packed = await deflate(body.bytes(), { level: 6 })

  const payload = new Uint8Array(HEAD_BYTES + packed.length)
  payload[0] = VERSION
  payload[1] = kind | (pids ? 4 : 0)
  new DataView(payload.buffer).setUint32(2, count, true)
  payload.set(packed, HEAD_BYTES)
  return payload
}

/** The samples of a payload. @throws Error when it is not one of ours: a bug. */
export async function decodeSamples(payload: Uint8Array): Promise<Samples> {
  if (payload[0] !== VERSION) throw new Error(`series chunk of version ${payload[0]}`)
  const count = new DataView(payload.buffer, payload.byteOffset).getUint32(2, true)
  const kind = payload[1]! & 3
  const body = new Reader(await inflate(payload.subarray(HEAD_BYTES)))
  const t = body.differences(count)
  const v = kind === VALUES.floats ? body.floats(count) : body.differences(count)
  if (kind === VALUES.pages) for (let i = 0; i < count; i++) v[i]! *= PAGE
  return (payload[1]! & 4) === 0 ? { t, v } : { t, v, pids: body.runs(count) }
}

function kindOf(v: Float64Array): number {
  let pages = true
  for (let i = 0; i < v.length; i++) {
    // Differences are doubled by zigzag: 2^50 keeps them exact.
    if (!Number.isInteger(v[i]!) || Math.abs(v[i]!) > 2 ** 50) return VALUES.floats
    if (v[i]! % PAGE !== 0) pages = false
  }
  return pages ? VALUES.pages : VALUES.whole
}

class Writer {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity)
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#at)
  }

  varint(value: number): void {
    let rest = value
    while (rest >= 128) {
      this.#bytes[this.#at++] = (rest % 128) + 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#at++] = rest
  }

  differences(column: Float64Array): void {
    let before = 0
    for (let i = 0; i < column.length; i++) {
      const difference = column[i]! - before
      before = column[i]!
      this.varint(difference >= 0 ? difference * 2 : -difference * 2 - 1)
    }
  }

  floats(column: Float64Array): void {
    const plain = new Uint8Array(column.slice().buffer)
    this.#bytes.set(plain, this.#at)
    this.#at += plain.length
  }

  /** Value and length of each run of equal values. */
  runs(column: Float64Array): void {
    for (let start = 0; start < column.length; ) {
      let end = start + 1
      while (end < column.length && column[end] === column[start]) end++
      this.varint(Math.max(0, Math.trunc(column[start]!)))
      this.varint(end - start)
      start = end
    }
  }
}

class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  varint(): number {
    let byte = this.#bytes[this.#at++]!
    if (byte < 128) return byte
    let value = byte - 128
    for (let scale = 128; ; scale *= 128) {
      byte = this.#bytes[this.#at++]!
      if (byte < 128) return value + byte * scale
      value += (byte - 128) * scale
    }
  }

  differences(count: number): Float64Array {
    const column = new Float64Array(count)
    let value = 0
    for (let i = 0; i < count; i++) {
      const zigzag = this.varint()
      value += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
      column[i] = value
    }
    return column
  }

  floats(count: number): Float64Array {
    const end = this.#at + 8 * count
    // Copied by hand: zlib gives a Buffer, whose slice() is a view on memory that starts elsewhere.
    const column = new Float64Array(count)
    new Uint8Array(column.buffer).set(this.#bytes.subarray(this.#at, end))
    this.#at = end
    return column
  }

  runs(count: number): Float64Array {
    const column = new Float64Array(count)
    for (let start = 0; start < count; ) {
      const value = this.varint()
      const end = start + this.varint()
      column.fill(value, start, end)
      start = end
    }
    return column
  }
}
