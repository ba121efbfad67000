/** Why a block is not unpacked. */
export type SnappyProblem = 'too-large' | 'broken'

/**
 * Unpacks one Snappy block (github.com/google/snappy, format_description.txt), not the framed stream format. The declared
 * length is checked before anything is allocated, so a small body never becomes a large one.
 */
export function unpackSnappy(packed: Uint8Array, mostBytes: number): Uint8Array<ArrayBuffer> | SnappyProblem {
  const header = lengthOf(packed)
  if (!header) return 'broken'
  if (header.length > mostBytes) return 'too-large'
  // An element of three bytes makes 64 at most: a longer promise cannot be kept.
  if (header.length > packed.length * 32) return 'broken'
  const out = new Uint8Array(header.length)
  return fill(out, packed, header.at) ? out : 'broken'
}

/** The varint in front: bytes when unpacked. */
function lengthOf(packed: Uint8Array): { length: number; at: number } | undefined {
  let length = 0
  for (let at = 0; at < Math.min(5, packed.length); at++) {
    const byte = packed[at]!
    length += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) return length < 2 ** 32 ? { length, at: at + 1 } : undefined
  }
  return undefined
}

const LITERAL = 0
const COPY_ONE_BYTE = 1
const COPY_TWO_BYTES = 2

function fill(out: Uint8Array, packed: Uint8Array, start: number): boolean {
  let at = start
  let to = 0
  while (at < packed.length) {
    const tag = packed[at++]!
    const kind = tag & 3
    if (kind === LITERAL) {
      let length = (tag >>> 2) + 1
      if (length > 60) {
        const width = length - 60
        if (at + width > packed.length) return false
        length = little(packed, at, width) + 1
        at += width
      }
      if (at + length > packed.length || to + length > out.length) return false
      out.set(packed.subarray(at, at + length), to)
      at += length
      to += length
      continue
    }
    const width = kind === COPY_ONE_BYTE ? 1 : kind === COPY_TWO_BYTES ? 2 : 4
    if (at + width > packed.length) return false
    const low = little(packed, at, width)
    at += width
    const offset = kind === COPY_ONE_BYTE ? (tag >>> 5) * 256 + low : low
    const length = kind === COPY_ONE_BYTE ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
    if (offset === 0 || offset > to || to + length > out.length) return false
    // A copy may overlap what it writes: that is how runs are packed.
    if (offset >= length) out.copyWithin(to, to - offset, to - offset + length)
    else for (let i = 0; i < length; i++) out[to + i] = out[to + i - offset]!
    to += length
  }
  return to === out.length
}

function little(bytes: Uint8Array, at: number, width: number): number {
  let value = 0
  for (let i = 0; i < width; i++) value += bytes[at + i]! * 2 ** (8 * i)
  return value
}
