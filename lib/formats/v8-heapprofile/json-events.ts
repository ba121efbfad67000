/** What the reader came upon. Keys come before their values; scalars are numbers, strings, true, false or null. */
export type JsonEvent =
  | { readonly kind: 'open' | 'close'; readonly value: 'object' | 'array' }
  | { readonly kind: 'key'; readonly value: string }
  | { readonly kind: 'scalar'; readonly value: string | number | boolean | null }

const QUOTE = 0x22
const BACKSLASH = 0x5c
/** Longer strings are cut. */
const MAX_STRING = 16 * 1024

/**
 * Reads JSON from front to back without building it, without recursion and without one string for all of it: as much
 * as there is. `undefined` is the end; `wasCut()` tells whether the text ended before its value did or is no JSON there.
 */
export function jsonEvents(content: Uint8Array): {
  next(): JsonEvent | undefined
  wasCut(): boolean
  depth(): number
} {
  const decoder = new TextDecoder()
  /** 1 = object, 2 = array, by depth. */
  const open: number[] = []
  let at = content[0] === 0xef && content[1] === 0xbb ? 3 : 0
  let isCut = false
  let isDone = false

  function next(): JsonEvent | undefined {
    if (isDone) return undefined
    while (at < content.length) {
      const byte = content[at]!
      if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === 0x2c || byte === 0x3a)
        at++
      else return token(byte)
    }
    isCut = open.length > 0
    isDone = true
    return undefined
  }

  function token(byte: number): JsonEvent | undefined {
    if (byte === 0x7b || byte === 0x5b) {
      at++
      open.push(byte === 0x7b ? 1 : 2)
      return { kind: 'open', value: byte === 0x7b ? 'object' : 'array' }
    }
    if (byte === 0x7d || byte === 0x5d) {
      if (open.pop() !== (byte === 0x7d ? 1 : 2)) return broken()
      at++
      return { kind: 'close', value: byte === 0x7d ? 'object' : 'array' }
    }
    if (byte === QUOTE) {
      const text = string()
      if (text === undefined) return broken()
      return isKey() ? { kind: 'key', value: text } : { kind: 'scalar', value: text }
    }
    return scalar()
  }

  /** Behind a string: a colon makes it a key. */
  function isKey(): boolean {
    if (open.at(-1) !== 1) return false
    let ahead = at
    while (
      content[ahead] === 0x20 ||
      content[ahead] === 0x0a ||
      content[ahead] === 0x0d ||
      content[ahead] === 0x09
    )
      ahead++
    return content[ahead] === 0x3a
  }

  function string(): string | undefined {
    const start = at + 1
    let end = start
    let hasEscape = false
    for (; end < content.length; end++) {
      const byte = content[end]!
      if (byte === QUOTE) break
      if (byte === BACKSLASH) {
        hasEscape = true
        end++
      }
    }
    if (end >= content.length) return undefined
    at = end + 1
    const text = decoder.decode(content.subarray(start, Math.min(end, start + MAX_STRING)))
    return hasEscape ? unescaped(text) : text
  }

  function scalar(): JsonEvent | undefined {
    let end = at
    while (end < content.length && end - at < 40 && /[-+.\w]/.test(String.fromCharCode(content[end]!))) end++
    const word = decoder.decode(content.subarray(at, end))
    at = end
    if (word === 'true' || word === 'false') return { kind: 'scalar', value: word === 'true' }
    if (word === 'null') return { kind: 'scalar', value: null }
    if (!/^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(word)) return broken()
    return { kind: 'scalar', value: Number(word) }
  }

  function broken(): undefined {
    isCut = true
    isDone = true
    return undefined
  }

  return { next, wasCut: () => isCut, depth: () => open.length }
}

function unescaped(text: string): string {
  try {
    const parsed: unknown = JSON.parse(`"${text}"`)
    return typeof parsed === 'string' ? parsed : text
  } catch {
    // Cut in the middle of an escape, or hostile: as it is written.
    return text
  }
}
