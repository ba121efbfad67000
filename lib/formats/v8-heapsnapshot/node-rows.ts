import { sharedUint8, sharedUint32 } from '#lib/heap/shared'
import { NO_PAGE, NO_SLOT, SlotTable } from '#lib/heap/slots'
import { DOM_FLAGS } from '#lib/heap/snapshot'
import type { NodeLayout } from './header.ts'
import { longestRow, NumberRows, type RowSink, wholeRow } from './number-rows.ts'

const MAX_UINT32 = 0xffffffff
/** Half of what 48 bits address: a file that says more of one object is damaged. */
const MAX_OBJECT_BYTES = 2 ** 47
/** A page of the slot table holds ids with the same upper bits: 8,192 of them. */
const PAGE_BITS = 13
const PAGE_MASK = (1 << PAGE_BITS) - 1

/** The array "nodes" as columns, filled row by row. */
export class NodeRows implements RowSink {
  nodes = 0
  type: Uint8Array
  /** String index: 1 + the place in "strings", as in V8Strings. */
  name: Uint32Array
  slot: Uint32Array
  shallowBytes: Uint32Array
  /** Number of edges of node `i`; the sums come later, in place, so there is one entry more. */
  edgeCount: Uint32Array
  flags: Uint8Array
  /** Only with allocation stacks. */
  traceNode: Uint32Array | undefined
  readonly hugeBytes = new Map<number, number>()
  readonly slots = new SlotTable()
  /** Nodes of which nothing, or nothing certain, is known. */
  readonly doubtful: number[] = []
  /** Nodes with a size that no object has: it counts as 0. */
  absurdSizes = 0
  readonly rows: NumberRows
  private readonly layout: NodeLayout
  private readonly unknownType: number
  private readonly values: Uint32Array
  /** Page number + 1 by upper bits of the id: ids have 32 bits. */
  private readonly pageOf = new Uint32Array(1 << (32 - PAGE_BITS))

  /** Room for `room` nodes; more are taken as they come. Types beyond those of the header become `unknownType`. */
  constructor(layout: NodeLayout, unknownType: number, room: number) {
    this.layout = layout
    this.unknownType = unknownType
    this.rows = new NumberRows(layout.width, this)
    this.values = new Uint32Array(layout.width)
    this.type = sharedUint8(room)
    this.name = new Uint32Array(room)
    this.slot = sharedUint32(room)
    this.shallowBytes = sharedUint32(room)
    this.edgeCount = new Uint32Array(room + 1)
    this.flags = new Uint8Array(room)
  }

  /** Reads data[start, end), to the closing bracket at most, and answers where it stopped. */
  read(data: Uint8Array, start: number, end: number): number {
    let p = start
    while (p < end && !this.rows.isDone) {
      if (this.rows.isAtRow) p = this.readWhole(data, p, end)
      if (p < end) p = this.rows.readRow(data, p, end)
    }
    return p
  }

  row(row: Uint32Array | Float64Array): void {
    if (this.nodes === this.type.length) this.grow()
    const { layout, nodes: node } = this
    const size = row[layout.selfSize]!
    if (size > MAX_OBJECT_BYTES) this.absurdSizes++
    else if (size >= MAX_UINT32) {
      this.shallowBytes[node] = MAX_UINT32
      this.hugeBytes.set(node, size)
    } else this.shallowBytes[node] = size
    const type = row[layout.type]!
    this.type[node] = Math.min(type, this.unknownType)
    this.name[node] = Math.min(row[layout.name]! + 1, MAX_UINT32)
    this.edgeCount[node] = Math.min(row[layout.edgeCount]!, MAX_UINT32)
    const id = row[layout.id]!
    this.slot[node] = id <= MAX_UINT32 ? this.slotOf(id) : NO_SLOT
    if (layout.detachedness >= 0) this.flags[node] = flagsOf(row[layout.detachedness]!)
    if (layout.traceNodeId >= 0) this.keepTrace(node, Math.min(row[layout.traceNodeId]!, MAX_UINT32))
    this.nodes++
  }

  lostRow(): void {
    if (this.nodes === this.type.length) this.grow()
    this.doubtful.push(this.nodes)
    this.type[this.nodes] = this.unknownType
    this.slot[this.nodes] = NO_SLOT
    this.nodes++
  }

  doubtfulRow(): void {
    this.doubtful.push(this.nodes - 1)
  }

  /**
   * The fast way: rows as V8 writes them, while they lie before us whole. Answers the start of the first that does not,
   * or that holds a number of more than nine digits.
   */
  private readWhole(data: Uint8Array, start: number, end: number): number {
    const { layout, values, rows } = this
    const { width, type, name, id, selfSize, edgeCount, detachedness, traceNodeId } = layout
    const { rowEnd } = rows
    const safeEnd = end - longestRow(width)
    let node = this.nodes
    let room = this.type.length
    let p = start
    while (p < safeEnd) {
      const after = wholeRow(data, p, width, values, rowEnd)
      if (after < 0) break
      p = after
      if (node === room) {
        this.nodes = node
        this.grow()
        room = this.type.length
      }
      const kind = values[type]!
      this.type[node] = Math.min(kind, this.unknownType)
      this.name[node] = values[name]! + 1
      this.shallowBytes[node] = values[selfSize]!
      this.edgeCount[node] = values[edgeCount]!
      this.slot[node] = this.slotOf(values[id]!)
      if (detachedness >= 0) {
        const state = values[detachedness]!
        if (state !== 0) this.flags[node] = flagsOf(state)
      }
      if (traceNodeId >= 0 && values[traceNodeId] !== 0) this.keepTrace(node, values[traceNodeId]!)
      node++
    }
    this.nodes = node
    return p
  }

  private slotOf(id: number): number {
    let page = this.pageOf[id >>> PAGE_BITS]!
    if (page === 0) {
      page = this.slots.page(id >>> PAGE_BITS) + 1
      if (page === NO_PAGE + 1) return NO_SLOT
      this.pageOf[id >>> PAGE_BITS] = page
    }
    return (((page - 1) << PAGE_BITS) | (id & PAGE_MASK)) >>> 0
  }

  private keepTrace(node: number, trace: number): void {
    if (trace === 0) return
    this.traceNode ??= new Uint32Array(this.type.length)
    this.traceNode[node] = trace
  }

  private grow(): void {
    const room = Math.max(1024, this.type.length * 2)
    this.type = moved(this.type, sharedUint8(room))
    this.name = moved(this.name, new Uint32Array(room))
    this.slot = moved(this.slot, sharedUint32(room))
    this.shallowBytes = moved(this.shallowBytes, sharedUint32(room))
    this.edgeCount = moved(this.edgeCount, new Uint32Array(room + 1))
    this.flags = moved(this.flags, new Uint8Array(room))
    if (this.traceNode) this.traceNode = moved(this.traceNode, new Uint32Array(room))
  }
}

function flagsOf(detachedness: number): number {
  if (detachedness === 1) return DOM_FLAGS.attached
  return detachedness === 2 ? DOM_FLAGS.detached : 0
}

/** Copies a column into a larger one. */
export function moved<A extends { set(from: A): void }>(from: A, to: A): A {
  to.set(from)
  return to
}
