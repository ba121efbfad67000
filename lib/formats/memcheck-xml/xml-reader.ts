/** What the reader came upon. `text` is only filled for text. */
export type XmlEvent = { readonly kind: 'open' | 'close' | 'text'; readonly value: string }

const LESS = 0x3c
const GREATER = 0x3e
/** Longer runs of text are cut: the longest that matters is a mangled C++ name. */
const MAX_TEXT = 64 * 1024
const MAX_NAME = 100

/**
 * Reads the XML that Valgrind writes, and what is left of it when the process was killed: events until the bytes end,
 * never an error, never recursion. Attributes, comments and processing instructions are passed over. Entities that a
 * file declares itself are not expanded; only the five of XML and numbers are. Content of an element in `raw` is
 * passed over up to its end tag, whatever it holds. `wasCut()` tells whether the bytes end inside a tag.
 */
export function xmlReader(
  content: Uint8Array,
  raw: ReadonlySet<string>,
): { next(): XmlEvent | undefined; wasCut(): boolean; declaresEntities(): boolean } {
  const decoder = new TextDecoder()
  const words = (from: number, to: number, most: number) =>
    decoder.decode(content.subarray(from, Math.min(to, from + most)))
  let at = 0
  let isCut = false
  let hasDoctype = false
  // What has no end from here on has none later either: it is not searched for twice.
  let isEndless = false
  let pendingClose: string | undefined
  let rawName: string | undefined

  function next(): XmlEvent | undefined {
    if (pendingClose !== undefined) {
      const value = pendingClose
      pendingClose = undefined
      return { kind: 'close', value }
    }
    if (rawName !== undefined) skipRaw()
    while (at < content.length) {
      if (content[at] !== LESS) {
        const found = content.indexOf(LESS, at)
        const end = found < 0 ? content.length : found
        const text = decodeEntities(words(at, end, MAX_TEXT))
        at = end
        if (text.trim() !== '') return { kind: 'text', value: text }
        continue
      }
      const event = tag()
      if (event) return event
    }
    return undefined
  }

  /** At a "<". Undefined for what is no element. */
  function tag(): XmlEvent | undefined {
    const second = content[at + 1]
    if (second === 0x21 || second === 0x3f) {
      skipDeclaration()
      return cdata()
    }
    // A stray "<" in damaged text: another one stands before the next ">". Searched for first, so that each byte is
    // looked at a bounded number of times, however many of them there are.
    const stray = content.indexOf(LESS, at + 1)
    const segmentEnd = stray < 0 ? content.length : stray
    const length = content.subarray(at, segmentEnd).indexOf(GREATER)
    if (length < 0) {
      isCut ||= stray < 0
      at = segmentEnd
      return undefined
    }
    const close = at + length
    const isClose = second === 0x2f
    const inner = words(at + (isClose ? 2 : 1), close, 400)
    const isEmpty = !isClose && content[close - 1] === 0x2f
    at = close + 1
    const name = (/^[A-Za-z_][\w:.-]*/.exec(inner)?.[0] ?? '').slice(0, MAX_NAME)
    if (name === '') return undefined
    if (isClose) return { kind: 'close', value: name }
    if (isEmpty) pendingClose = name
    else if (raw.has(name)) rawName = name
    return { kind: 'open', value: name }
  }

  let cdataEnd: { from: number; to: number } | undefined
  function cdata(): XmlEvent | undefined {
    if (!cdataEnd) return undefined
    const { from, to } = cdataEnd
    cdataEnd = undefined
    return { kind: 'text', value: words(from, to, MAX_TEXT) }
  }

  /** At "<!" or "<?": passes over it; CDATA is kept for `cdata`. */
  function skipDeclaration(): void {
    const head = words(at, at + 9, 9)
    const mark = head.startsWith('<!--') ? '-->' : '>'
    if (head === '<![CDATA[') {
      const end = indexOfText(']]>', at + 9)
      cdataEnd = { from: at + 9, to: end < 0 ? content.length : end }
      isCut ||= end < 0
      at = end < 0 ? content.length : end + 3
      return
    }
    if (head.toUpperCase().startsWith('<!DOCTYPE')) {
      hasDoctype = true
      skipDoctype()
      return
    }
    const end = indexOfText(mark, at)
    isCut ||= end < 0
    at = end < 0 ? content.length : end + mark.length
  }

  /** A document type may hold a bracketed subset with ">" in it. */
  function skipDoctype(): void {
    const close = content.indexOf(GREATER, at)
    const bracket = content.subarray(at, close < 0 ? content.length : close).indexOf(0x5b)
    const end = bracket < 0 ? close : indexOfText(']>', at + bracket)
    at = end < 0 ? content.length : end + (bracket < 0 ? 1 : 2)
  }

  function skipRaw(): void {
    const end = isEndless ? -1 : indexOfText(`</${rawName}>`, at)
    // Without an end the content is taken for what it looks like: better than losing the rest of the file.
    if (end >= 0) at = end
    else isEndless = true
    rawName = undefined
  }

  function indexOfText(text: string, from: number): number {
    const first = text.charCodeAt(0)
    for (let found = content.indexOf(first, from); found >= 0; found = content.indexOf(first, found + 1)) {
      let same = 1
      while (same < text.length && content[found + same] === text.charCodeAt(same)) same++
      if (same === text.length) return found
    }
    return -1
  }

  return { next, wasCut: () => isCut, declaresEntities: () => hasDoctype }
}

const NAMED = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])

/** The five entities of XML and numbers; others stay as they are written. */
function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED.get(name) ?? whole
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}
