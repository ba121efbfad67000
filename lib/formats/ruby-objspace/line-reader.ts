import type { HeapColumns } from '#lib/heap/columns'
import type { SlotTable } from '#lib/heap/slots'
import { NO_GENERATION, OBJECT_FLAGS } from '#lib/heap/snapshot'
import type { StringInterner } from '#lib/heap/strings'
import { AddressReader, BAD, NO_ADDRESS } from './address-reader.ts'
import { RUBY_TYPES, TYPE_BY_TAG, tag, typeIndex } from './keys.ts'
import { LINE_END_INSIDE, looseStringEnd, stringEnd, textHash, valueEnd } from './skip.ts'
import { SEEN, type Tally } from './tally.ts'

const NEWLINE = 0x0a
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN = 0x7b
const CLOSE = 0x7d

const KEY_ADDRESS = tag('address')
const KEY_TYPE = tag('type')
const KEY_CLASS = tag('class')
const KEY_REFERENCES = tag('references')
const KEY_MEMSIZE = tag('memsize')
const KEY_FLAGS = tag('flags')
const KEY_BYTESIZE = tag('bytesize')
const KEY_VALUE = tag('value')
const KEY_ENCODING = tag('encoding')
const KEY_LENGTH = tag('length')
const KEY_SIZE = tag('size')
const KEY_EMBEDDED = tag('embedded')
const KEY_FILE = tag('file')
const KEY_LINE = tag('line')
const KEY_METHOD = tag('method')
const KEY_GENERATION = tag('generation')
const KEY_SUPERCLASS = tag('superclass')
const KEY_NAME = tag('name')
const KEY_ROOT = tag('root')
const KEY_STRUCT = tag('struct')
const KEY_IMEMO_TYPE = tag('imemo_type')
const KEY_REAL_CLASS_NAME = tag('real_class_name')
const KEY_FROZEN = tag('frozen')
const KEY_SHARED = tag('shared')
const KEY_SINGLETON = tag('singleton')
const KEY_SHAPE_ID = tag('shape_id')
const KEY_SLOT_SIZE = tag('slot_size')
const KEY_CODERANGE = tag('coderange')
const KEY_CHILLED = tag('chilled')

const TAG_UTF = tag('UTF-8')
const TAG_STRING = tag('STRING')
const TAG_ARRAY = tag('ARRAY')
const TAG_HASH = tag('HASH')
const TAG_OBJECT = tag('OBJECT')
const TAG_DATA = tag('DATA')
const TAG_IMEMO = tag('IMEMO')

const UNKNOWN = typeIndex('UNKNOWN')
const STRING = typeIndex('STRING')
const ARRAY = typeIndex('ARRAY')
const HASH = typeIndex('HASH')
const OBJECT = typeIndex('OBJECT')
const DATA = typeIndex('DATA')
const IMEMO = typeIndex('IMEMO')
/** The same text in two encodings cannot be one shared string, so encodings are part of the hash. */
const HASH_OF_UTF = 0x5bd1e995
/** Set in every hash of a text, as lib/heap/stored-hashes.ts keeps them: equal texts stay equal when they are stored. */
export const TEXT_HASH = 0x80000000
/** No `type` key was seen yet. */
export const NO_TYPE = 255

const MAX_INT32 = 0x7fffffff

/**
 * Reads one line of a dump into its fields. It switches on the first four bytes of a key and jumps over what it knows
 * the length of. References go straight into the columns: whoever calls takes them back when the line is bad.
 */
export class LineReader {
  type = NO_TYPE
  hasAddress = false
  slot = NO_ADDRESS
  classSlot = NO_ADDRESS
  superSlot = NO_ADDRESS
  flags = 0
  memsize = 0
  bytesize = -1
  generation = NO_GENERATION
  file = 0
  lineNumber = 0
  method = 0
  label = 0
  realName = 0
  /** Of `value`, and of the encoding when it is not the usual one; 0 without a value. */
  valueHash = 0
  /** An array's `length`, a hash's `size`. */
  elements = 0
  /** What `readNumber` read. */
  private number = 0
  private readonly tally: Tally
  private readonly columns: HeapColumns
  private readonly strings: StringInterner
  private readonly ownAddress: AddressReader
  private readonly classAddress: AddressReader
  private readonly referenceAddress: AddressReader

