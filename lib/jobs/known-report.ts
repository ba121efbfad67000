import type { Outcome } from '#lib/db/captures'
import { loadReport } from '#lib/db/reports'
import type { CaptureTotals } from '#lib/investigation/rows'
import { type CaptureReport, captureReportKey, readCaptureReport } from '#lib/reports/capture-report'
import type { HeapReport } from '#lib/reports/heap-report'
import type { StackReport } from '#lib/reports/stack-report'
import { summedKinds } from '#lib/stacks/totals'
import type { Folders } from '#lib/storage/folders'

/** The report of a content, when it is of today's version and its tables are still in the store. */
export async function knownReport(folders: Folders, sha256: string): Promise<CaptureReport | undefined> {
  const stored = await loadReport(captureReportKey(sha256))
  const report = stored === undefined ? undefined : readCaptureReport(stored)
  if (!report) return undefined
  const tables = Object.values(report.tables)
  const here = await Promise.all(tables.map((table) => folders.store.has(table.sha256)))
  return here.every(Boolean) ? report : undefined
}

/** What lists show of a report. */
export const readyOutcome = (report: CaptureReport): Extract<Outcome, { state: 'ready' }> => ({
  state: 'ready',
  format: report.format.label,
  totals: report.kind === 'heap' ? heapTotals(report) : stackTotals(report),
})

function heapTotals({ totals, readMs }: HeapReport): CaptureTotals {
  return {
    kind: 'heap',
    objects: totals.objects,
    shallowBytes: totals.shallowBytes,
    skippedLines: totals.badLines,
    // A definition is no trace of an allocation.
    tracedShare: totals.siteKind === 'definition' ? 0 : totals.tracedShare,
    partial: totals.isPartial || totals.truncatedAt !== null,
    readMs,
  }
}

/** Blocks and bytes in use, or of all that was allocated where a profile knows nothing else. Stacks are all sites. */
function stackTotals({ summary, readMs }: StackReport): CaptureTotals {
  const isInUse = summary.measures.some((measure) => measure.startsWith('in-use'))
  const totals = { objects: 0, shallowBytes: 0 }
  for (const { kind, totals: of } of summary.kinds) {
    if (!summedKinds.has(kind)) continue
    totals.objects += of[isInUse ? 'in-use-blocks' : 'allocated-blocks']
    totals.shallowBytes += of[isInUse ? 'in-use-bytes' : 'allocated-bytes']
  }
  const { skipped: skippedLines, truncated: partial } = summary
  return { kind: 'stacks', ...totals, skippedLines, tracedShare: 1, partial, readMs }
}
