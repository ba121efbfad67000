import type { GrowthHolder, GrowthRow } from './growth-report.ts'
import type { TableRow } from './rows.ts'

type Cell = string | number | null | undefined

/**
 * Rows of a capture's table as CSV (RFC 4180, CRLF), with a header. Retained bytes, and what each row was in another
 * capture, are columns where the rows have them.
 */
export function tableCsv(rows: readonly TableRow[]): string {
  const hasRetained = rows.some((row) => row.retainedBytes !== undefined)
  const hasSince = rows.some((row) => row.since !== undefined)
  return csv(
    [
      ...['type', 'class', 'file', 'line', 'method', 'generation', 'count', 'bytes'],
      ...(hasRetained ? ['retained bytes'] : []),
      ...(hasSince ? ['count before', 'bytes before'] : []),
    ],
    rows.map((row) => [
      row.type,
      row.className,
      // "not traced" has no file but is a row of its own.
      row.file ?? row.site,
      row.line,
      row.method,
      row.generation,
      row.count,
      row.bytes,
      ...(hasRetained ? [row.retainedBytes] : []),
      ...(hasSince ? [row.since?.count, row.since?.bytes] : []),
    ]),
  )
}

/** Growth rows as CSV: a column of counts, one of bytes and one of retained bytes per capture. */
export function growthCsv(
  rows: readonly GrowthRow[],
  labels: readonly string[],
  holders: readonly Pick<GrowthHolder, 'id' | 'words'>[],
): string {
  const words = new Map(holders.map((holder) => [holder.id, holder.words]))
  const perCapture = labels.flatMap((label) => [`count: ${label}`, `bytes: ${label}`, `retained: ${label}`])
  const header = ['type', 'class', 'site', 'owner', ...perCapture, 'count change', 'bytes change']
  return csv(
    [
      ...[...header, 'retained change', 'shape', 'confidence', 'share of growth'],
      ...['objects per request', 'bytes per request', 'objects per hour', 'bytes per hour'],
      ...['held by', 'reason'],
    ],
    rows.map((row) => [
      row.type,
      row.className,
      row.siteWords,
      row.owner,
      ...labels.flatMap((_, index) => [row.counts[index], row.bytes[index], row.retained?.[index]]),
      row.countChange,
      row.bytesChange,
      row.retainedChange,
      row.shape,
      row.confidence.level,
      row.shareOfGrowth,
      row.perRequest?.objects,
      row.perRequest?.bytes,
      row.perHour?.objects,
      row.perHour?.bytes,
      row.heldBy.map(({ holder }) => words.get(holder) ?? '').join('; '),
      row.reason,
    ]),
  )
}

const csv = (header: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [header, ...rows].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('')

/**
 * A spreadsheet runs a text that begins like a formula, and class names come from whoever wrote the dump: such a text
 * gets an apostrophe in front (OWASP, "CSV Injection").
 */
function cell(value: Cell): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
