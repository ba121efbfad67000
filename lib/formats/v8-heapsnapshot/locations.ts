import { Uint32List } from '#lib/heap/columns'
import { NO_INDEX } from '#lib/heap/snapshot'
import type { LocationLayout } from './header.ts'
import type { RowSink } from './number-rows.ts'

/** The array "locations": where the function of a closure, or of an object's constructor, is defined. Lines and columns from 0. */
export class Locations implements RowSink {
  /** Place in "nodes", a multiple of a node's width. */
  readonly node = new Uint32List()
  readonly script = new Uint32List()
  /** Place of the script's node in "nodes"; NO_INDEX where the file does not tell. */
  readonly scriptNode = new Uint32List()
  readonly line = new Uint32List()
  readonly column = new Uint32List()
  private readonly layout: LocationLayout

  constructor(layout: LocationLayout) {
    this.layout = layout
  }

  get count(): number {
    return this.node.length
  }

  row(row: Uint32Array | Float64Array): void {
    const { node, script, scriptNode, line, column } = this.layout
    this.node.push(row[node]!)
    this.script.push(row[script]!)
    this.scriptNode.push(scriptNode < 0 ? NO_INDEX : row[scriptNode]!)
    this.line.push(row[line]!)
    this.column.push(column < 0 ? 0 : row[column]!)
  }

  lostRow(): void {}
  doubtfulRow(): void {}
}
