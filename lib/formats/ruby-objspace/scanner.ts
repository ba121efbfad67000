import { ALLOCATION_TRACER } from '#lib/heap/class-names'
import { HeapColumns, Uint32List } from '#lib/heap/columns'
import { linkedSnapshot } from '#lib/heap/link'
import { SiteInterner } from '#lib/heap/sites'
import { SlotTable } from '#lib/heap/slots'
import { BAD_LINES_KEPT, type HeapSnapshot, OBJECT_FLAGS } from '#lib/heap/snapshot'
import { StringInterner } from '#lib/heap/strings'
import type { HeapScanner, ScanExpectation } from '../format.ts'
import { BAD, NO_ADDRESS } from './address-reader.ts'
import { RUBY_TYPES, typeIndex } from './keys.ts'
import { LineBuffer } from './line-buffer.ts'
import { LineReader, NO_TYPE } from './line-reader.ts'
import { checkedReading } from './outcome.ts'

const NEWLINE = 0x0a
const MAX_UINT32 = 0xffffffff
const NONE = typeIndex('NONE')
const ROOT = typeIndex('ROOT')
const SHAPE = typeIndex('SHAPE')
const MOVED = typeIndex('MOVED')
/** Set in every hash of a text, as lib/heap/stored-hashes.ts keeps them: equal texts stay equal when they are stored. */
const TEXT_HASH = 0x80000000
const STRING = typeIndex('STRING')
const IMEMO = typeIndex('IMEMO')
const CLASS = typeIndex('CLASS')
const MODULE = typeIndex('MODULE')

/**
 * Reads `ObjectSpace.dump_all` from bytes into columns. Keys may come in any order, unknown ones are
 * skipped whatever they hold, and no JavaScript value is made per object.
 *
 * A line that makes no sense is counted and left out; reading goes on at the next newline.
 */
export class RubyScanner implements HeapScanner {
  private readonly buffer = new LineBuffer()
  private readonly columns: HeapColumns
  private readonly line: LineReader
  private readonly slots = new SlotTable()
  private readonly strings = new StringInterner()
  private readonly sites = new SiteInterner()
  private readonly tracerLabel = this.strings.internText(ALLOCATION_TRACER)
  private readonly roots = { name: new Uint32List(), start: new Uint32List(), references: new Uint32List() }
  private readonly classes = {
    object: new Uint32List(),
    superSlot: new Uint32List(),
    realName: new Uint32List(),
  }

  private lines = 0
  private badLines = 0
  private readonly badLineOffsets: number[] = []
  private truncatedAt: number | undefined
  private freeSlots = 0
  /** Of the free slots: those that GC.compact left a forwarding address in. */
  private movedSlots = 0
  private shapes = 0
  private shapeBytes = 0

  constructor(expectation: ScanExpectation = {}) {
    // Real dumps have 250–380 bytes a line and 150–170 a reference. Reserve a little more than that needs, not much:
    // a worker's second file gets used memory from malloc, which clears all of it, so that reserving is not free.
    const bytes = Math.min(expectation.plainBytes ?? 1 << 24, 2 ** 33)
    this.columns = new HeapColumns(
      Math.max(1024, Math.ceil(bytes / 220)),
      Math.max(1024, Math.ceil(bytes / 140)),
    )
    this.line = new LineReader(this.columns, this.strings, this.slots)
  }

  get objects(): number {
    return this.columns.objects
  }

  get bytesRead(): number {
    return this.buffer.bytesTaken
  }

