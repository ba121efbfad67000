import { UserError } from '#lib/errors/user-error'
import { HeapColumns, Uint32List } from '#lib/heap/columns'
import { SiteInterner } from '#lib/heap/sites'
import { NO_SLOT, SlotTable } from '#lib/heap/slots'
import { BAD_LINES_KEPT, type HeapSnapshot, NO_GENERATION, OBJECT_FLAGS } from '#lib/heap/snapshot'
import { StringInterner } from '#lib/heap/strings'
import { bytes } from '#lib/units/quantity'
import type { HeapScanner, ScanExpectation } from '../format.ts'
import { LineBuffer } from '../ruby-objspace/line-buffer.ts'
import { LineReader } from './line-reader.ts'
import { linkedReferences } from './linked.ts'
import { classNamesOf } from './names.ts'
import { NO_POINTER } from './pointers.ts'
import { ReferenceList } from './references.ts'
import { estimatedBytes } from './sizes.ts'
import {
  EDGE_KINDS,
  edgeKind,
  MEMPROF_TYPES,
  NUMBERED_KINDS,
  ROOT_ROWS,
  TYPE_BY_NAME,
  typeIndex,
} from './types.ts'
import { type Facts, hints, remarks } from './words.ts'

export const LABEL = 'memprof dump'

const NEWLINE = 0x0a
const MAX_UINT32 = 0xffffffff
/** A few bad lines are normal (a process that died, other output); more than half of a file is another file. */
const MAX_BAD_SHARE = 0.5
/** Global variables and frames get a category of roots each; from here on they share the last one. */
const MAX_ROOT_ROWS = 4096

const UNKNOWN = typeIndex('UNKNOWN')
const STRING = typeIndex('STRING')
const MATCH = typeIndex('MATCH')
const NODE = typeIndex('NODE')
const KEY = edgeKind('key')
const INTERNAL = edgeKind('internal')

/**
 * Reads memprof's dump from bytes into columns: one object of JSON per line. Sizes are estimated, because the file has
 * none; what is told about the process (`ps`, `lsof`) becomes words. A line that makes no sense is counted and left out.
 */
export class MemprofScanner implements HeapScanner {
  private readonly buffer = new LineBuffer()
  private readonly columns: HeapColumns
  private readonly list: ReferenceList
  private readonly slots = new SlotTable()
  private readonly strings = new StringInterner()
  private readonly sites = new SiteInterner()
  private readonly line: LineReader
  private readonly typeByName: ReadonlyMap<number, number>
  private readonly roots = { name: new Uint32List(), start: new Uint32List(), references: new Uint32List() }
  private readonly superSlot = new Map<number, number>()
  private readonly givenName = new Uint32List()
  private lines = 0
  private badLines = 0
  private readonly badLineOffsets: number[] = []
  private truncatedAt: number | undefined
  private readonly facts: Facts = { rss: 0, openFiles: 0, rootRows: 0, sharedAddresses: 0, ambiguous: 0 }

  constructor(expectation: ScanExpectation = {}) {
    const plain = Math.min(expectation.plainBytes ?? 1 << 24, 2 ** 32)
    this.columns = new HeapColumns(Math.max(1024, Math.ceil(plain / 200)), 0)
    this.list = new ReferenceList(Math.max(1024, Math.ceil(plain / 100)))
    this.line = new LineReader(this.strings, this.slots, this.list)
    this.typeByName = new Map([...TYPE_BY_NAME].map(([name, type]) => [this.strings.internText(name), type]))
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
    const overlong = this.buffer.takeOverlongLines((offset) => this.keepBadOffset(offset))
    this.badLines += overlong
    this.lines += overlong
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
    this.requireSomething()
    return this.snapshot()
  }

  private requireSomething(): void {
    const { badLines, lines, truncatedAt } = this
    if (badLines > lines * MAX_BAD_SHARE)
      throw new UserError('format/too-many-bad-lines', { format: LABEL, bad: badLines, lines })
    if (this.objects > 0) return
    if (truncatedAt !== undefined)
      throw new UserError('format/truncated', { format: LABEL, offset: bytes(this.bytesRead) })
    throw new UserError('format/empty', { format: LABEL })
  }

