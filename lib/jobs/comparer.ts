import { createHash } from 'node:crypto'
import { loadReport, saveReport } from '#lib/db/reports'
import { UserError } from '#lib/errors/user-error'
import type { CaptureRow } from '#lib/investigation/rows'
import { GROWTH_REPORT_VERSION, type GrowthReport, readGrowthReport } from '#lib/reports/growth-report'
import { HEAP_REPORT_VERSION, type HeapReport } from '#lib/reports/heap-report'
import type { Store } from '#lib/storage/store'
import { TaskTimedOut, WorkerDied, type WorkerPool } from './pool.ts'

/** Comparisons that a node keeps in memory: people page and filter through the newest few. */
const KEPT = 16
const COMPARE_TIMEOUT_MS = 5 * 60_000

/** Compares captures in the worker pool; the same comparison is computed once and stored. */
export class Comparer {
  private readonly pool: WorkerPool
  private readonly store: Store
  private readonly reportOf: (capture: CaptureRow) => Promise<HeapReport>
  /** By key, oldest use first. */
  private readonly kept = new Map<string, Promise<GrowthReport>>()

  constructor(pool: WorkerPool, store: Store, reportOf: (capture: CaptureRow) => Promise<HeapReport>) {
    this.pool = pool
    this.store = store
    this.reportOf = reportOf
  }

  /**
   * What grew between these captures, which are given in the order of time.
   * @throws UserError compare/too-few · read/not-ready · read/crashed · read/too-slow
   */
  async compare(captures: readonly CaptureRow[]): Promise<GrowthReport> {
    if (captures.length < 2) throw new UserError('compare/too-few')
    for (const { label, state } of captures)
      if (state !== 'ready') throw new UserError('read/not-ready', { label, state })
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

  private async load(key: string, captures: readonly CaptureRow[]): Promise<GrowthReport> {
    const stored = await loadReport(key)
    const known = stored === undefined ? undefined : readGrowthReport(stored)
    if (known) return known
    const reports = await Promise.all(captures.map(this.reportOf))
    const report = await this.compute(captures, reports)
    await saveReport(key, report)
    return report
  }

  private async compute(
    captures: readonly CaptureRow[],
    reports: readonly HeapReport[],
  ): Promise<GrowthReport> {
    const { store } = this
    const files = await Promise.all(
      reports.flatMap(({ tables }) => [
        store.local(tables.groups.sha256),
        store.local(tables.identities.sha256),
      ]),
    )
    try {
      const compared = captures.map((capture, index) => ({
        groups: files[index * 2]!.path,
        identities: files[index * 2 + 1]!.path,
        requests: capture.requestCount ?? undefined,
      }))
      const task = { kind: 'compare', captures: compared } as const
      return await this.pool.run<'compare'>(task, { timeoutMs: COMPARE_TIMEOUT_MS })
    } catch (error) {
      if (error instanceof WorkerDied) throw new UserError('read/crashed')
      if (error instanceof TaskTimedOut)
        throw new UserError('read/too-slow', { minutes: COMPARE_TIMEOUT_MS / 60_000 })
      throw error
    } finally {
      await Promise.all(files.map((file) => file.release()))
    }
  }
}

/** What decides the result, and nothing else: contents, request counts, order, versions. */
function growthKey(captures: readonly CaptureRow[]): string {
  const inputs = captures.map(({ sha256, requestCount }) => [sha256, requestCount])
  const text = JSON.stringify([GROWTH_REPORT_VERSION, HEAP_REPORT_VERSION, inputs])
  return `growth:${createHash('sha256').update(text).digest('hex')}`
}
