import { ALLOCATION_TRACER } from '#lib/heap/class-names'
import { HeapColumns, Uint32List } from '#lib/heap/columns'
import { appendPart, type GrowingHeap, type HeapPart, heapPart } from '#lib/heap/heap-part'
import { linkedSnapshot } from '#lib/heap/link'
import { SiteInterner } from '#lib/heap/sites'
import { SlotTable } from '#lib/heap/slots'
import { type HeapSnapshot, OBJECT_FLAGS } from '#lib/heap/snapshot'
import { StringInterner } from '#lib/heap/strings'
import type { RangeScanner, ScanExpectation } from '../format.ts'
import { BAD, NO_ADDRESS } from './address-reader.ts'
import { RUBY_TYPES, typeIndex } from './keys.ts'
import { LineBuffer } from './line-buffer.ts'
import { LineReader, NO_TYPE, TEXT_HASH } from './line-reader.ts'
import { checkedReading } from './outcome.ts'
import { addTally, keepOffset, newTally, producerHints, type Tally } from './tally.ts'
import { UsualLines } from './usual-lines.ts'

const NEWLINE = 0x0a
const MAX_UINT32 = 0xffffffff
/** Half of what 48 bits address: a line that says more of one object is damaged. */
const MAX_OBJECT_BYTES = 2 ** 47
const NONE = typeIndex('NONE')
const ROOT = typeIndex('ROOT')
const SHAPE = typeIndex('SHAPE')
const MOVED = typeIndex('MOVED')
const STRING = typeIndex('STRING')
const IMEMO = typeIndex('IMEMO')
const CLASS = typeIndex('CLASS')
const MODULE = typeIndex('MODULE')

/** A range of a dump, read. */
export interface RubyPart {
  readonly heap: HeapPart
  readonly tally: Tally
}

/**
 * Reads `ObjectSpace.dump_all` from bytes into columns. Keys may come in any order, unknown ones are
 * skipped whatever they hold, and no JavaScript value is made per object.
 *
 * A line that makes no sense is counted and left out; reading goes on at the next newline.
 */
export class RubyScanner implements RangeScanner<RubyPart> {
  private readonly buffer: LineBuffer
  private readonly heap: GrowingHeap
  private readonly line: LineReader
  private readonly usual: UsualLines
  private readonly tally = newTally()
  private readonly tracerLabel: number
  /** Bytes of the buffer that `tally` has already. */
  private bytesCounted = 0

  constructor(expectation: ScanExpectation = {}) {
    // Real dumps have 250–380 bytes a line and 150–170 a reference. Reserve a little more than that needs, not much:
    // a worker's second file gets used memory from malloc, which clears all of it, so that reserving is not free.
    const bytes = Math.min(expectation.plainBytes ?? 1 << 24, 2 ** 33)
    const strings = new StringInterner()
    this.tracerLabel = strings.internText(ALLOCATION_TRACER)
    this.heap = {
      columns: new HeapColumns(
        Math.max(1024, Math.ceil(bytes / 220)),
        Math.max(1024, Math.ceil(bytes / 140)),
      ),
      slots: new SlotTable(),
      strings,
      sites: new SiteInterner(),
      roots: { name: new Uint32List(), start: new Uint32List(), references: new Uint32List() },
      classes: { object: new Uint32List(), superSlot: new Uint32List(), realName: new Uint32List() },
    }
    this.buffer = new LineBuffer(undefined, expectation.startsAt)
    this.line = new LineReader(this.heap.columns, strings, this.heap.slots, this.tally)
    this.usual = new UsualLines(this.heap, this.tally, this.tracerLabel)
  }

  get objects(): number {
    return this.heap.columns.objects
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
    this.tally.badLines += this.buffer.takeOverlongLines((offset) => keepOffset(this.tally, offset))
    if (end === 0) return
    this.scanLines(end)
    this.buffer.drop(end)
  }

  part(): RubyPart {
    this.readRest()
    return { heap: heapPart(this.heap), tally: this.tally }
  }

  append(part: RubyPart): void {
    this.readRest()
    appendPart(this.heap, part.heap)
    addTally(this.tally, part.tally)
  }

