import type { GrowingHeap } from '#lib/heap/heap-part'
import { NO_PAGE, SLOT_BITS } from '#lib/heap/slots'
import { NO_GENERATION, OBJECT_FLAGS } from '#lib/heap/snapshot'
import { areDigits, BAD, fourDigits, NO_ADDRESS } from './address-reader.ts'
import { typeIndex } from './keys.ts'
import { TEXT_HASH, withEncoding, withUtf } from './line-reader.ts'
import { RepeatedEnds } from './repeated-ends.ts'
import { LINE_END_INSIDE, looseStringEnd, stringEnd, textHash } from './skip.ts'
import { SEEN, type Tally } from './tally.ts'
import * as WORD from './usual-words.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const CLOSE = 0x7d
const NEWLINE = 0x0a
const BACKSLASH = 0x5c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const STRING = typeIndex('STRING')
const ARRAY = typeIndex('ARRAY')
const HASH = typeIndex('HASH')
const OBJECT = typeIndex('OBJECT')
const DATA = typeIndex('DATA')
const IMEMO = typeIndex('IMEMO')
const STRUCT = typeIndex('STRUCT')
/** Flags that only the end of a line sets. */
const FLAGS_OF_END =
  OBJECT_FLAGS.writeBarrierProtected | OBJECT_FLAGS.old | OBJECT_FLAGS.marked | OBJECT_FLAGS.uncollectible
/** Everything in front of a string's value takes less. */
const FRONT_BYTES = 256

/**
 * Reads lines that are what nearly all lines of a dump are: the keys that Ruby writes, in its order, spelled and spaced
 * as it does (objspace_dump.c, `dump_object`), with usual values. Each key is looked for once, where it would stand, and
 * no object is kept before the last byte of its line was compared. LineReader reads the others: what both can read they read
 * alike (test/formats/ruby-objspace/usual-lines.test.ts).
 *
 * One long function on purpose: everything that it knows of a line is in registers, which makes scanning a sixth faster
 * than calls with fields do.
 */
export class UsualLines {
  private readonly heap: GrowingHeap
  private readonly tally: Tally
  private readonly tracerLabel: number
  private readonly ends = new RepeatedEnds()
  /** Where the end begins of a line that is not usual only for its end; 0: there is none. */
  private newEnd = 0

  /** `tracerLabel`: what the object is called whose "class" is none. */
  constructor(heap: GrowingHeap, tally: Tally, tracerLabel: number) {
    this.heap = heap
    this.tally = tally
    this.tracerLabel = tracerLabel
  }