  private snapshot(): HeapSnapshot {
    const { columns, facts, strings } = this
    const linked = linkedReferences(columns, this.list, this.slots, this.roots)
    facts.sharedAddresses = linked.sharedAddresses
    facts.ambiguous = linked.ambiguous
    return {
      producer: 'memprof',
      objects: columns.objects,
      typeNames: MEMPROF_TYPES,
      type: columns.type,
      flags: columns.flags,
      shallowBytes: columns.shallowBytes,
      hugeBytes: columns.hugeBytes,
      generation: columns.generation,
      site: columns.site,
      sites: this.sites,
      strings,
      classIndex: columns.classSlot,
      className: classNamesOf(columns, this.givenName.view(), this.superSlot, strings),
      label: columns.label,
      lineOffset: columns.lineOffset,
      valueHash: columns.valueHash,
      elements: columns.elements,
      referenceStart: linked.referenceStart,
      references: linked.references,
      edges: {
        kindNames: EDGE_KINDS,
        kind: linked.kind,
        name: linked.name,
        numberedKinds: NUMBERED_KINDS,
      },
      roots: {
        count: this.roots.name.length,
        name: this.roots.name.view(),
        start: linked.rootStart,
        references: linked.rootReferences,
      },
      // The dump does not list all roots (the C stack, variables of extensions), and was written after a collection:
      // what the listed ones do not reach is kept by one of the others.
      orphans: this.roots.name.length > 0 ? 'under-root' : 'apart',
      keyKind: 'address',
      slot: columns.slot,
      slots: this.slots,
      notes: {
        bytesRead: this.bytesRead,
        lines: this.lines,
        badLines: this.badLines,
        badLineOffsets: this.badLineOffsets,
        truncatedAt: this.truncatedAt,
        freeSlots: 0,
        shapes: 0,
        shapeBytes: 0,
        danglingReferences: linked.dangling,
        repeatedAddresses: 0,
        unplacedObjects: this.unplaced(),
        isPartial: this.roots.name.length === 0,
        producerHints: hints(facts),
        remarks: remarks(facts),
      },
    }
  }

  /** Reads the lines in [0, end) of the buffer; only the last one may lack its newline. */
  private scanLines(end: number): void {
    const { data, view } = this.buffer
    for (let start = 0; start < end; ) {
      const newline = data.indexOf(NEWLINE, start)
      const stop = newline < 0 || newline > end ? end : newline
      const isEmpty = stop === start || (stop === start + 1 && data[start] === 0x0d)
      if (!isEmpty) this.scanLine(data, view, start, stop)
      start = stop + 1
    }
  }

  private scanLine(data: Uint8Array, view: DataView, start: number, stop: number): void {
    const before = this.list.count
    this.lines++
    if (this.line.read(data, view, start, stop) && this.keepRow(before, start, stop - start)) return
    this.list.count = before
    this.badLines++
    this.keepBadOffset(this.buffer.offset + start)
  }

  /** Puts the row that was read where it belongs. `false`: it is JSON, but no row of a dump. */
  private keepRow(before: number, start: number, lineBytes: number): boolean {
    const { line, strings } = this
    const typeId = line.names.get('type')
    if (typeId === undefined) return false
    const type = this.typeByName.get(typeId)
    if (type === undefined) {
      const kind = strings.text(typeId)
      if (ROOT_ROWS.has(kind)) return this.keepRoots(kind, before)
      if (kind === 'ps' || kind === 'lsof') {
        this.list.count = before
        if (kind === 'lsof') this.facts.openFiles++
        else this.facts.rss = line.rss
        return true
      }
    }
    if (line.slot === NO_POINTER) return false
    this.keepObject(type ?? UNKNOWN, before, start, lineBytes)
    return true
  }