  constructor(columns: HeapColumns, strings: StringInterner, slots: SlotTable, tally: Tally) {
    this.columns = columns
    this.strings = strings
    this.tally = tally
    this.ownAddress = new AddressReader(slots)
    this.classAddress = new AddressReader(slots)
    this.referenceAddress = new AddressReader(slots)
  }

  /**
   * Reads one line into the fields above. Answers where the next one starts, or BAD.
   *
   * It may read up to 32 bytes past `end` (the buffer has them), and decides nothing by what it finds there.
   */
  read(data: Uint8Array, view: DataView, start: number, end: number): number {
    this.type = NO_TYPE
    this.hasAddress = false
    this.classSlot = NO_ADDRESS
    this.superSlot = NO_ADDRESS
    this.flags = 0
    this.memsize = 0
    this.bytesize = -1
    this.generation = NO_GENERATION
    this.file = 0
    this.lineNumber = 0
    this.method = 0
    this.label = 0
    this.realName = 0
    this.valueHash = 0
    this.elements = 0
    let p = start + 1
    if (data[start] !== OPEN) return BAD
    for (;;) {
      if (p >= end || data[p] !== QUOTE) return BAD
      const key = view.getInt32(p + 1, true)
      if (key === KEY_ADDRESS && data[p + 8] === QUOTE) {
        p = this.ownAddress.read(data, view, p + 10, end)
        this.slot = this.ownAddress.slot
        this.hasAddress = true
      } else if (key === KEY_TYPE && data[p + 5] === QUOTE) {
        p = this.readType(data, view, p + 7, end)
      } else if (key === KEY_CLASS && data[p + 6] === QUOTE) {
        p = this.classAddress.read(data, view, p + 8, end)
        this.classSlot = this.classAddress.slot
      } else if (key === KEY_REFERENCES && data[p + 11] === QUOTE) {
        p = this.readReferences(data, view, p + 13, end)
      } else if (key === KEY_MEMSIZE && data[p + 8] === QUOTE) {
        p = this.readNumber(data, p + 10, end)
        this.memsize = this.number
      } else if (key === KEY_FLAGS && data[p + 6] === QUOTE) {
        p = this.readFlags(data, p + 8, end)
      } else if (key === KEY_EMBEDDED && isTrue(data, p + 11)) {
        this.flags |= OBJECT_FLAGS.embedded
        p += 15
      } else if (key === KEY_BYTESIZE && data[p + 9] === QUOTE) {
        p = this.readNumber(data, p + 11, end)
        this.bytesize = this.number
      } else if (key === KEY_VALUE && data[p + 6] === QUOTE && data[p + 8] === QUOTE) {
        p = this.readStringValue(data, view, p + 9, end)
      } else if (key === KEY_ENCODING && data[p + 17] === QUOTE && view.getInt32(p + 12, true) === TAG_UTF) {
        // "UTF-8" or "UTF-7". Others take the general way below.
        if (this.valueHash !== 0) this.valueHash = withUtf(this.valueHash)
        p += 18
      } else if (key === KEY_FILE && data[p + 5] === QUOTE && data[p + 7] === QUOTE) {
        const from = p + 8
        p = looseStringEnd(data, view, from, end)
        if (p === BAD) return BAD
        this.file = this.strings.intern(data, from, p++)
      } else if (key === KEY_LENGTH && data[p + 7] === QUOTE) {
        p = this.readNumber(data, p + 9, end)
        this.elements = Math.min(this.number, MAX_INT32)
      } else if (key === KEY_SIZE && data[p + 5] === QUOTE) {
        p = this.readNumber(data, p + 7, end)
        this.elements = Math.min(this.number, MAX_INT32)
      } else if (key === KEY_LINE && data[p + 5] === QUOTE) {
        p = this.readNumber(data, p + 7, end)
        this.lineNumber = this.number > MAX_INT32 ? wrapped(data, p) : this.number
      } else if (key === KEY_GENERATION && data[p + 11] === QUOTE) {
        p = this.readNumber(data, p + 13, end)
        this.generation = Math.min(this.number, MAX_INT32)
      } else if (key === KEY_METHOD && data[p + 7] === QUOTE && data[p + 9] === QUOTE) {
        const from = p + 10
        p = looseStringEnd(data, view, from, end)
        if (p === BAD) return BAD
        this.method = this.strings.intern(data, from, p++)
      } else {
        p = this.readOther(data, view, p, end, key)
      }
      if (p === BAD || p > end) return BAD
      const next = data[p]
      if (next === COMMA) p += data[p + 1] === 0x20 ? 2 : 1
      else if (next === CLOSE && p < end) return lineEnd(data, p + 1, end)
      else return BAD
    }
  }

