import type { StringTable } from '#lib/heap/strings'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const CLOSE = 0x5d
const BLOCK_BITS = 20
const BLOCK_BYTES = 1 << BLOCK_BITS
const TWO_32 = 2 ** 32
/** Longer texts are cut: a name or a value of a megabyte helps nobody, and a hostile one could exceed what JavaScript can hold. */
const MAX_TEXT_BYTES = 1 << 16
const MISSING = '(name not in the file)'

/**
 * The array "strings", kept as the file has it: bytes with their escapes and quotes, and where each string starts. A
 * string becomes text when somebody asks. So their number and length are bounded by memory only (a JavaScript Map ends
 * at 2²⁴ entries, a string at 512 MB).
 *
 * Index 0 is the empty string, index 1 + `k` the string that the file has at place `k`, and texts that we
 * add ourselves (names of classes, files) come after those.
 */
export class V8Strings implements StringTable {
  /** The closing bracket was read. */
  isDone = false
  /** Strings of the file. */
  stored = 0
  private blocks: Uint8Array[] = []
  private used = 0
  private starts = new Uint32Array(1 << 12)
  /** Places of the first strings beyond 4 GiB, 8 GiB …: `starts` has only the lower 32 bits. */
  private readonly wraps: number[] = []
  private isInString = false
  private isEscaped = false
  private readonly added: string[] = []
  private readonly addedIds = new Map<string, number>()
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true })

  get count(): number {
    return 1 + this.stored + this.added.length
  }

  /** Reads data[start, end), to the closing bracket at most, and answers where it stopped. */
  read(data: Uint8Array, start: number, end: number): number {
    const base = this.used
    let p = start
    let isInString = this.isInString
    while (p < end && !this.isDone) {
      if (isInString) {
        if (this.isEscaped) {
          p++
          this.isEscaped = false
        }
        let byte = 0
        while (p < end) {
          byte = data[p++]!
          if (byte === QUOTE) {
            isInString = false
            break
          }
          if (byte === BACKSLASH && p++ === end) {
            this.isEscaped = true
            p = end
          }
        }
      } else {
        const byte = data[p++]!
        if (byte === QUOTE) {
          this.startAt(base + (p - start))
          isInString = true
        } else if (byte === CLOSE) this.isDone = true
      }
    }
    this.isInString = isInString
    this.keep(data, start, p)
    return p
  }

  /** The file ended within a string: its text would be a part of it. */
  dropUnfinished(): void {
    if (this.isInString && !this.isDone) this.stored--
  }

  text(id: number): string {
    if (id === 0) return ''
    if (id > this.stored) return this.added[id - this.stored - 1] ?? MISSING
    return this.storedText(id - 1)
  }

  /** Index of a text of our own. Call it only when all strings of the file are read. */
  add(text: string): number {
    const known = this.addedIds.get(text)
    if (known !== undefined) return known
    const id = 1 + this.stored + this.added.length
    this.added.push(text)
    this.addedIds.set(text, id)
    return id
  }

  /** Index of what stands for a name that the file does not have, because it was cut or damaged. */
  missing(): number {
    return this.add(MISSING)
  }

  /** A byte of a string of the file, without decoding it. What comes after its end has no meaning. */
  byte(id: number, index: number): number {
    const at = this.startOf(id - 1) + index
    return at < this.used ? this.byteAt(at) : 0
  }

  /** Length of a string of the file in UTF-16 units; of one that surely has fewer than `enough`, what is at least as much. */
  characters(id: number, enough: number): number {
    const start = this.startOf(id - 1)
    const next = id < this.stored ? this.startOf(id) : this.used
    // No character takes less than a byte.
    return next - start < enough ? next - start : this.text(id).length
  }

  private startOf(place: number): number {
    let turns = 0
    while (turns < this.wraps.length && this.wraps[turns]! <= place) turns++
    return this.starts[place]! + turns * TWO_32
  }

  private byteAt(at: number): number {
    return this.blocks[Math.floor(at / BLOCK_BYTES)]![at % BLOCK_BYTES]!
  }

  private startAt(at: number): void {
    const place = this.stored++
    if (place === this.starts.length) {
      const starts = new Uint32Array(place * 2)
      starts.set(this.starts)
      this.starts = starts
    }
    if (at >= TWO_32 * (this.wraps.length + 1)) this.wraps.push(place)
    this.starts[place] = at
  }

  private keep(data: Uint8Array, start: number, end: number): void {
    for (let p = start; p < end; ) {
      const within = this.used % BLOCK_BYTES
      if (within === 0) this.blocks.push(new Uint8Array(BLOCK_BYTES))
      const count = Math.min(BLOCK_BYTES - within, end - p)
      this.blocks.at(-1)!.set(data.subarray(p, p + count), within)
      this.used += count
      p += count
    }
  }

  private storedText(place: number): string {
    const start = this.startOf(place)
    const block = this.blocks[Math.floor(start / BLOCK_BYTES)]!
    const from = start % BLOCK_BYTES
    let isPlain = true
    let length = 0
    for (; length < MAX_TEXT_BYTES; length++) {
      const byte = from + length < BLOCK_BYTES ? block[from + length]! : this.byteAt(start + length)
      if (byte === QUOTE) break
      if (byte !== BACKSLASH) continue
      isPlain = false
      length++
    }
    const isCut = length >= MAX_TEXT_BYTES
    const bytes =
      from + length <= BLOCK_BYTES ? block.subarray(from, from + length) : this.gathered(start, length)
    const decoded = this.decoder.decode(bytes)
    const text = isPlain ? decoded : unescaped(decoded)
    return isCut ? `${text}…` : text
  }

  private gathered(start: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) bytes[i] = this.byteAt(start + i)
    return bytes
  }
}

/** What a JSON string says. Halves of surrogate pairs, which no database takes, and what is no escape become U+FFFD. */
function unescaped(json: string): string {
  const text = json.replace(ESCAPE, (whole, hex: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    return SHORT.get(whole.charAt(1)) ?? '\ufffd'
  })
  return text.replace(LONE_SURROGATE, '\ufffd')
}
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|[\s\S]?)/g
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
const SHORT: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])