  private keepObject(type: number, before: number, start: number, lineBytes: number): void {
    const { columns, line, list } = this
    if (type === MATCH) line.keepDataPointer()
    if (columns.objects === columns.type.length) columns.growObjects()
    const object = columns.objects++
    columns.type[object] = type
    columns.flags[object] =
      (line.isSingleton ? OBJECT_FLAGS.singleton : 0) | (line.isShared ? OBJECT_FLAGS.shared : 0)
    columns.slot[object] = line.slot
    columns.classSlot[object] = line.classSlot
    columns.generation[object] = NO_GENERATION
    // A node's file and line say what it was parsed from, not where it was made: as good, for whoever looks for it.
    const file = line.names.get('file') ?? 0
    columns.site[object] = file === 0 ? 0 : this.sites.intern(file, Math.trunc(line.line), 0)
    columns.label[object] = line.names.get(type === NODE ? 'node_type' : 'name') ?? 0
    columns.lineOffset[object] = this.buffer.offset + start
    columns.valueHash[object] = type === STRING ? line.valueHash : 0
    columns.elements[object] = line.elements
    columns.referenceStart[object] = before
    this.givenName.push(line.names.get('class_name') ?? 0)
    if (line.superSlot !== NO_SLOT) this.superSlot.set(object, line.superSlot)
    this.keepSize(object, type, lineBytes)
    this.leaveOutSelf(before, line.slot)
    columns.referenceStart[object + 1] = list.count
  }

  private keepSize(object: number, type: number, lineBytes: number): void {
    const { columns, line } = this
    const { length, isShared, tableEntries, variables } = line
    const size = estimatedBytes({
      type: MEMPROF_TYPES[type]!,
      length,
      isShared,
      tableEntries,
      variables,
      lineBytes,
    })
    columns.shallowBytes[object] = Math.min(size, MAX_UINT32)
    if (size >= MAX_UINT32) columns.hugeBytes.set(object, size)
  }

  /** An object that refers to itself (a class by its own constant table) keeps nobody alive by that. */
  private leaveOutSelf(from: number, slot: number): void {
    const { list } = this
    let kept = from
    for (let at = from; at < list.count; at++) {
      if (list.slot[at] === slot) continue
      list.slot[kept] = list.slot[at]!
      list.kind[kept] = list.kind[at]!
      list.name[kept++] = list.name[at]!
    }
    list.count = kept
  }

  /**
   * Roots by category, so that a path says which: a global variable by its name, a frame by its method. The keys of the
   * finalizer table are the objects that wait for one: it does not keep them.
   */
  private keepRoots(kind: string, before: number): boolean {
    const { line, list, strings } = this
    this.facts.rootRows++
    const method = line.names.get('last_func') ?? line.names.get('orig_func')
    const frame = method === undefined ? 'frame' : `frame ${strings.text(method)}`
    let last = -1
    for (let at = before; at < list.count; at++) {
      const isFrameLink = kind === 'frame' && list.kind[at] === INTERNAL && this.isFrameLink(list.name[at]!)
      if (isFrameLink || (kind === 'finalizers' && list.kind[at] === KEY)) continue
      const name = kind === 'globals' ? list.name[at]! : 0
      if (last < 0 || name !== last)
        this.openCategory(
          kind === 'globals' ? `global ${strings.text(name)}` : kind === 'frame' ? frame : kind,
        )
      last = name
      this.roots.references.push(list.slot[at]!)
    }
    list.count = before
    return true
  }

  /** A frame's pointers to other frames, which are no objects; their addresses may be those of objects by chance. */
  private isFrameLink(name: number): boolean {
    const text = this.strings.text(name)
    return text === 'prev' || text === 'tmp'
  }

  private openCategory(name: string): void {
    const { roots } = this
    if (roots.name.length > MAX_ROOT_ROWS) return
    roots.name.push(
      this.strings.internText(
        roots.name.length === MAX_ROOT_ROWS ? '(more globals and frames)' : name.slice(0, 200),
      ),
    )
    roots.start.push(roots.references.length)
  }

  private unplaced(): number {
    let count = 0
    for (let object = 0; object < this.objects; object++) if (this.columns.slot[object] === NO_SLOT) count++
    return count
  }

  private keepBadOffset(offset: number): void {
    if (this.badLineOffsets.length < BAD_LINES_KEPT) this.badLineOffsets.push(offset)
  }
}
