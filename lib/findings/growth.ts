import { ALLOCATION_TRACER } from '#lib/heap/class-names'
import { formatByteChange, formatBytes, formatCount, formatShare } from '#lib/units/format'
import { bytes as asBytes } from '#lib/units/quantity'
import { fingerprint } from './fingerprint.ts'
import { siteWords } from './group-table.ts'
import type { GrowthCapture, GrowthReport, GrowthRow, Suspect } from './growth-model.ts'
import { growthShape } from './growth-shape.ts'
import { type IdentityComparison, identityComparison } from './identity-evidence.ts'
import { type MergedGroups, mergedGroups } from './merged-groups.ts'

/** More rows than this are of no use on a screen. */
export const MAX_GROWTH_ROWS = 2000

/**
 * Compares captures group by group. The rule of the shapes is `growthShape`'s. With two captures nothing is called
 * a suspect: a third one decides. O(groups + objects of all captures).
 */
export function growth(captures: readonly GrowthCapture[], maxRows = MAX_GROWTH_ROWS): GrowthReport {
  const merged = mergedGroups(captures.map((capture) => capture.groups))
  const requests = requestCounts(captures)
  const comparison = comparedIdentities(captures, merged)
  const changed = changedRows(merged)
  const tracerRows = changed.filter((row) => merged.describe(row).className === ALLOCATION_TRACER)
  const tracerBytes = tracerRows.reduce((sum, row) => sum + Math.max(0, change(merged.bytes, row)), 0)
  const grownBytes =
    changed.reduce((sum, row) => sum + Math.max(0, change(merged.bytes, row)), 0) - tracerBytes
  const all = changed
    .map((row) => growthRow(merged, row, requests, grownBytes))
    .sort(
      (a, b) => Number(b.row.isSuspect) - Number(a.row.isSuspect) || b.row.bytesChange - a.row.bytesChange,
    )
  // Objects are followed only for rows that are shown.
  const rows = all.slice(0, maxRows).map(({ row, index }) => ({ ...row, evidence: comparison?.of(index) }))
  const suspects = rows.flatMap((row, index) => (row.isSuspect ? [suspectOf(row, index)] : []))
  const explainedShare = suspects.reduce((sum, suspect) => sum + suspect.shareOfGrowth, 0)
  const totals = {
    captures: captures.length,
    objects: merged.counts.map(sum),
    bytes: merged.bytes.map(sum),
    grownBytes,
    changedGroups: changed.length,
    unchangedGroups: merged.groups - changed.length,
    explainedShare,
  }
  return {
    ...totals,
    rows,
    holders: [],
    suspects,
    unexplained: {
      of: 'heap',
      grownBytes,
      bytes: grownBytes * (1 - explainedShare),
      share: 1 - explainedShare,
      words: '',
    },
    isOneProcess: true,
    proposals: [],
    advice: [],
    summary: summary(totals, suspects.length),
    remarks: remarks(captures, requests, comparison, tracerBytes),
  }
}

function growthRow(
  merged: MergedGroups,
  index: number,
  requests: readonly number[] | undefined,
  grownBytes: number,
): { index: number; row: Omit<GrowthRow, 'evidence'> } {
  const counts = merged.counts.map((column) => column[index]!)
  const bytes = merged.bytes.map((column) => column[index]!)
  const countChange = change(merged.counts, index)
  const bytesChange = change(merged.bytes, index)
  const { shape, reason, isSuspect } = growthShape(counts, requests)
  const served = requests === undefined ? 0 : requests.at(-1)! - requests[0]!
  const group = merged.describe(index)
  const isTracer = group.className === ALLOCATION_TRACER
  return {
    index,
    row: {
      ...group,
      owner: undefined,
      retained: undefined,
      suspect: undefined,
      confidence: { level: 'medium', reason: '' },
      perHour: undefined,
      heldBy: [],
      moreHolders: 0,
      births: undefined,
      fingerprint: fingerprint({ ...group, path: [] }),
      counts,
      bytes,
      countChange,
      bytesChange,
      shape,
      reason: shape === 'flat' ? flatReason(reason, counts, bytesChange) : reason,
      isSuspect,
      shareOfGrowth: grownBytes === 0 || isTracer ? 0 : Math.max(0, bytesChange) / grownBytes,
      perRequest: served > 0 ? { objects: countChange / served, bytes: bytesChange / served } : undefined,
    },
  }
}

