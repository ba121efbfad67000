import { createHash } from 'node:crypto'
import { loadReport, saveReport } from '#lib/db/reports'
import { UserError } from '#lib/errors/user-error'
import type { CaptureRow } from '#lib/investigation/rows'
import type { CaptureReport } from '#lib/reports/capture-report'
import { GROWTH_REPORT_VERSION, type GrowthReport, readGrowthReport } from '#lib/reports/growth-report'
import { HEAP_REPORT_VERSION } from '#lib/reports/heap-report'
import { STACK_REPORT_VERSION } from '#lib/reports/stack-report'
import { sampledEvery } from '#lib/stacks/stack-profile'
import type { LocalBlob, Store } from '#lib/storage/store'
import type { QuestionDesk } from './question-desk.ts'
import type { Circumstances, ComparedFile } from './tasks.ts'

/** Comparisons that a node keeps in memory: people page and filter through the newest few. */
const KEPT = 16

/** A capture with what is known of the moment at which it was taken. */
export interface ComparedCapture {
  readonly capture: CaptureRow
  readonly circumstances: Circumstances
}

/** Compares captures in the question threads; the same comparison is computed once and stored. */
export class Comparer {
  private readonly desk: QuestionDesk
  private readonly store: Store
  private readonly reportOf: (capture: CaptureRow) => Promise<CaptureReport>
  /** By key, oldest use first. */
  private readonly kept = new Map<string, Promise<GrowthReport>>()

  constructor(desk: QuestionDesk, store: Store, reportOf: (capture: CaptureRow) => Promise<CaptureReport>) {
    this.desk = desk
    this.store = store
    this.reportOf = reportOf
  }

  /**
   * What grew between these captures, which are given in the order of time.
   * @throws UserError compare/too-few · compare/mixed · read/not-ready · read/crashed · read/question-too-slow
   */
  async compare(captures: readonly ComparedCapture[]): Promise<GrowthReport> {
    if (captures.length < 2) throw new UserError('compare/too-few')
    for (const { capture } of captures)
      if (capture.state !== 'ready')
        throw new UserError('read/not-ready', { label: capture.label, state: capture.state })
    const key = growthKey(captures)
    const known = this.kept.get(key)
    this.kept.delete(key)
    const report = known ?? this.load(key, captures)
    this.kept.set(key, report)
    // What failed is tried again by the next who asks.
    report.catch(() => this.kept.delete(key))
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= KEPT) break
      this.kept.delete(oldest)
    }
    return report
  }

  private async load(key: string, captures: readonly ComparedCapture[]): Promise<GrowthReport> {
    const stored = await loadReport(key)
    const known = stored === undefined ? undefined : readGrowthReport(stored)
    if (known) return known
    const reports = await Promise.all(captures.map(({ capture }) => this.reportOf(capture)))
    refuseMixed(reports)
    const report = await this.compute(captures, reports)
    await saveReport(key, report)
    return report
  }

  private async compute(
    captures: readonly ComparedCapture[],
    reports: readonly CaptureReport[],
  ): Promise<GrowthReport> {
    const opened: Promise<LocalBlob>[] = []
    const open = async (table: { readonly sha256: string }): Promise<string> => {
      const file = this.store.local(table.sha256)
      opened.push(file)
      return (await file).path
    }
    try {
      const compared = await Promise.all(
        captures.map(async ({ circumstances }, index): Promise<ComparedFile> => {
          // reason: there is one report for each capture.
          const report = reports[index] as CaptureReport
          const { tables } = report
          const [groups, identities, owners] = await Promise.all([
            open(tables.groups),
            'identities' in tables ? open(tables.identities) : undefined,
            'owners' in tables ? open(tables.owners) : undefined,
          ])
          const sampled = report.kind === 'stacks' ? sampledEvery(report.summary.sampling) : undefined
          const siteKind = report.kind === 'heap' ? report.totals.siteKind : undefined
          return { groups, identities, owners, circumstances, siteKind, sampledEvery: sampled }
        }),
      )
      return await this.desk.compare({ kind: 'compare', captures: compared })
    } finally {
      // Of these some may still be on their way, when another one could not be had.
      await Promise.allSettled(opened.map(async (file) => (await file).release()))
    }
  }
}

/** @throws UserError compare/mixed */
function refuseMixed(reports: readonly CaptureReport[]): void {
  const heaps = reports.filter(({ kind }) => kind === 'heap').length
  if (heaps > 0 && heaps < reports.length)
    throw new UserError('compare/mixed', { heaps, stacks: reports.length - heaps })
}

/** What decides the result, and nothing else: contents, circumstances, order, versions. */
function growthKey(captures: readonly ComparedCapture[]): string {
  const inputs = captures.map(({ capture, circumstances }) => [
    capture.sha256,
    circumstances.requests,
    circumstances.takenAtMs,
    circumstances.process,
    circumstances.rssBytes,
  ])
  const text = JSON.stringify([GROWTH_REPORT_VERSION, HEAP_REPORT_VERSION, STACK_REPORT_VERSION, inputs])
  return `growth:${createHash('sha256').update(text).digest('hex')}`
}
