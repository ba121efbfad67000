import type { GenerationTable } from '#lib/findings/generations'
import { type GroupTable, type Site, siteOfGroup, siteWords } from '#lib/findings/group-table'
import { byClass, bySite, byType, type SiteRow } from '#lib/findings/histograms'
import type { RetainedRows } from '#lib/findings/retained-rows'
import { groupKey } from './group-key.ts'
import type { CaptureTable, RowOrder, RowsPage, RowsQuery, TableRow } from './rows.ts'

/**
 * One table of a capture as rows. O(groups), and one object per row: keep the result for the next page.
 * Untraced objects are one row of the site table and one of the generations.
 */
export function tableRows(
  table: CaptureTable,
  groups: GroupTable,
  generations: GenerationTable,
  retained?: RetainedRows,
): TableRow[] {
  if (table === 'groups') return groupRows(groups)
  const rows = plainRows(table, groups, generations)
  const bytes = retained?.[table]
  return bytes ? rows.map((row) => ({ ...row, retainedBytes: bytes.get(row.key) ?? null })) : rows
}

function plainRows(
  table: Exclude<CaptureTable, 'groups'>,
  groups: GroupTable,
  generations: GenerationTable,
): TableRow[] {
  switch (table) {
    case 'classes':
      return byClass(groups).map((row) => ({ ...BLANK, ...row, key: row.name, className: row.name }))
    case 'types':
      return byType(groups).map((row) => ({ ...BLANK, ...row, key: row.name, type: row.name }))
    case 'sites':
      return bySite(groups).map(siteRow)
    case 'generations':
      return generationRows(generations)
  }
}

/** A page of rows that `orderedRows` gave, out of `all`. O(rows) for the sums. */
export function rowsPage(matching: readonly TableRow[], all: number, query: RowsQuery): RowsPage {
  let count = 0
  let bytes = 0
  for (const row of matching) {
    count += row.count
    bytes += row.bytes
  }
  const { table, offset, limit } = query
  return {
    table,
    total: matching.length,
    all,
    offset,
    count,
    bytes,
    rows: matching.slice(offset, offset + limit),
  }
}

/** All rows that match, in the asked order. O(rows log rows): keep it for the next page. */
export function orderedRows(
  rows: readonly TableRow[],
  { q, sort, dir }: Pick<RowsQuery, 'q' | 'sort' | 'dir'>,
): TableRow[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  const matching = words.length === 0 ? [...rows] : rows.filter((row) => holdsAll(row, words))
  const compare = ORDERS[sort]
  // The key decides between equals, so that pages never overlap.
  return matching.sort((a, b) => {
    const order = compare(a, b)
    return (dir === 'asc' ? order : -order) || compareText(a.key, b.key)
  })
}

const holdsAll = (row: TableRow, words: readonly string[]): boolean => {
  const text =
    `${row.type ?? ''} ${row.className ?? ''} ${row.site ?? ''} ${row.generation ?? ''}`.toLowerCase()
  return words.every((word) => text.includes(word))
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const byText = (text: (row: TableRow) => string | null) => (a: TableRow, b: TableRow) =>
  compareText(text(a) ?? '', text(b) ?? '')
const ORDERS: Record<RowOrder, (a: TableRow, b: TableRow) => number> = {
  count: (a, b) => a.count - b.count,
  bytes: (a, b) => a.bytes - b.bytes,
  generation: (a, b) => (a.generation ?? 0) - (b.generation ?? 0),
  retained: (a, b) => (a.retainedBytes ?? 0) - (b.retainedBytes ?? 0),
  change: (a, b) => changeOf(a) - changeOf(b),
  type: byText((row) => row.type),
  class: byText((row) => row.className),
  site: (a, b) => compareText(a.file ?? '', b.file ?? '') || (a.line ?? 0) - (b.line ?? 0),
}

/** Bytes more than in the capture before; as a whole where nothing is compared. */
const changeOf = (row: TableRow): number => row.bytes - (row.since?.bytes ?? 0)

/**
 * `rows` with what each was in `before`, the same table of another capture: matched by key, zeros where it had no such
 * row. O(rows of both).
 */
export function withSince(rows: readonly TableRow[], before: readonly TableRow[]): TableRow[] {
  const byKey = new Map(before.map(({ key, count, bytes }) => [key, { count, bytes }]))
  return rows.map((row) => ({ ...row, since: byKey.get(row.key) ?? { count: 0, bytes: 0 } }))
}

const BLANK = {
  type: null,
  className: null,
  site: null,
  file: null,
  line: null,
  method: null,
  generation: null,
} as const

function groupRows(groups: GroupTable): TableRow[] {
  const rows: TableRow[] = []
  for (let group = 0; group < groups.groups; group++) {
    const type = groups.typeNames[groups.type[group]!]!
    const className = groups.classNames[groups.className[group]!]!
    const site = siteColumns(siteOfGroup(groups, group))
    rows.push({
      ...BLANK,
      ...site,
      key: groupKey(type, className, site.site),
      type,
      className,
      count: groups.count[group]!,
      bytes: groups.bytes[group]!,
      ...(groups.retainedBytes && { retainedBytes: groups.retainedBytes[group]! }),
    })
  }
  return rows
}

/** A site holds objects of one class, or of several: then the largest is named with how many there are. */
function siteRow({ site, count, bytes, topClass, classes }: SiteRow): TableRow {
  const columns = siteColumns(site)
  const className = classes === 1 ? topClass : `${topClass} and ${classes - 1} more`
  return { ...BLANK, ...columns, key: columns.site, className, count, bytes }
}

function siteColumns(site: Site | undefined) {
  return {
    site: siteWords(site),
    file: site?.file ?? null,
    line: site?.line ?? null,
    method: site?.method ?? null,
  }
}

function generationRows(table: GenerationTable): TableRow[] {
  return Array.from(table.generation, (generation, index) => ({
    ...BLANK,
    key: String(generation),
    generation,
    count: table.count[index]!,
    bytes: table.bytes[index]!,
  }))
}
