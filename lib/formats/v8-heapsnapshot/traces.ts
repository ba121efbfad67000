import { Uint32List } from '#lib/heap/columns'
import type { SampleLayout, TraceFunctionLayout, TraceNodeLayout } from './header.ts'
import type { RowSink } from './number-rows.ts'

/** More nodes than a trace tree has; those beyond have no site. */
const MAX_TRACE_NODES = 1 << 23
const MAX_UINT32 = 0xffffffff

/** The array "trace_function_infos": functions that allocated. Names are places in "strings". */
export class TraceFunctions implements RowSink {
  readonly name = new Uint32List()
  readonly scriptName = new Uint32List()
  /** From 1; 0 is unknown. */
  readonly line = new Uint32List()
  readonly column = new Uint32List()
  private readonly layout: TraceFunctionLayout

  constructor(layout: TraceFunctionLayout) {
    this.layout = layout
  }

  get count(): number {
    return this.name.length
  }

  row(row: Uint32Array | Float64Array): void {
    const { name, scriptName, line, column } = this.layout
    this.name.push(row[name]!)
    this.scriptName.push(row[scriptName]!)
    this.line.push(line < 0 ? 0 : row[line]!)
    this.column.push(column < 0 ? 0 : row[column]!)
  }

  lostRow(): void {
    this.row(new Float64Array(this.layout.width).fill(MAX_UINT32))
  }

  doubtfulRow(): void {}
}

/** The array "samples": the highest id that was given out when each interval of a recording ended. */
export class Samples implements RowSink {
  readonly lastId = new Uint32List()
  private readonly layout: SampleLayout

  constructor(layout: SampleLayout) {
    this.layout = layout
  }

  row(row: Uint32Array | Float64Array): void {
    this.lastId.push(Math.min(row[this.layout.lastId]!, MAX_UINT32))
  }

  lostRow(): void {}
  doubtfulRow(): void {}
}

/**
 * The array "trace_tree": nested lists, `id, function, count, size, [children]`, read without recursion and in pieces.
 * A node's function is the one that allocated; what called it is above it in the tree.
 */
export class TraceTree {
  /** Place in "trace_function_infos" by id of the trace. */
  readonly functionOf = new Map<number, number>()
  isDone = false
  private readonly layout: TraceNodeLayout
  /** One entry for each list that is open: fields read of its current node, that node's id and function. */
  private readonly fields: number[] = []
  private readonly ids: number[] = []
  private readonly functions: number[] = []
  private value = 0
  private isInNumber = false

  constructor(layout: TraceNodeLayout) {
    this.layout = layout
  }

  /** Reads data[start, end), to the last closing bracket at most, and answers where it stopped. */
  read(data: Uint8Array, start: number, end: number): number {
    for (let p = start; p < end; ) {
      const byte = data[p++]!
      if (byte >= 0x30 && byte <= 0x39) {
        this.value = this.isInNumber ? this.value * 10 + (byte - 0x30) : byte - 0x30
        this.isInNumber = true
        continue
      }
      if (this.isInNumber) {
        this.isInNumber = false
        this.number(this.value)
      }
      if (byte === 0x5b) this.open()
      else if (byte === 0x5d) {
        this.close()
        if (this.isDone) return p
      }
    }
    return end
  }

  /** A list begins: the first is the root's, which the scanner has stepped over. */
  open(): void {
    this.fields.push(0)
    this.ids.push(0)
    this.functions.push(0)
  }

  private close(): void {
    this.fields.pop()
    this.ids.pop()
    this.functions.pop()
    if (this.fields.length === 0) this.isDone = true
    // The list was a field of the node above.
    else this.nextField()
  }

  private number(value: number): void {
    const top = this.fields.length - 1
    const field = this.fields[top]!
    if (field === this.layout.id) this.ids[top] = value
    else if (field === this.layout.functionIndex) this.functions[top] = value
    this.nextField()
  }

  private nextField(): void {
    const top = this.fields.length - 1
    const field = this.fields[top]! + 1
    this.fields[top] = field % this.layout.width
    if (field < this.layout.width || this.functionOf.size >= MAX_TRACE_NODES) return
    this.functionOf.set(this.ids[top]!, this.functions[top]!)
  }
}
