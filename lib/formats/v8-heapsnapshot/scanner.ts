import { UserError } from '#lib/errors/user-error'
import type { HeapSnapshot } from '#lib/heap/snapshot'
import { bytes } from '#lib/units/quantity'
import type { HeapScanner, ScanExpectation } from '../format.ts'
import { EdgeRows } from './edge-rows.ts'
import { damaged, type Header, headerOf, LABEL } from './header.ts'
import { linkedSnapshot } from './linked.ts'
import { Locations } from './locations.ts'
import { NodeRows } from './node-rows.ts'
import { NumberRows } from './number-rows.ts'
import { ValueSkipper } from './skip.ts'
import { V8Strings } from './strings.ts'
import { Samples, TraceFunctions, TraceTree } from './traces.ts'

/** How much a caller may write at once. 64–256 KiB is fastest: it stays in the processor's cache. */
const PIECE_BYTES = 1 << 18
/** The header of a real file has 2 KB. */
const MAX_HEADER_BYTES = 1 << 20
const MAX_KEY_BYTES = 64
const OPEN_LIST = 0x5b
const OPEN_OBJECT = 0x7b
const QUOTE = 0x22
const BACKSLASH = 0x5c

/** What reads the value of the key that was read last. `read` answers where it stopped. */
interface ValueReader {
  readonly isDone: boolean
  read(data: Uint8Array, start: number, end: number): number
}

type State = 'before' | 'header' | 'between' | 'key' | 'colon' | 'value' | 'end'

/**
 * Reads a V8 heap snapshot section by section, in the order of the file. What is known of sections: the header comes
 * first; all others may come in any order, be missing or be unknown.
 *
 * Counts in the header only bound how much memory is reserved at once; what is kept grows with the bytes that arrive.
 */
export class V8Scanner implements HeapScanner {
  bytesRead = 0
  private readonly piece = new Uint8Array(PIECE_BYTES)
  private readonly expectedBytes: number
  private state: State = 'before'
  private headerBytes: number[] = []
  private depth = 0
  private isInString = false
  private isEscaped = false
  private key = ''
  private reader: ValueReader | undefined

  private header: Header | undefined
  private typeNames: readonly string[] = []
  private kindNames: readonly string[] = []
  private numberedKinds: ReadonlySet<number> = new Set()
  private nodes: NodeRows | undefined
  private edges: EdgeRows | undefined
  private strings: V8Strings | undefined
  private locations: Locations | undefined
  private traceFunctions: TraceFunctions | undefined
  private traceTree: TraceTree | undefined
  private samples: Samples | undefined

  constructor(expectation: ScanExpectation = {}) {
    this.expectedBytes = Math.min(expectation.plainBytes ?? 1 << 24, 2 ** 36)
  }

  get objects(): number {
    return this.nodes?.nodes ?? 0
  }

