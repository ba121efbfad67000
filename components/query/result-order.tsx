import type { QueryAnswer, ResultCell } from '#lib/reports/query-answer'
import { columnShows } from '#lib/reports/query-tables'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'

export type ResultRow = readonly ResultCell[]

/** Rows in the order of one column; nothing stands last, whichever way. The order of the answer stays for equals. */
export function sortedRows(rows: readonly ResultRow[], column: number, dir: 'asc' | 'desc'): ResultRow[] {
  const sign = dir === 'asc' ? 1 : -1
  return [...rows].sort((a, b) => {
    const left = a[column] ?? null
    const right = b[column] ?? null
    if (left === null || right === null) return Number(left === null) - Number(right === null)
    return sign * compare(left, right)
  })
}

const compare = (a: Exclude<ResultCell, null>, b: Exclude<ResultCell, null>): number =>
  typeof a === 'string' && typeof b === 'string'
    ? a.localeCompare(b, 'en', { numeric: true })
    : Number(a) - Number(b)

/** A cell in words: bytes as KiB and MiB, counts with separators. Null: nothing. */
export function cellWords(cell: ResultCell, column: string): string | null {
  if (cell === null) return null
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no'
  if (typeof cell === 'string') return cell
  const shows = columnShows(column)
  if (shows === 'bytes' && cell >= 0) return formatBytes(bytes(cell))
  if (shows === 'object' || /(^|_)(line|id|generation|depth)$/i.test(column)) return String(cell)
  return Number.isInteger(cell) ? formatCount(cell) : cell.toLocaleString('en', { maximumFractionDigits: 3 })
}

/** Which columns of an answer make a bar chart: what the bars are called, and how long they are. */
export function chartColumns({
  columns,
  rows,
}: Pick<QueryAnswer, 'columns' | 'rows'>): { readonly name: number; readonly value: number } | null {
  if (rows.length === 0) return null
  const numbers = columns.flatMap(({ kind, name }, at) =>
    kind === 'number' && columnShows(name) !== 'object' ? [at] : [],
  )
  const value = numbers.find((at) => columnShows(columns[at]?.name ?? '') === 'bytes') ?? numbers.at(-1)
  if (value === undefined) return null
  const words = columns.findIndex(({ kind }) => kind === 'text')
  const name = words >= 0 ? words : columns.findIndex((_, at) => at !== value)
  return name < 0 ? null : { name, value }
}
