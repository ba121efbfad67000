import { NO_INDEX } from '#lib/heap/snapshot'
import type { EdgeLayout } from './header.ts'
import { moved } from './node-rows.ts'
import { longestRow, NumberRows, type RowSink, SAFE_DIGITS } from './number-rows.ts'

const MAX_UINT32 = 0xffffffff
const COMMA = 0x2c
/** As V8 writes them. */
const USUAL = { type: 0, name: 1, to: 2, width: 3 }

/** The array "edges" as columns, filled row by row. */
export class EdgeRows implements RowSink {
  edges = 0
  kind: Uint8Array<ArrayBuffer>
  /** A number for kinds that number their edges; else a string index. */
  name: Uint32Array<ArrayBuffer>
  /** The node that it leads to, or NO_INDEX when what stands there is no place of a node. */
  to: Uint32Array<ArrayBuffer>
  /** Rows of which nothing, or nothing certain, is known: they lead nowhere. */
  lost = 0
  readonly rows: NumberRows
  private readonly layout: EdgeLayout
  private readonly nodeWidth: number
  /** By kind: what is added to a name. */
  private readonly nameShift: Uint8Array
  private readonly unknownKind: number

  /** `numberedKinds` say a number, not a name. `nodeWidth`: edges count fields of "nodes", not nodes. */
  constructor(
    layout: EdgeLayout,
    nodeWidth: number,
    numberedKinds: ReadonlySet<number>,
    unknownKind: number,
    room: number,
  ) {
    this.layout = layout
    this.nodeWidth = nodeWidth
    this.unknownKind = unknownKind
    this.nameShift = Uint8Array.from({ length: 256 }, (_, kind) => (numberedKinds.has(kind) ? 0 : 1))
    this.rows = new NumberRows(layout.width, this)
    this.kind = new Uint8Array(room)
    this.name = new Uint32Array(room)
    this.to = new Uint32Array(room)
  }

  /** Reads data[start, end), to the closing bracket at most, and answers where it stopped. */
  read(data: Uint8Array, start: number, end: number): number {
    const { layout, rows } = this
    const isUsual =
      layout.width === USUAL.width &&
      layout.type === USUAL.type &&
      layout.name === USUAL.name &&
      layout.to === USUAL.to
    let p = start
    while (p < end && !rows.isDone) {
      if (isUsual && rows.isAtRow) p = this.readWhole(data, p, end)
      if (p < end) p = rows.readRow(data, p, end)
    }
    return p
  }

  row(row: Uint32Array | Float64Array): void {
    const { layout, nodeWidth } = this
    if (this.edges === this.kind.length) this.grow()
    const kind = Math.min(row[layout.type]!, this.unknownKind)
    const to = row[layout.to]! / nodeWidth
    this.kind[this.edges] = kind
    this.name[this.edges] = Math.min(row[layout.name]! + this.nameShift[kind]!, MAX_UINT32)
    this.to[this.edges++] = Number.isInteger(to) && to < NO_INDEX ? to : NO_INDEX
  }

  lostRow(): void {
    if (this.edges === this.kind.length) this.grow()
    this.kind[this.edges] = this.unknownKind
    this.to[this.edges++] = NO_INDEX
    this.lost++
  }

  doubtfulRow(): void {
    this.to[this.edges - 1] = NO_INDEX
    this.lost++
  }

  /** The fast way, as that of NodeRows: "T,NAME,TO\n,". 24 M edges are two thirds of the time of a large file. */
  private readWhole(data: Uint8Array, start: number, end: number): number {
    const { nodeWidth, nameShift, unknownKind } = this
    const { rowEnd } = this.rows
    const safeEnd = end - longestRow(3)
    let { edges: edge, kind: kinds, name: names, to: targets } = this
    let room = kinds.length
    let p = start
    while (p < safeEnd) {
      const rowStart = p
      if (data[p] === COMMA) p++
      const kind = data[p]! ^ 0x30
      // V8 has seven kinds: one digit.
      if (kind > 9 || kind >= unknownKind || data[p + 1] !== COMMA) {
        p = rowStart
        break
      }
      p += 2
      const nameStart = p
      let name = data[p]! ^ 0x30
      let digit = data[++p]! ^ 0x30
      while (digit < 10) {
        name = (Math.imul(name, 10) + digit) | 0
        digit = data[++p]! ^ 0x30
      }
      const toStart = p + 1
      if ((data[nameStart]! ^ 0x30) > 9 || data[p] !== COMMA || p - nameStart > SAFE_DIGITS) {
        p = rowStart
        break
      }
      let to = data[++p]! ^ 0x30
      digit = data[++p]! ^ 0x30
      while (digit < 10) {
        to = (Math.imul(to, 10) + digit) | 0
        digit = data[++p]! ^ 0x30
      }
      const node = (to / nodeWidth) | 0
      if (
        data[p] !== rowEnd ||
        (data[toStart]! ^ 0x30) > 9 ||
        p - toStart > SAFE_DIGITS ||
        node * nodeWidth !== to
      ) {
        p = rowStart
        break
      }
      p++
      if (edge === room) {
        this.edges = edge
        this.grow()
        kinds = this.kind
        names = this.name
        targets = this.to
        room = kinds.length
      }
      kinds[edge] = kind
      names[edge] = name + nameShift[kind]!
      targets[edge++] = node
    }
    this.edges = edge
    return p
  }

  private grow(): void {
    const room = Math.max(4096, this.kind.length * 2)
    this.kind = moved(this.kind, new Uint8Array(room))
    this.name = moved(this.name, new Uint32Array(room))
    this.to = moved(this.to, new Uint32Array(room))
  }
}