  feed(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      const count = Math.min(PIECE_BYTES, chunk.length - at)
      this.piece.set(chunk.subarray(at, at + count))
      this.wrote(count)
      at += count
    }
  }

  space(): Uint8Array {
    return this.piece
  }

  wrote(count: number): void {
    let p = 0
    while (p < count) p = this.step(this.piece, p, count)
    this.bytesRead += count
  }

  finish(): HeapSnapshot {
    const { header, nodes } = this
    const cutIn = this.state === 'end' ? undefined : this.key
    if (header === undefined || nodes === undefined || nodes.nodes === 0) {
      if (this.bytesRead === 0 || cutIn === undefined) throw new UserError('format/empty', { format: LABEL })
      throw new UserError('format/truncated', { format: LABEL, offset: bytes(this.bytesRead) })
    }
    // Without all nodes nothing can be said of any edge.
    if (cutIn === 'nodes')
      throw new UserError('format/truncated', { format: LABEL, offset: bytes(this.bytesRead) })
    const strings = this.strings ?? new V8Strings()
    strings.dropUnfinished()
    return linkedSnapshot({
      header,
      typeNames: this.typeNames,
      kindNames: this.kindNames,
      numberedKinds: this.numberedKinds,
      nodes,
      edges: this.edges ?? this.edgeRows(header),
      strings,
      locations: this.locations,
      traceFunctions: this.traceFunctions,
      traceTree: this.traceTree,
      samples: this.samples,
      bytesRead: this.bytesRead,
      cutIn: this.edges === undefined && cutIn !== undefined ? 'edges' : cutIn,
    })
  }

  /** Goes on in data[start, end) and answers where it stopped. */
  private step(data: Uint8Array, start: number, end: number): number {
    switch (this.state) {
      case 'header':
        return this.readHeader(data, start, end)
      case 'key':
        return this.readKey(data, start, end)
      case 'value':
        return this.readValue(data, start, end)
      case 'end':
        return end
      default:
        return this.readBetween(data, start, end)
    }
  }

  /** Punctuation and white space around keys and values. */
  private readBetween(data: Uint8Array, start: number, end: number): number {
    for (let p = start; p < end; p++) {
      const byte = data[p]!
      if (this.state === 'colon') {
        if (byte <= 0x20 || byte === 0x3a) continue
        return this.beginValue(byte, p)
      }
      if (byte === QUOTE) {
        this.state = 'key'
        this.key = ''
        return p + 1
      }
      if (byte === OPEN_OBJECT) this.state = 'between'
      else if (byte === 0x7d && this.state === 'between') {
        this.state = 'end'
        return end
      }
    }
    return end
  }

  private readKey(data: Uint8Array, start: number, end: number): number {
    for (let p = start; p < end; p++) {
      if (data[p] === QUOTE) {
        this.state = 'colon'
        return p + 1
      }
      if (this.key.length < MAX_KEY_BYTES) this.key += String.fromCharCode(data[p]!)
    }
    return end
  }

  private beginValue(byte: number, at: number): number {
    if (this.key === 'snapshot' && this.header === undefined && byte === OPEN_OBJECT) {
      this.state = 'header'
      return at
    }
    this.state = 'value'
    this.reader = (byte === OPEN_LIST ? this.sectionReader() : undefined) ?? new ValueSkipper()
    return this.reader instanceof ValueSkipper ? at : at + 1
  }

  private readValue(data: Uint8Array, start: number, end: number): number {
    const { reader } = this
    if (reader === undefined) throw new Error('a value without a reader')
    const p = reader.read(data, start, end)
    if (reader.isDone) this.state = 'between'
    return p
  }

  private readHeader(data: Uint8Array, start: number, end: number): number {
    for (let p = start; p < end; p++) {
      const byte = data[p]!
      if (this.headerBytes.length === MAX_HEADER_BYTES) throw damaged('its header does not end')
      this.headerBytes.push(byte)
      if (this.isInString) {
        if (this.isEscaped) this.isEscaped = false
        else if (byte === BACKSLASH) this.isEscaped = true
        else if (byte === QUOTE) this.isInString = false
      } else if (byte === QUOTE) this.isInString = true
      else if (byte === OPEN_OBJECT) this.depth++
      else if (byte === 0x7d && --this.depth === 0) {
        this.keepHeader(headerOf(new TextDecoder().decode(Uint8Array.from(this.headerBytes))))
        return p + 1
      }
    }
    return end
  }

  private keepHeader(header: Header): void {
    this.headerBytes = []
    this.header = header
    this.typeNames = [...header.nodeTypes, 'unknown']
    this.kindNames = [...header.edgeTypes, 'unknown']
    this.numberedKinds = new Set(
      ['element', 'hidden'].map((kind) => header.edgeTypes.indexOf(kind)).filter((kind) => kind >= 0),
    )
    this.state = 'between'
  }

  /** Who reads the list that begins here; undefined for what we do not know, or have already. */
  private sectionReader(): ValueReader | undefined {
    const { header } = this
    if (header === undefined) {
      if (this.key === 'nodes' || this.key === 'edges') throw damaged('its header does not come first')
      return undefined
    }
    switch (this.key) {
      case 'nodes':
        if (this.nodes !== undefined) return undefined
        this.nodes = this.nodeRows(header)
        return counted(this.nodes)
      case 'edges':
        if (this.edges !== undefined) return undefined
        this.edges = this.edgeRows(header)
        return counted(this.edges)
      case 'strings':
        if (this.strings !== undefined) return undefined
        this.strings = new V8Strings()
        return this.strings
      case 'locations':
        if (header.locations === undefined || this.locations !== undefined) return undefined
        this.locations = new Locations(header.locations)
        return new NumberRows(header.locations.width, this.locations)
      case 'trace_function_infos':
        if (header.traceFunctions === undefined || this.traceFunctions !== undefined) return undefined
        this.traceFunctions = new TraceFunctions(header.traceFunctions)
        return new NumberRows(header.traceFunctions.width, this.traceFunctions)
      case 'samples':
        if (header.samples === undefined || this.samples !== undefined) return undefined
        this.samples = new Samples(header.samples)
        return new NumberRows(header.samples.width, this.samples)
      case 'trace_tree':
        if (header.traceNodes === undefined || this.traceTree !== undefined) return undefined
        this.traceTree = new TraceTree(header.traceNodes)
        this.traceTree.open()
        return this.traceTree
      default:
        return undefined
    }
  }

  private nodeRows(header: Header): NodeRows {
    // A row has at least a digit and a comma for each field.
    const atMost = Math.ceil(this.expectedBytes / (header.nodes.width * 2))
    return new NodeRows(
      header.nodes,
      header.nodeTypes.length,
      Math.max(64, Math.min(header.nodeCount, atMost)),
    )
  }

  private edgeRows(header: Header): EdgeRows {
    const atMost = Math.ceil(this.expectedBytes / (header.edges.width * 2))
    return new EdgeRows(
      header.edges,
      header.nodes.width,
      this.numberedKinds,
      header.edgeTypes.length,
      Math.max(64, Math.min(header.edgeCount, atMost)),
    )
  }
}

/** Rows know themselves when they are done. */
function counted(section: NodeRows | EdgeRows): ValueReader {
  return {
    get isDone() {
      return section.rows.isDone
    },
    read: (data, start, end) => section.read(data, start, end),
  }
}
