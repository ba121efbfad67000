import type { DuckDBType, DuckDBValue } from '@duckdb/node-api'
import type { ResultCell, ResultKind } from '#lib/reports/query-answer'

/** Longer texts are cut: a table cell is no place for them, and a hostile one could be the whole answer. */
export const MAX_CELL = 2000

const NUMBERS = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL.*|BIGNUM)$/

/** What a column of this type holds, as far as showing it goes. */
export function kindOfType(type: DuckDBType): ResultKind {
  const name = type.toString()
  if (NUMBERS.test(name)) return 'number'
  if (name === 'BOOLEAN') return 'boolean'
  return name === 'VARCHAR' || name.startsWith('ENUM') ? 'text' : 'other'
}

/** A value as JSON has it: integers beyond 2⁵³, dates and nested values as text. */
export function cellOf(value: DuckDBValue, kind: ResultKind): ResultCell {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value.toString()
  }
  // JSON has no NaN and no Infinity.
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value : String(value)
  if (kind === 'number' && /^-?\d{1,15}(\.\d+)?$/.test(text)) return Number(text)
  return text.length > MAX_CELL ? `${text.slice(0, MAX_CELL)}…` : text.toWellFormed()
}

/** Bytes that a cell takes in an answer, nearly. */
export const cellBytes = (cell: ResultCell): number => (typeof cell === 'string' ? cell.length + 3 : 8)

/**
 * A line of CSV (RFC 4180, CRLF). A spreadsheet runs a text that begins like a formula, and class names come from
 * whoever wrote the dump: such a text gets an apostrophe in front.
 */
export const csvLine = (cells: readonly ResultCell[]): string => `${cells.map(csvCell).join(',')}\r\n`

function csvCell(cell: ResultCell): string {
  if (cell === null) return ''
  if (typeof cell !== 'string') return String(cell)
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
