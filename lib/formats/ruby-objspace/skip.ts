import { BAD } from './address-reader.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d
const COMMA = 0x2c
const CLOSE = 0x7d

/** Skips a JSON string; `at` is the first byte after the opening quote. Answers the place of the closing quote, or BAD. */
export function stringEnd(data: Uint8Array, at: number, end: number): number {
  for (let p = at; p < end; p++) {
    const byte = data[p]!
    if (byte === QUOTE) return p
    if (byte === BACKSLASH) p++
    else if (byte === NEWLINE) return BAD
  }
  return BAD
}

/**
 * Skips a string that Ruby may have written unescaped (file, method, struct, class names): a quote inside it is not
 * its end. It ends at the first quote after which the line ends or another `, "key":` comes.
 */
export function looseStringEnd(data: Uint8Array, view: DataView, at: number, end: number): number {
  let p = at
  while (p < end) {
    // Four bytes at a step while none of them is a quote or a line end.
    while (p + 4 <= end) {
      const word = view.getInt32(p, true)
      const quotes = word ^ 0x22222222
      const newlines = word ^ 0x0a0a0a0a
      const found = ((quotes - 0x01010101) & ~quotes) | ((newlines - 0x01010101) & ~newlines)
      if ((found & 0x80808080) !== 0) break
      p += 4
    }
    if (p >= end) break
    const byte = data[p]!
    if (byte === QUOTE && endsValue(data, p + 1, end)) return p
    if (byte === NEWLINE) return BAD
    p++
  }
  return BAD
}

/** Is this what follows a complete value: the end of the object and its line, or a comma and a key? */
function endsValue(data: Uint8Array, at: number, end: number): boolean {
  if (data[at] === CLOSE) return at + 1 >= end || isLineEnd(data[at + 1]!)
  if (data[at] !== COMMA) return false
  let p = at + 1
  if (data[p] === 0x20) p++
  if (data[p] !== QUOTE) return false
  const start = ++p
  while (p < end && isKeyByte(data[p]!)) p++
  return p > start && data[p] === QUOTE && data[p + 1] === 0x3a
}

const isLineEnd = (byte: number): boolean => byte === NEWLINE || byte === CARRIAGE_RETURN
const isKeyByte = (byte: number): boolean => (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f

/** Skips any JSON value; `at` is its first byte. Nested ones without recursion. Answers the place after it, or BAD. */
export function valueEnd(data: Uint8Array, at: number, end: number): number {
  let depth = 0
  let p = at
  while (p < end) {
    const byte = data[p]!
    if (byte === QUOTE) {
      p = stringEnd(data, p + 1, end)
      if (p === BAD) return BAD
      p++
    } else if (byte === 0x7b || byte === 0x5b) {
      depth++
      p++
    } else if (byte === CLOSE || byte === 0x5d) {
      if (depth === 0) return BAD
      depth--
      p++
    } else if (byte === NEWLINE) {
      return BAD
    } else if (depth > 0) {
      p++
    } else {
      return scalarEnd(data, p, end)
    }
    if (depth === 0) return p
  }
  return BAD
}

/** A number, `true`, `false` or `null`: up to the next comma, bracket or line end. */
function scalarEnd(data: Uint8Array, at: number, end: number): number {
  let p = at
  for (; p < end; p++) {
    const byte = data[p]!
    if (byte === COMMA || byte === CLOSE || byte === 0x5d) break
    if (byte === NEWLINE || byte === QUOTE) return BAD
  }
  return p === at ? BAD : p
}

/** What `textHash` answers when there is a line end in the text. */
export const LINE_END_INSIDE = -1

/**
 * A 32-bit hash of the bytes [from, to), never 0, or LINE_END_INSIDE. All bytes count, four at a step: it looks at up
 * to 3 bytes past `to` and leaves them out.
 */
export function textHash(data: Uint8Array, view: DataView, from: number, to: number): number {
  let hash = Math.imul(to - from, 0x9e3779b1)
  let controls = 0
  let p = from
  for (; p + 4 <= to; p += 4) {
    const word = view.getInt32(p, true)
    // Any byte below 0x20? Ruby escapes all of those inside values, so the exact test below is rare.
    controls |= (word - 0x20202020) & ~word & 0x80808080
    hash = Math.imul(hash ^ word, 0x85ebca6b)
    hash ^= hash >>> 15
  }
  if (p < to) {
    const word = view.getInt32(p, true) & ((1 << ((to - p) * 8)) - 1)
    hash = Math.imul(hash ^ word, 0x85ebca6b)
    hash ^= hash >>> 15
    controls |= (word - 0x20202020) & ~word & 0x80808080
  }
  if (controls !== 0) for (p = from; p < to; p++) if (data[p] === NEWLINE) return LINE_END_INSIDE
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0 || 1
}