/** Few objects that got much larger are no growth in number, but must not look like nothing. */
function flatReason(reason: string, counts: readonly number[], bytesChange: number): string {
  const isLarger = bytesChange > 64 * 1024
  if (!isLarger) return reason
  return `${reason} The objects themselves became larger (${formatByteChange(asBytes(bytesChange))} over ${formatCount(counts.at(-1)!)} of them): a growing array or hash looks like this.`
}

const suspectOf = (row: GrowthRow, index: number): Suspect => ({
  title: row.className,
  words: suspectWords(row),
  holder: undefined,
  rows: [index],
  shareOfGrowth: row.shareOfGrowth,
  bytesChange: row.bytesChange,
  perRequest: row.perRequest,
  perHour: row.perHour,
  confidence: row.confidence,
  fingerprint: row.fingerprint,
})

function suspectWords(row: GrowthRow): string {
  const kind = row.type === row.className.toUpperCase() ? row.className : `${row.className} (${row.type})`
  const place = row.site === undefined ? 'allocated before tracing' : `from ${siteWords(row.site)}`
  const path = row.counts.map(formatCount).join(' → ')
  const rate =
    row.perRequest === undefined
      ? ''
      : `, ${row.perRequest.objects.toFixed(2)} objects and ${formatBytes(asBytes(row.perRequest.bytes))} per request`
  return `${kind} ${place}: ${path}${rate}; ${formatShare(row.shareOfGrowth)} of the growth.`
}

function summary(
  totals: { captures: number; grownBytes: number; changedGroups: number; explainedShare: number },
  suspects: number,
): string {
  const { captures, grownBytes, changedGroups, explainedShare } = totals
  if (captures < 2)
    return 'One capture shows what is there. A second one shows what changed, a third what keeps growing.'
  const compared = `${formatCount(changedGroups)} groups differ between ${captures} captures; those that grew gained ${formatBytes(asBytes(grownBytes))}.`
  if (captures === 2)
    return `${compared} Two captures cannot tell growth that goes on from memory that was needed once: a third one, taken after as much work again, decides.`
  if (suspects === 0)
    return `${compared} None grew in every interval. If the process still grows, its memory is elsewhere (outside this heap) or the captures are too close together.`
  return `${compared} ${suspects === 1 ? 'One grew' : `${formatCount(suspects)} grew`} without stopping and ${suspects === 1 ? 'explains' : 'explain'} ${formatShare(explainedShare)} of it.`
}

function remarks(
  captures: readonly GrowthCapture[],
  requests: readonly number[] | undefined,
  comparison: IdentityComparison | undefined,
  tracerBytes: number,
): string[] {
  const sentences: string[] = []
  const hasCounts = captures.some((capture) => capture.requests !== undefined)
  if (hasCounts && requests === undefined)
    sentences.push(
      'Growth per request is left out: every capture needs its request count, each higher than the one before.',
    )
  if (tracerBytes > 0)
    sentences.push(
      `The allocation tracer's own table grew by ${formatBytes(asBytes(tracerBytes))}: it comes with tracing and is left out of the shares.`,
    )
  if (comparison?.compactionHint !== undefined) sentences.push(comparison.compactionHint)
  return sentences
}

/** Request counts, when all are known and rise. */
function requestCounts(captures: readonly GrowthCapture[]): number[] | undefined {
  const counts: number[] = []
  for (const { requests } of captures) {
    if (requests === undefined || (counts.length > 0 && requests <= counts.at(-1)!)) return undefined
    counts.push(requests)
  }
  return counts
}

function comparedIdentities(
  captures: readonly GrowthCapture[],
  merged: MergedGroups,
): IdentityComparison | undefined {
  const tables = captures.flatMap((capture) => capture.identities ?? [])
  if (tables.length !== captures.length || captures.length < 2) return undefined
  return identityComparison(merged, tables, (row) => merged.describe(row).site !== undefined)
}

/** Rows whose count or bytes are not the same in all captures. */
function changedRows(merged: MergedGroups): number[] {
  const rows: number[] = []
  for (let row = 0; row < merged.groups; row++) {
    const isChanged = merged.counts.some(
      (column, capture) =>
        column[row] !== merged.counts[0]![row] || merged.bytes[capture]![row] !== merged.bytes[0]![row],
    )
    if (isChanged) rows.push(row)
  }
  return rows
}

const change = (columns: readonly Float64Array[], row: number): number =>
  columns.at(-1)![row]! - columns[0]![row]!

function sum(column: Float64Array): number {
  let total = 0
  for (const value of column) total += value
  return total
}
