/** What `LineJson.next` answers. Brackets and the like are their own bytes. */
export const TOKEN = {
  bad: -1,
  end: 0,
  text: 1,
  /** A number or a word: true, null, and the nan and inf that C prints for floats. */
  word: 2,
  comma: 0x2c,
  colon: 0x3a,
  openList: 0x5b,
  closeList: 0x5d,
  openMap: 0x7b,
  closeMap: 0x7d,
} as const

const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * Cuts the JSON of one line into tokens, on bytes: strings in these dumps are in no particular encoding, and are
 * decoded only when somebody needs one. It checks tokens, not grammar; whoever reads knows what may follow what.
 */
export class LineJson {
  /** Bytes of the last text or word, without quotes. */
  from = 0
  to = 0
  /** Has the last text a backslash in it? */
  hasEscapes = false
  data: Uint8Array = new Uint8Array(0)
  private at = 0
  private end = 0

  open(data: Uint8Array, start: number, end: number): void {
    this.data = data
    this.at = start
    this.end = end
  }

  next(): number {
    const { data, end } = this
    let p = this.at
    while (p < end && isBlank(data[p]!)) p++
    if (p >= end) {
      this.at = p
      return TOKEN.end
    }
    const byte = data[p]!
    if (byte === QUOTE) return this.text(p + 1)
    if (isMark(byte)) {
      this.at = p + 1
      return byte
    }
    this.from = p
    while (p < end && !isMark(data[p]!) && !isBlank(data[p]!) && data[p] !== QUOTE) p++
    this.to = p
    this.at = p
    return TOKEN.word
  }

  /** Skips what is left of a list or a map whose opening bracket was the last token. Of any depth. */
  skipNested(): boolean {
    for (let depth = 1; depth > 0; ) {
      const token = this.next()
      if (token === TOKEN.end || token === TOKEN.bad) return false
      if (token === TOKEN.openList || token === TOKEN.openMap) depth++
      else if (token === TOKEN.closeList || token === TOKEN.closeMap) depth--
    }
    return true
  }

  /** The last word as a number; NaN when it is none. At most 24 bytes of it are looked at. */
  number(): number {
    let text = ''
    for (let p = this.from; p < Math.min(this.to, this.from + 24); p++)
      text += String.fromCharCode(this.data[p]!)
    return text === '' ? Number.NaN : Number(text)
  }

  private text(from: number): number {
    const { data, end } = this
    this.hasEscapes = false
    for (let p = from; p < end; p++) {
      const byte = data[p]
      if (byte === QUOTE) {
        this.from = from
        this.to = p
        this.at = p + 1
        return TOKEN.text
      }
      if (byte === BACKSLASH) {
        this.hasEscapes = true
        p++
      }
    }
    return TOKEN.bad
  }
}

const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d
const isMark = (byte: number): boolean =>
  byte === 0x2c || byte === 0x3a || byte === 0x5b || byte === 0x5d || byte === 0x7b || byte === 0x7d