  /** `at` is the opening quote of the type's name. */
  private readType(data: Uint8Array, view: DataView, at: number, end: number): number {
    if (data[at] !== QUOTE) return BAD
    const name = view.getInt32(at + 1, true)
    let length = 0
    if (name === TAG_STRING) {
      this.type = STRING
      length = 6
    } else if (name === TAG_IMEMO) {
      this.type = IMEMO
      length = 5
    } else if (name === TAG_ARRAY) {
      this.type = ARRAY
      length = 5
    } else if (name === TAG_HASH) {
      this.type = HASH
      length = 4
    } else if (name === TAG_DATA) {
      this.type = DATA
      length = 4
    } else if (name === TAG_OBJECT) {
      this.type = OBJECT
      length = 6
    }
    if (length > 0 && data[at + 1 + length] === QUOTE) return at + length + 2
    const close = stringEnd(data, at + 1, end)
    if (close === BAD) return BAD
    const type = TYPE_BY_TAG.get(name)
    this.type = type !== undefined && RUBY_TYPES[type]!.length === close - at - 1 ? type : UNKNOWN
    return close + 1
  }

  /** `at` is the opening bracket. Appends to the reference column. */
  private readReferences(data: Uint8Array, view: DataView, at: number, end: number): number {
    const { columns, referenceAddress } = this
    if (data[at] !== 0x5b) return BAD
    let p = at + 1
    if (data[p] === 0x5d) return p + 1
    let count = columns.references
    for (;;) {
      p = referenceAddress.read(data, view, p, end)
      if (p === BAD || p >= end) return BAD
      if (count === columns.referenceSlot.length) columns.growReferences()
      columns.referenceSlot[count++] = referenceAddress.slot
      if (data[p] !== COMMA) break
      p += data[p + 1] === 0x20 ? 2 : 1
    }
    columns.references = count
    return data[p] === 0x5d ? p + 1 : BAD
  }

  /** Reads digits (and what follows a point or a sign, as 0) into `number`. */
  private readNumber(data: Uint8Array, at: number, end: number): number {
    let value = 0
    let p = at
    while (p < end) {
      const digit = data[p]! - 0x30
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
      p++
    }
    this.number = value
    if (p > at && data[p] !== 0x2e) return p
    // Not a plain count: negative, fractional or not a number at all. Sizes below zero count as none.
    this.number = data[at] === 0x2d ? 0 : value
    return valueEnd(data, at, end)
  }

  /** `at` is the opening brace. Values are `true`; Ruby 3.5 also has numbers, which say nothing about the flag. */
  private readFlags(data: Uint8Array, at: number, end: number): number {
    if (data[at] !== OPEN) return BAD
    let p = at + 1
    if (data[p] === CLOSE) return p + 1
    for (;;) {
      if (p >= end || data[p] !== QUOTE) return BAD
      const letter = data[p + 1]
      // Jump over `"old":true` and its like; the colon and the e of `true` show whether that was right.
      const length =
        letter === 0x77 ? 19 : letter === 0x6f ? 10 : letter === 0x75 ? 20 : data[p + 7] === QUOTE ? 13 : 14
      if (isTrue(data, p + length - 4)) {
        this.flags |= flagOf(letter)
        p += length
      } else {
        const close = stringEnd(data, p + 1, end)
        if (close === BAD) return BAD
        if (letter === 0x6c && isTrue(data, close + 2)) this.flags |= flagOf(letter)
        p = valueEnd(data, close + 2, end)
        if (p === BAD) return BAD
      }
      if (data[p] !== COMMA) break
      p += data[p + 1] === 0x20 ? 2 : 1
    }
    return p < end && data[p] === CLOSE ? p + 1 : BAD
  }

  /**
   * Hashes a string's value and skips it; `at` is its first byte. A value has at least `bytesize` bytes, so an unescaped quote
   * there is its end. (A value may look like dump fields: nothing is ever searched for in it.)
   */
  private readStringValue(data: Uint8Array, view: DataView, at: number, end: number): number {
    const close = at + this.bytesize
    if (
      this.bytesize >= 0 &&
      close < end &&
      data[close] === QUOTE &&
      (this.bytesize === 0 || data[close - 1] !== 0x5c)
    ) {
      const hash = textHash(data, view, at, close)
      if (hash !== LINE_END_INSIDE) {
        this.valueHash = hash
        return close + 1
      }
    }
    const found = stringEnd(data, at, end)
    if (found === BAD) return BAD
    this.valueHash = textHash(data, view, at, found)
    return found + 1
  }