  finish(): HeapSnapshot {
    this.readRest()
    const { heap, tally } = this
    const { columns } = heap
    const reading = checkedReading({
      bytesRead: tally.bytes,
      lines: tally.lines,
      badLines: tally.badLines,
      badLineOffsets: tally.badLineOffsets,
      truncatedAt: tally.truncatedAt,
      freeSlots: tally.freeSlots,
      shapes: tally.shapes,
      shapeBytes: tally.shapeBytes,
      objects: columns.objects,
      rootLines: heap.roots.name.length,
      producerHints: producerHints(tally),
    })
    columns.referenceStart[columns.objects] = columns.references
    return linkedSnapshot({
      producer: 'ruby-objspace',
      typeNames: RUBY_TYPES,
      types: { classType: CLASS, moduleType: MODULE, internalType: IMEMO },
      ...heap,
      stackRootName: heap.strings.internText('machine_context'),
      reading,
    })
  }

  /** The last line, which may lack its newline. */
  private readRest(): void {
    const { tally, buffer } = this
    tally.bytes += buffer.bytesTaken - this.bytesCounted
    this.bytesCounted = buffer.bytesTaken
    const rest = buffer.held
    if (rest === 0) return
    const badBefore = tally.badLines
    const start = buffer.offset
    this.scanLines(rest)
    // The last line has no newline and makes no sense: the file was cut there.
    if (tally.badLines > badBefore) {
      tally.badLines = badBefore
      if (tally.badLineOffsets.at(-1) === start) tally.badLineOffsets.pop()
      tally.truncatedAt = start
    }
    buffer.drop(rest)
  }

  /** Reads the lines in [0, end) of the buffer; only the last one may lack its newline. */
  private scanLines(end: number): void {
    const { tally } = this
    const { columns } = this.heap
    const { data, view } = this.buffer
    let p = 0
    const { usual } = this
    while (p < end) {
      p = usual.read(data, view, p, end, this.buffer.offset)
      if (p >= end) break
      const start = p
      if (data[p] === NEWLINE || (data[p] === 0x0d && data[p + 1] === NEWLINE)) {
        p += data[p] === NEWLINE ? 1 : 2
        continue
      }
      tally.lines++
      const referencesBefore = columns.references
      p = this.line.read(data, view, p, end)
      if (p !== BAD && this.keepLine(start, referencesBefore)) {
        usual.learn(data, view, p, this.line.flags)
        continue
      }
      if (p === BAD) {
        columns.references = referencesBefore
        const newline = data.indexOf(NEWLINE, start)
        p = newline < 0 || newline >= end ? end : newline + 1
      }
      tally.badLines++
      keepOffset(tally, this.buffer.offset + start)
    }
  }

  /** Puts the line that was read where it belongs. `false`: it is complete but no line of a heap dump. */
  private keepLine(start: number, referencesBefore: number): boolean {
    const { line, tally } = this
    const { columns, sites, classes } = this.heap
    const type = line.type
    if (type === ROOT) {
      this.keepRoot(referencesBefore)
      return true
    }
    if (type === NONE || type === MOVED || type === SHAPE || type === NO_TYPE || !line.hasAddress) {
      columns.references = referencesBefore
      if (type === NONE || type === MOVED) tally.freeSlots++
      if (type === MOVED) tally.movedSlots++
      if (type === SHAPE) {
        tally.shapes++
        if (line.memsize <= MAX_OBJECT_BYTES) tally.shapeBytes += line.memsize
      }
      return type === NONE || type === MOVED || type === SHAPE
    }
    if (line.memsize > MAX_OBJECT_BYTES) {
      columns.references = referencesBefore
      return false
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
    columns.site[object] = line.file === 0 ? 0 : sites.intern(line.file, line.lineNumber, line.method)
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
      classes.object.push(object)
      classes.superSlot.push(line.superSlot)
      classes.realName.push(line.realName)
    }
    return true
  }

  private keepRoot(referencesBefore: number): void {
    const { line } = this
    const { columns, roots } = this.heap
    roots.name.push(line.label)
    roots.start.push(roots.references.length)
    for (let i = referencesBefore; i < columns.references; i++)
      roots.references.push(columns.referenceSlot[i]!)
    columns.references = referencesBefore
  }
}
