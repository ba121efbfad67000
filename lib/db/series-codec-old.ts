import type { Samples } from '#lib/series/samples'

const PAGE = 4096
const KIND = 3
const VALUES = { floats: 0, whole: 1, pages: 2 } as const
const HAS_PIDS = 4

/**
 * Samples as they were packed before version 2: zigzag varints of differences, of pages of 4 KiB where values are such.
 * Nothing writes this any more; chunks that were stored so are read as they are.
 */
export function decodeOldBody(plain: Uint8Array, flags: number, count: number): Samples {
  const kind = flags & KIND
  const body = new Reader(plain)
  const t = body.differences(count)
  const v = kind === VALUES.floats ? body.floats(count) : body.differences(count)
  if (kind === VALUES.pages) for (let i = 0; i < count; i++) v[i]! *= PAGE
  return (flags & HAS_PIDS) === 0 ? { t, v } : { t, v, pids: body.runs(count) }
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
