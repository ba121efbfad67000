/**
 * The one binary container of this layer: a magic word, a version, a checksum, then sections, each a typed column
 * or a list of strings. Columns are aligned to 8 bytes, so a reader can use them in place. Little-endian, as every
 * machine that Node runs on.
 */

type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array
/** What a section may hold. */
export type Section = Column | readonly string[]

const HEADER_BYTES = 16
const KINDS = { strings: 0, uint8: 1, uint16: 2, uint32: 3, int32: 4, float64: 5 } as const
const WIDTH = [1, 1, 2, 4, 4, 8] as const

/** Packs sections in order. `magic` is four ASCII letters. O(bytes). */
export function packSections(magic: string, version: number, sections: readonly Section[]): Uint8Array {
  const parts = sections.map((section) => ({
    kind: kindOf(section),
    entries: section.length,
    data: isColumn(section)
      ? new Uint8Array(section.buffer, section.byteOffset, section.byteLength)
      : packStrings(section),
  }))
  let size = HEADER_BYTES
  for (const part of parts) size += 16 + padded(part.data.length)
  const out = new Uint8Array(size)
  const view = new DataView(out.buffer)
  for (let i = 0; i < 4; i++) out[i] = magic.charCodeAt(i)
  view.setUint16(4, version, true)
  view.setUint16(6, parts.length, true)
  let at = HEADER_BYTES
  for (const part of parts) {
    view.setUint32(at, part.kind, true)
    view.setUint32(at + 4, part.entries, true)
    view.setUint32(at + 8, part.data.length, true)
    out.set(part.data, at + 16)
    at += 16 + padded(part.data.length)
  }
  view.setUint32(8, checksum(out), true)
  return out
}

/** Reads sections back, in the order in which they were packed, each with the accessor of its kind. */
export interface SectionReader {
  /** Which of the accepted versions it is. */
  readonly version: number
  strings(): string[]
  uint8(): Uint8Array
  uint16(): Uint16Array
  uint32(): Uint32Array
  int32(): Int32Array
  float64(): Float64Array
}

/**
 * Opens what `packSections` wrote. Columns are views into `stored` where its alignment allows.
 * `versions` are those that the caller reads, the newest first.
 * @throws Error on another magic or version, a wrong checksum, or a section of another kind: our own stored bytes are damaged.
 */
export function unpackSections(
  magic: string,
  versions: number | readonly [number, ...number[]],
  stored: Uint8Array,
): SectionReader {
  const data = stored.byteOffset % 8 === 0 ? stored : stored.slice()
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const found = data.length < HEADER_BYTES ? '' : String.fromCharCode(...data.subarray(0, 4))
  if (found !== magic) throw new Error(`Stored ${magic} table starts with "${found}"`)
  const version = view.getUint16(4, true)
  const readable = typeof versions === 'number' ? [versions] : versions
  if (!readable.includes(version))
    throw new Error(`Stored ${magic} table has version ${version}, expected ${readable[0]}`)
  if (view.getUint32(8, true) !== checksum(data)) throw new Error(`Stored ${magic} table is damaged`)
  let at = HEADER_BYTES
  let left = view.getUint16(6, true)

  function next(kind: number): { offset: number; entries: number; length: number } {
    if (left-- === 0 || at + 16 > data.length || view.getUint32(at, true) !== kind)
      throw new Error(`Stored ${magic} table has another layout`)
    const entries = view.getUint32(at + 4, true)
    const length = view.getUint32(at + 8, true)
    const offset = at + 16
    if (offset + length > data.length || (kind !== KINDS.strings && entries * WIDTH[kind]! !== length))
      throw new Error(`Stored ${magic} table stops short`)
    at = offset + padded(length)
    return { offset: data.byteOffset + offset, entries, length }
  }

  return {
    version,
    strings() {
      const { offset, entries, length } = next(KINDS.strings)
      return unpackStrings(new Uint8Array(data.buffer, offset, length), entries)
    },
    uint8() {
      const { offset, entries } = next(KINDS.uint8)
      return new Uint8Array(data.buffer, offset, entries)
    },
    uint16() {
      const { offset, entries } = next(KINDS.uint16)
      return new Uint16Array(data.buffer, offset, entries)
    },
    uint32() {
      const { offset, entries } = next(KINDS.uint32)
      return new Uint32Array(data.buffer, offset, entries)
    },
    int32() {
      const { offset, entries } = next(KINDS.int32)
      return new Int32Array(data.buffer, offset, entries)
    },
    float64() {
      const { offset, entries } = next(KINDS.float64)
      return new Float64Array(data.buffer, offset, entries)
    },
  }
}

const isColumn = (section: Section): section is Column => ArrayBuffer.isView(section)
const padded = (length: number): number => (length + 7) & ~7

function kindOf(section: Section): number {
  if (section instanceof Uint8Array) return KINDS.uint8
  if (section instanceof Uint16Array) return KINDS.uint16
  if (section instanceof Uint32Array) return KINDS.uint32
  if (section instanceof Int32Array) return KINDS.int32
  if (section instanceof Float64Array) return KINDS.float64
  return KINDS.strings
}

/** Byte lengths (u32 each), then the UTF-8 bytes of all. */
function packStrings(strings: readonly string[]): Uint8Array {
  const encoder = new TextEncoder()
  const encoded = strings.map((text) => encoder.encode(text))
  let size = strings.length * 4
  for (const bytes of encoded) size += bytes.length
  const out = new Uint8Array(size)
  const view = new DataView(out.buffer)
  let at = strings.length * 4
  for (const [index, bytes] of encoded.entries()) {
    view.setUint32(index * 4, bytes.length, true)
    out.set(bytes, at)
    at += bytes.length
  }
  return out
}

function unpackStrings(data: Uint8Array, entries: number): string[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const decoder = new TextDecoder()
  const strings: string[] = []
  let at = entries * 4
  for (let index = 0; index < entries; index++) {
    const end = at + view.getUint32(index * 4, true)
    if (end > data.length) throw new Error('Stored strings stop short')
    strings.push(decoder.decode(data.subarray(at, end)))
    at = end
  }
  return strings
}

/** FNV-1a over 32-bit words, leaving out the checksum's own place. Finds damage, not malice. */
function checksum(data: Uint8Array): number {
  const words = new Uint32Array(data.buffer, data.byteOffset, data.length >> 2)
  let sum = 0x811c9dc5
  for (let i = 0; i < words.length; i++) if (i !== 2) sum = Math.imul(sum ^ words[i]!, 0x01000193)
  return (sum ^ data.length) >>> 0
}