  /** Keys that are rarer or of no use. `at` is the key's opening quote. */
  private readOther(data: Uint8Array, view: DataView, at: number, end: number, key: number): number {
    const keyEnd = stringEnd(data, at + 1, end)
    if (keyEnd === BAD || data[keyEnd + 1] !== COLON) return BAD
    const value = keyEnd + 2
    if (data[value] === QUOTE) {
      if (key === KEY_SUPERCLASS) {
        const after = this.referenceAddress.read(data, view, value, end)
        this.superSlot = this.referenceAddress.slot
        return after
      }
      return this.readOtherString(data, view, value + 1, end, key)
    }
    if (isTrue(data, value)) {
      if (key === KEY_FROZEN) this.flags |= OBJECT_FLAGS.frozen
      else if (key === KEY_SHARED) this.flags |= OBJECT_FLAGS.shared
      else if (key === KEY_SINGLETON) this.flags |= OBJECT_FLAGS.singleton
      else if (key === KEY_CHILLED) this.tally.seen |= SEEN.chilled
    } else if (key === KEY_SHAPE_ID) this.tally.seen |= SEEN.shapeId
    else if (key === KEY_SLOT_SIZE) this.tally.seen |= SEEN.slotSize
    return valueEnd(data, value, end)
  }

  private readOtherString(data: Uint8Array, view: DataView, from: number, end: number, key: number): number {
    const isName = key === KEY_NAME || key === KEY_STRUCT
    if (!isName && key !== KEY_ROOT && key !== KEY_IMEMO_TYPE && key !== KEY_REAL_CLASS_NAME) {
      if (key === KEY_CODERANGE) this.tally.seen |= SEEN.coderange
      const close = stringEnd(data, from, end)
      if (key === KEY_ENCODING && this.valueHash !== 0)
        this.valueHash = withEncoding(this.valueHash, data, from, close)
      return close === BAD ? BAD : close + 1
    }
    const close = looseStringEnd(data, view, from, end)
    if (close === BAD) return BAD
    const name = this.strings.intern(data, from, close)
    if (key === KEY_REAL_CLASS_NAME) this.realName = name
    else this.label = name
    return close + 1
  }
}

/** The hash of a value whose encoding is UTF-8 or UTF-7. */
export const withUtf = (hash: number): number => (hash ^ HASH_OF_UTF) >>> 0 || 1

/** The hash of a value whose encoding is called `data[from, to)`. */
export const withEncoding = (hash: number, data: Uint8Array, from: number, to: number): number =>
  (hash ^ Math.imul(to - from, 0x9e3779b1) ^ data[from]!) >>> 0 || 1

/** `true` at this place? (The last letter and the colon before it: `false` is one longer.) */
function isTrue(data: Uint8Array, at: number): boolean {
  return data[at] === 0x74 && data[at + 3] === 0x65 && data[at - 1] === COLON
}

function flagOf(firstLetter: number | undefined): number {
  if (firstLetter === 0x77) return OBJECT_FLAGS.writeBarrierProtected
  if (firstLetter === 0x6f) return OBJECT_FLAGS.old
  // Ruby 2.2 called it "long_lived".
  if (firstLetter === 0x75 || firstLetter === 0x6c) return OBJECT_FLAGS.uncollectible
  return firstLetter === 0x6d ? OBJECT_FLAGS.marked : 0
}

/** After the closing brace: newline, CR and newline, or the end of the file. */
function lineEnd(data: Uint8Array, at: number, end: number): number {
  if (at >= end) return end
  if (data[at] === NEWLINE) return at + 1
  if (data[at] !== 0x0d) return BAD
  if (at + 1 >= end) return end
  return data[at + 1] === NEWLINE ? at + 2 : BAD
}

/** A line number that Ruby printed unsigned (18446744073709551613 is −3): its low 32 bits, signed. `end` is just after the digits. */
function wrapped(data: Uint8Array, end: number): number {
  let start = end
  while (start > 0 && data[start - 1]! >= 0x30 && data[start - 1]! <= 0x39) start--
  let value = 0
  for (let p = start; p < end; p++) value = (Math.imul(value, 10) + (data[p]! - 0x30)) | 0
  return value
}
