import { decodeGenerationTable } from '#lib/findings/generations'
import { decodeGroupTable } from '#lib/findings/group-table'
import { decodeRetainedRows } from '#lib/findings/retained-rows'
import type { CaptureReport } from '#lib/reports/capture-report'
import type { CaptureTable, RowsQuery, TableRow } from '#lib/reports/rows'
import { orderedRows, tableRows, withSince } from '#lib/reports/table-rows'
import type { Store } from '#lib/storage/store'
import { sound } from './sound.ts'

/** Rows as objects take about this many times the bytes of the stored columns. */
const ROWS_PER_STORED_BYTE = 8

/** Orders of a table that are kept: people turn pages of the same one. 8 bytes a row each. */
const KEPT_ORDERS = 24

interface Entry {
  readonly rows: Promise<TableRow[]>
  readonly cost: number
}
/** What decides the order of a table's rows. */
type Order = Pick<RowsQuery, 'table' | 'q' | 'sort' | 'dir'>

/**
 * Tables that people page through, kept as rows: the least recently used go when `maxBytes` (estimated) are reached.
 * One per node; a table is decoded once, however many ask at the same time.
 */
export class TableCache {
  private readonly store: Store
  private readonly maxBytes: number
  /** In the order of use, oldest first. */
  private readonly entries = new Map<string, Entry>()
  private cost = 0
  private readonly orders = new Map<string, Promise<readonly TableRow[]>>()

  constructor(store: Store, maxBytes = 192 * 1024 * 1024) {
    this.store = store
    this.maxBytes = maxBytes
  }

  /** All rows of one table of a capture. Do not change them. @throws UserError request/not-found · read/damaged-columns */
  rows(report: CaptureReport, table: CaptureTable): Promise<readonly TableRow[]> {
    const key = `${report.tables.groups.sha256}:${table}`
    const known = this.entries.get(key)
    if (known) {
      this.entries.delete(key)
      this.entries.set(key, known)
      return known.rows
    }
    const rows = this.load(report, table)
    const cost = report.tables.groups.size * ROWS_PER_STORED_BYTE
    this.entries.set(key, { rows, cost })
    this.cost += cost
    // What could not be read is not kept.
    rows.catch(() => this.drop(key))
    for (const oldest of this.entries.keys()) {
      if (this.cost <= this.maxBytes || oldest === key) break
      this.drop(oldest)
    }
    return rows
  }

  /**
   * The rows that match, in the asked order; with `before`, beside what they are in that report. Sorted once for all
   * pages. Do not change them.
   */
  ordered(
    report: CaptureReport,
    { table, q, sort, dir }: Order,
    before?: CaptureReport,
  ): Promise<readonly TableRow[]> {
    const key = JSON.stringify([
      report.tables.groups.sha256,
      before?.tables.groups.sha256,
      table,
      q,
      sort,
      dir,
    ])
    const known = this.orders.get(key)
    this.orders.delete(key)
    const rows =
      known ?? this.compared(report, table, before).then((all) => orderedRows(all, { q, sort, dir }))
    this.orders.set(key, rows)
    rows.catch(() => this.orders.delete(key))
    for (const oldest of this.orders.keys()) {
      if (this.orders.size <= KEPT_ORDERS) break
      this.orders.delete(oldest)
    }
    return rows
  }

  /** How many tables are held now. */
  get size(): number {
    return this.entries.size
  }

  private async compared(
    report: CaptureReport,
    table: CaptureTable,
    before: CaptureReport | undefined,
  ): Promise<readonly TableRow[]> {
    const rows = await this.rows(report, table)
    return before ? withSince(rows, await this.rows(before, table)) : rows
  }

  private drop(key: string): void {
    const entry = this.entries.get(key)
    if (entry && this.entries.delete(key)) this.cost -= entry.cost
  }

  private async load({ kind, tables }: CaptureReport, table: CaptureTable): Promise<TableRow[]> {
    const groups = sound(decodeGroupTable, await this.store.read(tables.groups.sha256))
    if (kind === 'stacks') return tableRows(table, groups, NO_GENERATIONS)
    const [generations, retained] = await Promise.all([
      this.store.read(tables.generations.sha256),
      this.store.read(tables.retained.sha256),
    ])
    return tableRows(
      table,
      groups,
      sound(decodeGenerationTable, generations),
      sound(decodeRetainedRows, retained),
    )
  }
}

/** Allocation stacks know no collector. */
const NO_GENERATIONS = {
  generation: new Int32Array(0),
  count: new Uint32Array(0),
  bytes: new Float64Array(0),
}