  /**
   * Reads lines from `from` on. Answers where the first line starts that is not usual, or `end`. `base` is the offset of
   * `data` in the file. It looks at up to 100 bytes past `end`, and decides nothing by them.
   */
  read(data: Uint8Array, view: DataView, from: number, end: number, base: number): number {
    const { ends, tally, tracerLabel } = this
    const { columns, slots, strings, sites } = this.heap
    const { type: types, flags: flagsOf, shallowBytes, generation, site, label: labels } = columns
    const {
      lineOffset,
      valueHash,
      elements: elementsOf,
      slot,
      classSlot,
      referenceStart,
      referenceSlot,
    } = columns
    const before = columns.objects
    const room = types.length
    const referenceRoom = referenceSlot.length
    let object = before
    let references = columns.references
    // Neighbours have their addresses in one page: then it is not looked up.
    let ownHigh = 0
    let ownLow = 0
    let ownPage = NO_PAGE
    let classHigh = 0
    let classLow = 0
    let classPage = NO_PAGE
    let otherHigh = 0
    let otherLow = 0
    let otherPage = NO_PAGE
    let start = from
    this.newEnd = 0
    lines: while (start + FRONT_BYTES < end && object < room) {
      if (view.getInt32(start, true) !== WORD.OPEN_AD || view.getInt32(start + 4, true) !== WORD.DRES) break
      if (view.getInt32(start + 8, true) !== WORD.S_IS || view.getInt32(start + 26, true) !== WORD.NEXT) break
      let high = view.getInt32(start + 14, true)
      let low = view.getInt32(start + 18, true)
      let last = view.getInt32(start + 22, true)
      if (!areDigits(last)) break
      if (high !== ownHigh || low !== ownLow) {
        if (!areDigits(high) || !areDigits(low)) break
        ownHigh = high
        ownLow = low
        ownPage = slots.page(((fourDigits(high) << 16) | fourDigits(low)) >>> 0)
      }
      if (ownPage === NO_PAGE) break
      const own = (ownPage << SLOT_BITS) | (fourDigits(last) >>> 3)

      if (view.getInt32(start + 30, true) !== WORD.TYPE || view.getInt32(start + 33, true) !== WORD.E_IS)
        break
      const name = view.getInt32(start + 37, true)
      let type = 0
      let p = start + 43
      if (name === WORD.STRI && view.getInt32(start + 39, true) === WORD.RING) type = STRING
      else if (name === WORD.OBJE && view.getInt32(start + 39, true) === WORD.JECT) type = OBJECT
      else if (name === WORD.STRU && view.getInt32(start + 39, true) === WORD.RUCT) type = STRUCT
      else if (name === WORD.ARRA && view.getInt32(start + 38, true) === WORD.RRAY) {
        type = ARRAY
        p = start + 42
      } else if (name === WORD.HASH_NAME) {
        type = HASH
        p = start + 41
      } else if (name === WORD.IMEM && view.getInt32(start + 38, true) === WORD.MEMO) {
        type = IMEMO
        p = start + 42
      } else if (name === WORD.DATA_NAME) {
        type = DATA
        p = start + 41
      } else break
      // From here on `p` is at the first letter of a key whenever `key` is read.
      if (view.getInt32(p, true) !== WORD.NEXT) break
      p += 4
      let key = view.getInt32(p, true)
      if (key === WORD.SHAPE_ID) {
        if (view.getInt32(p + 4, true) !== WORD.E_ID || view.getInt32(p + 6, true) !== WORD.ID_IS) break
        const from = p + 10
        p = WORD.digitsEnd(data, from)
        if (p === from || !WORD.isSeparator(view, p)) break
        tally.seen |= SEEN.shapeId
        p += 3
        key = view.getInt32(p, true)
      }
      if (key === WORD.SLOT_SIZE) {
        if (view.getInt32(p + 4, true) !== WORD.SIZE_OF_SLOT || view.getInt32(p + 7, true) !== WORD.ZE_IS)
          break
        const from = p + 11
        p = WORD.digitsEnd(data, from)
        if (p === from || !WORD.isSeparator(view, p)) break
        tally.seen |= SEEN.slotSize
        p += 3
        key = view.getInt32(p, true)
      }
      let kind = NO_ADDRESS
      let flags = 0
      if (key === WORD.CLASS) {
        if (view.getInt32(p + 4, true) !== WORD.S_IS || view.getInt32(p + 22, true) !== WORD.NEXT) break
        high = view.getInt32(p + 10, true)
        low = view.getInt32(p + 14, true)
        last = view.getInt32(p + 18, true)
        if (!areDigits(last)) break
        if (high !== classHigh || low !== classLow) {
          if (!areDigits(high) || !areDigits(low)) break
          classHigh = high
          classLow = low
          classPage = slots.page(((fourDigits(high) << 16) | fourDigits(low)) >>> 0)
        }
        if (classPage === NO_PAGE) break
        kind = (classPage << SLOT_BITS) | (fourDigits(last) >>> 3)
        p += 26
        key = view.getInt32(p, true)
      }
      if (key === WORD.FROZEN) {
        if (view.getInt32(p + 4, true) !== WORD.EN_IS || !WORD.isTrue(view, p + 8)) break
        flags = OBJECT_FLAGS.frozen
        p += 15
        key = view.getInt32(p, true)
      }

      let elements = 0
      if (key === WORD.IVARS) {
        if (view.getInt32(p + 3, true) !== WORD.RS_IS) break
        const from = p + 7
        p = WORD.digitsEnd(data, from)
        if (p === from || !WORD.isSeparator(view, p)) break
        p += 3
        key = view.getInt32(p, true)
      } else if (key === WORD.SIZE || key === WORD.LENGTH) {
        const from = key === WORD.SIZE ? p + 6 : p + 8
        if (data[from - 2] !== QUOTE) break
        p = WORD.digitsEnd(data, from)
        if (p === from || p > from + WORD.MAX_DIGITS || !WORD.isSeparator(view, p)) break
        elements = WORD.count(data, from, p)
        p += 3
        key = view.getInt32(p, true)
      }
      if (key === WORD.EMBEDDED) {
        if (view.getInt32(p + 4, true) !== WORD.DDED || data[p + 9] !== COLON || !WORD.isTrue(view, p + 10))
          break
        flags |= OBJECT_FLAGS.embedded
        p += 17
        key = view.getInt32(p, true)
      }
      if (key === WORD.FSTRING) {
        if (view.getInt32(p + 4, true) !== WORD.ING || data[p + 8] !== COLON || !WORD.isTrue(view, p + 9))
          break
        p += 16
        key = view.getInt32(p, true)
      }
      let hash = 0
      let label = 0
      if (key === WORD.BYTESIZE) {
        let from = p + 10
        if (view.getInt32(p + 4, true) !== WORD.SIZE || data[p + 8] !== QUOTE) break
        p = WORD.digitsEnd(data, from)
        if (p === from || p > from + WORD.MAX_DIGITS || !WORD.isSeparator(view, p)) break
        const bytesize = WORD.count(data, from, p)
        p += 3
        key = view.getInt32(p, true)
        if (key === WORD.CAPACITY) {
          if (view.getInt32(p + 4, true) !== WORD.CITY || view.getInt32(p + 6, true) !== WORD.TY_IS) break
          from = p + 10
          p = WORD.digitsEnd(data, from)
          if (p === from || !WORD.isSeparator(view, p)) break
          p += 3
          key = view.getInt32(p, true)
        }
        if (key === WORD.VALUE) {
          from = p + 8
          p = from + bytesize
          // A value has at least `bytesize` bytes, so an unescaped quote there is its end.
          if (p + 4 > end || data[from - 3] !== QUOTE || data[from - 1] !== QUOTE) break
          if (view.getInt32(p, true) !== WORD.NEXT || (bytesize > 0 && data[p - 1] === BACKSLASH)) break
          hash = textHash(data, view, from, p)
          if (hash === LINE_END_INSIDE) break
          p += 4
          key = view.getInt32(p, true)
        }
        if (key === WORD.ENCODING) {
          if (data[p + 16] === QUOTE && view.getInt32(p + 11, true) === WORD.UTF) {
            if (!WORD.isSeparator(view, p + 17)) break
            if (hash !== 0) hash = withUtf(hash)
            p += 20
          } else {
            from = p + 11
            if (view.getInt32(p + 4, true) !== WORD.DING || !WORD.isTextStart(view, p + 8)) break
            p = stringEnd(data, from, end)
            if (p === BAD || view.getInt32(p, true) !== WORD.NEXT) break
            if (hash !== 0) hash = withEncoding(hash, data, from, p)
            p += 4
          }
          key = view.getInt32(p, true)
        }
        if (key === WORD.CODERANGE) {
          if (view.getInt32(p + 4, true) !== WORD.RANGE || view.getInt32(p + 8, true) !== WORD.E_IS) break
          p = stringEnd(data, p + 12, end)
          if (p === BAD || view.getInt32(p, true) !== WORD.NEXT) break
          tally.seen |= SEEN.coderange
          p += 4
          key = view.getInt32(p, true)
        }
      } else if (key === WORD.IMEMO_TYPE || key === WORD.STRUCT_KEY) {
        if (key === WORD.STRUCT_KEY ? view.getInt32(p + 4, true) !== WORD.CT_IS : !WORD.isImemoType(view, p))
          break
        const from = key === WORD.STRUCT_KEY ? p + 9 : p + 13
        if (data[from - 1] !== QUOTE) break
        p = looseStringEnd(data, view, from, end)
        if (p === BAD || view.getInt32(p, true) !== WORD.NEXT) break
        label = strings.intern(data, from, p)
        p += 4
        key = view.getInt32(p, true)
      }

      let to = references
      if (key === WORD.REFERENCES) {
        if (view.getInt32(p + 4, true) !== WORD.RENCES || view.getInt32(p + 8, true) !== WORD.ES_IS) break
        if (data[p + 12] !== OPEN_LIST) break
        p += 13
        for (;;) {
          high = view.getInt32(p + 3, true)
          low = view.getInt32(p + 7, true)
          last = view.getInt32(p + 11, true)
          if (p + 16 > end || data[p + 15] !== QUOTE || !areDigits(last)) break lines
          if (high !== otherHigh || low !== otherLow) {
            if (!areDigits(high) || !areDigits(low)) break lines
            otherHigh = high
            otherLow = low
            otherPage = slots.page(((fourDigits(high) << 16) | fourDigits(low)) >>> 0)
          }
          if (otherPage === NO_PAGE || to === referenceRoom) break lines
          referenceSlot[to++] = (otherPage << SLOT_BITS) | (fourDigits(last) >>> 3)
          if (data[p + 16] !== COMMA) break
          if (data[p + 17] !== 0x20) break lines
          p += 18
        }
        if (data[p + 16] !== CLOSE_LIST || !WORD.isSeparator(view, p + 17)) break
        p += 20
        key = view.getInt32(p, true)
      }

      let file = 0
      let line = 0
      let method = 0
      let born = NO_GENERATION
      if (key === WORD.FILE) {
        let from = p + 7
        if (data[p + 4] !== QUOTE || data[p + 6] !== QUOTE) break
        p = looseStringEnd(data, view, from, end)
        if (p === BAD || view.getInt32(p, true) !== WORD.NEXT) break
        file = strings.intern(data, from, p)
        p += 4
        key = view.getInt32(p, true)
        if (key === WORD.LINE) {
          from = p + 6
          if (data[p + 4] !== QUOTE) break
          p = WORD.digitsEnd(data, from)
          if (p === from || p > from + WORD.MAX_DIGITS || !WORD.isSeparator(view, p)) break
          line = WORD.count(data, from, p)
          p += 3
          key = view.getInt32(p, true)
        }
        if (key === WORD.METHOD) {
          from = p + 9
          if (data[p + 6] !== QUOTE || data[p + 8] !== QUOTE) break
          p = looseStringEnd(data, view, from, end)
          if (p === BAD || view.getInt32(p, true) !== WORD.NEXT) break
          method = strings.intern(data, from, p)
          p += 4
          key = view.getInt32(p, true)
        }
        if (key === WORD.GENERATION) {
          from = p + 12
          if (data[p + 10] !== QUOTE) break
          p = WORD.digitsEnd(data, from)
          if (p === from || p > from + WORD.MAX_DIGITS || !WORD.isSeparator(view, p)) break
          born = WORD.count(data, from, p)
          p += 3
          key = view.getInt32(p, true)
        }
      }

      if (key !== WORD.MEMSIZE || data[p + 7] !== QUOTE) break
      const from = p + 9
      p = WORD.digitsEnd(data, from)
      if (p === from || p > from + WORD.MAX_DIGITS) break
      const size = WORD.count(data, from, p)
      let next = p + 2
      if (WORD.isSeparator(view, p)) {
        if (view.getInt32(p + 3, true) !== WORD.FLAGS) break
        next = ends.match(view, next, end)
        if (next === 0) {
          this.newEnd = p + 2
          break
        }
        flags |= ends.flags
      } else if (data[p] !== CLOSE || data[p + 1] !== NEWLINE || next > end) break

      types[object] = type
      flagsOf[object] = flags
      slot[object] = own
      // As in RubyScanner: what stands there for these is no class.
      classSlot[object] = type === IMEMO || label === tracerLabel ? NO_ADDRESS : kind
      generation[object] = born
      site[object] = file === 0 ? 0 : sites.intern(file, line, method)
      labels[object] = label
      lineOffset[object] = base + start
      referenceStart[object] = references
      elementsOf[object] = elements
      if (hash !== 0 && type === STRING) valueHash[object] = hash | TEXT_HASH
      shallowBytes[object] = size
      object++
      references = to
      start = next
    }
    columns.objects = object
    columns.references = references
    tally.lines += object - before
    return start
  }

  /** The line at which `read` stopped was read and ends at `next`: how it ends is usual from now on. */
  learn(data: Uint8Array, view: DataView, next: number, flags: number): void {
    if (this.newEnd !== 0) this.ends.remember(data, view, this.newEnd, next, flags & FLAGS_OF_END)
  }
}
