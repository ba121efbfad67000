import { siteWords } from '#lib/findings/group-table'
import type { GrowthReport as Finding } from '#lib/findings/growth'
import { groupKey } from './group-key.ts'
import {
  GROWTH_REPORT_VERSION,
  type GrowthOrder,
  type GrowthPage,
  type GrowthQuery,
  type GrowthReport,
  type GrowthRow,
} from './growth-report.ts'

/** A finding in the form in which it is stored. */
export function growthReport(finding: Finding): GrowthReport {
  const rows = finding.rows.map(({ evidence, perRequest, site, ...row }) => {
    const words = siteWords(site)
    return {
      ...row,
      counts: [...row.counts],
      bytes: [...row.bytes],
      key: groupKey(row.type, row.className, words),
      siteWords: words,
      ...(site && { site: { ...site } }),
      ...(perRequest && { perRequest: { ...perRequest } }),
      ...(evidence && { evidence: { ...evidence } }),
    }
  })
  return {
    ...finding,
    version: GROWTH_REPORT_VERSION,
    objects: [...finding.objects],
    bytes: [...finding.bytes],
    suspects: finding.suspects.map((suspect) => ({ ...suspect })),
    remarks: [...finding.remarks],
    rows,
  }
}

/** Filters, orders and cuts a comparison. `captures` are the compared ones, in order. */
export function growthPage(
  report: GrowthReport,
  query: GrowthQuery,
  captures: GrowthPage['captures'],
): GrowthPage {
  const { rows, suspects, ...above } = report
  const matching = orderedGrowth(rows, query)
  const shapes: Record<string, number> = {}
  for (const row of rows) shapes[row.shape] = (shapes[row.shape] ?? 0) + 1
  return {
    ...above,
    captures,
    suspects: suspects.map(({ row, words }) => ({ key: rows[row]?.key ?? '', words })),
    shapes,
    total: matching.length,
    all: rows.length,
    offset: query.offset,
    rows: matching.slice(query.offset, query.offset + query.limit),
  }
}

/** All rows that match, in the asked order. `growth` keeps the order in which they were found. */
export function orderedGrowth(
  rows: readonly GrowthRow[],
  { q, shape, sort, dir }: Pick<GrowthQuery, 'q' | 'shape' | 'sort' | 'dir'>,
): GrowthRow[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  const matching = rows.filter((row) => {
    if (shape !== undefined && row.shape !== shape) return false
    const text = row.key.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  if (sort === 'growth') return dir === 'desc' ? matching : matching.reverse()
  const compare = ORDERS[sort]
  return matching.sort((a, b) => (dir === 'asc' ? compare(a, b) : compare(b, a)))
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const ORDERS: Record<Exclude<GrowthOrder, 'growth'>, (a: GrowthRow, b: GrowthRow) => number> = {
  bytes: (a, b) => a.bytesChange - b.bytesChange,
  count: (a, b) => a.countChange - b.countChange,
  share: (a, b) => a.shareOfGrowth - b.shareOfGrowth,
  class: (a, b) => compareText(a.className, b.className),
  site: (a, b) => compareText(a.siteWords, b.siteWords),
  shape: (a, b) => compareText(a.shape, b.shape),
}
