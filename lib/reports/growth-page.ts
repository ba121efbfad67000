import { siteWords } from '#lib/findings/group-table'
import type { GrowthReport as Finding } from '#lib/findings/growth-model'
import type { LedgerState } from '#lib/investigation/ledger-state'
import { groupKey } from './group-key.ts'
import {
  GROWTH_REPORT_VERSION,
  type GrowthHolder,
  type GrowthOrder,
  type GrowthPage,
  type GrowthQuery,
  type GrowthReport,
  type GrowthRow,
} from './growth-report.ts'

/** A finding in the form in which it is stored. */
export function growthReport(finding: Finding): GrowthReport {
  return {
    ...finding,
    version: GROWTH_REPORT_VERSION,
    objects: [...finding.objects],
    bytes: [...finding.bytes],
    suspects: finding.suspects.map(storedSuspect),
    unexplained: { ...finding.unexplained },
    remarks: [...finding.remarks],
    advice: [...finding.advice],
    holders: finding.holders.map(storedHolder),
    proposals: finding.proposals.map(({ bound, ...proposal }) => ({ ...proposal, bound: bound ?? null })),
    rows: finding.rows.map(storedRow),
  }
}

function storedRow(row: Finding['rows'][number]): GrowthRow {
  const { site, owner, retained, suspect, perRequest, perHour, births, evidence, ...plain } = row
  const words = siteWords(site)
  return {
    ...plain,
    counts: [...row.counts],
    bytes: [...row.bytes],
    confidence: { ...row.confidence },
    heldBy: row.heldBy.map((held) => ({ ...held })),
    key: groupKey(row.type, row.className, owner === undefined ? words : `${words} · ${owner}`),
    siteWords: words,
    ...(site && { site: { ...site } }),
    ...(owner !== undefined && { owner }),
    ...(retained && { retained: [...retained], retainedChange: retained.at(-1)! - retained[0]! }),
    ...(suspect !== undefined && { suspect }),
    ...(perRequest && { perRequest: { ...perRequest } }),
    ...(perHour && { perHour: { ...perHour } }),
    ...(births && { births: { ...births } }),
    ...(evidence && { evidence: { ...evidence } }),
  }
}

function storedSuspect(suspect: Finding['suspects'][number]): GrowthReport['suspects'][number] {
  const { holder, perRequest, perHour, ...plain } = suspect
  return {
    ...plain,
    holder: holder ?? null,
    rows: [...suspect.rows],
    confidence: { ...suspect.confidence },
    ...(perRequest && { perRequest: { ...perRequest } }),
    ...(perHour && { perHour: { ...perHour } }),
  }
}

function storedHolder(holder: Finding['holders'][number], id: number): GrowthHolder {
  return {
    id,
    words: holder.words,
    path: holder.path.map(({ name, edge }) => ({ name, edge: edge ?? null })),
    counts: [...holder.counts],
    retainedBytes: [...holder.retainedBytes],
    retainedObjects: [...holder.retainedObjects],
    references: [...holder.references],
    ownerPath: holder.ownerPath ?? null,
    example: holder.example ?? null,
  }
}

/** What the team's ledger says of a group with so many objects now (lib/investigation/ledger-state.ts). */
export type ReadLedger = (fingerprint: string, count: number) => LedgerState | null

/** Filters, orders and cuts a comparison. `captures` are the compared ones, in order. */
export function growthPage(
  report: GrowthReport,
  query: GrowthQuery,
  captures: GrowthPage['captures'],
  readLedger: ReadLedger = () => null,
): GrowthPage {
  const { rows, suspects, proposals, holders, ...above } = report
  const expected = expectedRows(rows, readLedger)
  const left = leftRows(rows, query, readLedger)
  const matching = orderedGrowth(left, query)
  const shown = matching.slice(query.offset, query.offset + query.limit)
  const named = new Set([
    ...suspects.map(({ holder }) => holder),
    ...shown.flatMap(({ heldBy }) => heldBy.map(({ holder }) => holder)),
  ])
  const keyOf = (row: number): string => rows[row]?.key ?? ''
  const shapes: Record<string, number> = {}
  for (const row of left) shapes[row.shape] = (shapes[row.shape] ?? 0) + 1
  return {
    ...above,
    captures,
    suspects: suspects.map(({ rows: of, ...suspect }) => ({
      ...suspect,
      key: keyOf(of[0] ?? -1),
      keys: of.map(keyOf),
      isExpected:
        readLedger(suspect.fingerprint, rows[of[0] ?? -1]?.counts.at(-1) ?? 0) === 'expected' ||
        (of.length > 0 && of.every((row) => rows[row] !== undefined && expected.has(rows[row]))),
    })),
    proposals: proposals.map(({ row, ...proposal }) => ({ ...proposal, key: keyOf(row) })),
    holders: holders.filter(({ id }) => named.has(id)),
    shapes,
    expected: expected.size,
    total: matching.length,
    all: rows.length,
    offset: query.offset,
    rows: shown,
  }
}

/** The rows that are asked for: all, or without those that the ledger expects. */
export function leftRows(
  rows: readonly GrowthRow[],
  { ledger }: Pick<GrowthQuery, 'ledger'>,
  readLedger: ReadLedger,
): readonly GrowthRow[] {
  if (ledger === 'all') return rows
  const expected = expectedRows(rows, readLedger)
  return rows.filter((row) => !expected.has(row))
}

/** Rows that the ledger expects, in the number in which they are there now. */
function expectedRows(rows: readonly GrowthRow[], readLedger: ReadLedger): ReadonlySet<GrowthRow> {
  return new Set(rows.filter((row) => readLedger(row.fingerprint, row.counts.at(-1) ?? 0) === 'expected'))
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
  retained: (a, b) => (a.retainedChange ?? 0) - (b.retainedChange ?? 0),
  count: (a, b) => a.countChange - b.countChange,
  share: (a, b) => a.shareOfGrowth - b.shareOfGrowth,
  class: (a, b) => compareText(a.className, b.className),
  site: (a, b) => compareText(a.siteWords, b.siteWords),
  shape: (a, b) => compareText(a.shape, b.shape),
}