  feed(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      const space = this.space()
      const count = Math.min(space.length, chunk.length - at)
      space.set(chunk.subarray(at, at + count))
      this.wrote(count)
      at += count
    }
  }

  space(): Uint8Array {
    return this.buffer.space()
  }

  wrote(count: number): void {
    const end = this.buffer.take(count)
    this.badLines += this.buffer.takeOverlongLines((offset) => this.keepBadOffset(offset))
    if (end === 0) return
    this.scanLines(end)
    this.buffer.drop(end)
  }

  finish(): HeapSnapshot {
    const rest = this.buffer.held
    if (rest > 0) {
      const badBefore = this.badLines
      const start = this.buffer.offset
      this.scanLines(rest)
      // The last line has no newline and makes no sense: the file was cut there.
      if (this.badLines > badBefore) {
        this.badLines = badBefore
        if (this.badLineOffsets.at(-1) === start) this.badLineOffsets.pop()
        this.truncatedAt = start
      }
      this.buffer.drop(rest)
    }
    const reading = checkedReading({
      bytesRead: this.buffer.bytesTaken,
      lines: this.lines,
      badLines: this.badLines,
      badLineOffsets: this.badLineOffsets,
      truncatedAt: this.truncatedAt,
      freeSlots: this.freeSlots,
      shapes: this.shapes,
      shapeBytes: this.shapeBytes,
      objects: this.columns.objects,
      rootLines: this.roots.name.length,
      producerHints: this.producerHints(),
    })
    this.columns.referenceStart[this.columns.objects] = this.columns.references
    return linkedSnapshot({
      producer: 'ruby-objspace',
      typeNames: RUBY_TYPES,
      types: { classType: CLASS, moduleType: MODULE, internalType: IMEMO },
      columns: this.columns,
      slots: this.slots,
      strings: this.strings,
      sites: this.sites,
      roots: this.roots,
      stackRootName: this.strings.internText('machine_context'),
      classes: this.classes,
      reading,
    })
  }

  /** Reads the lines in [0, end) of the buffer; only the last one may lack its newline. */
  private scanLines(end: number): void {
    const { data, view } = this.buffer
    let p = 0
    while (p < end) {
      const start = p
      if (data[p] === NEWLINE || (data[p] === 0x0d && data[p + 1] === NEWLINE)) {
        p += data[p] === NEWLINE ? 1 : 2
        continue
      }
      this.lines++
      const referencesBefore = this.columns.references
      p = this.line.read(data, view, p, end)
      if (p !== BAD && this.keepLine(start, referencesBefore)) continue
      if (p === BAD) {
        this.columns.references = referencesBefore
        const newline = data.indexOf(NEWLINE, start)
        p = newline < 0 || newline >= end ? end : newline + 1
      }
      this.badLines++
      this.keepBadOffset(this.buffer.offset + start)
    }
  }

  /** Puts the line that was read where it belongs. `false`: it is complete but no line of a heap dump. */
  private keepLine(start: number, referencesBefore: number): boolean {
    const { columns, line } = this
    const type = line.type
    if (type === ROOT) {
      this.keepRoot(referencesBefore)
      return true
    }
    if (type === NONE || type === MOVED || type === SHAPE || type === NO_TYPE || !line.hasAddress) {
      columns.references = referencesBefore
      if (type === NONE || type === MOVED) this.freeSlots++
      if (type === MOVED) this.movedSlots++
      if (type === SHAPE) {
        this.shapes++
        this.shapeBytes += line.memsize
      }
      return type === NONE || type === MOVED || type === SHAPE
    }
    if (columns.objects === columns.type.length) columns.growObjects()
    const object = columns.objects++
    columns.type[object] = type
    columns.flags[object] = line.flags
    columns.slot[object] = line.slot
    // An IMEMO's "class" is whatever stands in that word: not a class (0x11, 0x607 …, or a cached value).
    // The tracer's "class" is Object; its C name says what it is.
    columns.classSlot[object] =
      type === IMEMO || line.label === this.tracerLabel ? NO_ADDRESS : line.classSlot
    columns.generation[object] = line.generation
    columns.site[object] = line.file === 0 ? 0 : this.sites.intern(line.file, line.lineNumber, line.method)
    columns.label[object] = line.label
    columns.lineOffset[object] = this.buffer.offset + start
    columns.referenceStart[object] = referencesBefore
    columns.elements[object] = line.elements
    // Other values are no strings, and what a shared string says is kept elsewhere.
    if (type === STRING && line.valueHash !== 0 && (line.flags & OBJECT_FLAGS.shared) === 0)
      columns.valueHash[object] = line.valueHash | TEXT_HASH
    if (line.memsize < MAX_UINT32) columns.shallowBytes[object] = line.memsize
    else {
      columns.shallowBytes[object] = MAX_UINT32
      columns.hugeBytes.set(object, line.memsize)
    }
    if (type === CLASS || type === MODULE) {
      this.classes.object.push(object)
      this.classes.superSlot.push(line.superSlot)
      this.classes.realName.push(line.realName)
    }
    return true
  }

  private keepRoot(referencesBefore: number): void {
    const { columns, roots, line } = this
    roots.name.push(line.label)
    roots.start.push(roots.references.length)
    for (let i = referencesBefore; i < columns.references; i++)
      roots.references.push(columns.referenceSlot[i]!)
    columns.references = referencesBefore
  }

  private keepBadOffset(offset: number): void {
    if (this.badLineOffsets.length < BAD_LINES_KEPT) this.badLineOffsets.push(offset)
  }

  private producerHints(): string[] {
    const hints = this.line.versionHints(this.shapes > 0)
    if (this.movedSlots > 0)
      hints.push('objects were moved before (GC.compact): addresses are not what they were')
    if (this.freeSlots > this.movedSlots) hints.push('written with full: true (free slots are listed)')
    return hints
  }
}
