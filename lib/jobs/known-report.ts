import type { Outcome } from '#lib/db/captures'
import { loadReport } from '#lib/db/reports'
import type { CaptureTotals } from '#lib/investigation/rows'
import { type CaptureReport, captureReportKey, readCaptureReport } from '#lib/reports/capture-report'
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
export function readyOutcome(report: CaptureReport): Extract<Outcome, { state: 'ready' }> {
  const { totals } = report
  const listed: CaptureTotals = {
    objects: totals.objects,
    shallowBytes: totals.shallowBytes,
    skippedLines: totals.badLines,
    tracedShare: totals.tracedShare,
    partial: totals.isPartial || totals.truncatedAt !== null,
    readMs: report.readMs,
  }
  return { state: 'ready', format: report.format.label, totals: listed }
}
