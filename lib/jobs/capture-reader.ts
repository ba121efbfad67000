import { MessageChannel } from 'node:worker_threads'
import type { Logger } from 'pino'
import {
  capturesWaitingFor,
  type Outcome,
  recordPlainSize,
  settleCapture,
  type WaitingCapture,
} from '#lib/db/captures'
import type { ContentLocks } from '#lib/db/content-locks'
import { saveReport } from '#lib/db/reports'
import { BUG_SENTENCE, UserError } from '#lib/errors/user-error'
import type { InvestigationId } from '#lib/investigation/ids'
import type { CaptureProgress } from '#lib/realtime/protocol'
import { type CaptureReport, captureReportKey } from '#lib/reports/capture-report'
import { HEAP_REPORT_VERSION } from '#lib/reports/heap-report'
import { STACK_REPORT_VERSION } from '#lib/reports/stack-report'
import type { Folders } from '#lib/storage/folders'
import type { Store, StoredBlob } from '#lib/storage/store'
import { mebibytes } from '#lib/units/quantity'
import { knownReport, readyOutcome } from './known-report.ts'
import { Refused, TaskCancelled, TaskTimedOut, WorkerDied, type WorkerPool } from './pool.ts'
import type { ReadResult, TaskProgress, WrittenFile } from './tasks.ts'

/** A file that takes longer than this is hanging: the largest we tested takes seconds. */
export const READ_TIMEOUT_MINUTES = 20

/** A smaller file is read before a second thread has begun. */
const WORTH_SHARING = mebibytes(64)

export interface ReaderNeeds {
  readonly pool: WorkerPool
  readonly folders: Folders
  readonly locks: ContentLocks
  readonly log: Logger
  readonly maxPlainBytes: number
  readonly announceProgress: (investigationId: InvestigationId, progress: CaptureProgress) => void
  readonly timeoutMs?: number
}

/**
 * Reads stored contents for all captures that wait for them. Work is by content, not by capture: the same file in three
 * rooms is read once and settles all three.
 */
export class CaptureReader {
  private readonly needs: ReaderNeeds
  /** Contents that this node works on, with the way to stop. */
  private readonly active = new Map<string, AbortController>()

  constructor(needs: ReaderNeeds) {
    this.needs = needs
  }

  isReading(sha256: string): boolean {
    return this.active.has(sha256)
  }

  /** Contents that this node works on now. */
  get contents(): string[] {
    return [...this.active.keys()]
  }

  /**
   * Reads one content, unless this or another node does so already, and settles every capture that waits for it. Never
   * throws for the file's sake: what goes wrong is in the captures' rows. @throws when PostgreSQL is out of reach.
   */
  async read(sha256: string): Promise<void> {
    const { locks } = this.needs
    if (this.active.has(sha256)) return
    const controller = new AbortController()
    this.active.set(sha256, controller)
    try {
      if (!(await locks.take(sha256))) return
      try {
        await this.readLocked(sha256, controller.signal)
      } finally {
        await locks.release(sha256).catch(() => {})
      }
    } finally {
      this.active.delete(sha256)
    }
  }

  /** Stops the work on a content when nobody waits for it any more. */
  async stopUnlessWanted(sha256: string): Promise<void> {
    const controller = this.active.get(sha256)
    if (!controller) return
    if ((await capturesWaitingFor(sha256)).length === 0) controller.abort()
  }

  private async readLocked(sha256: string, signal: AbortSignal): Promise<void> {
    const waiting = await capturesWaitingFor(sha256)
    if (waiting.length === 0) return
    const known = await this.knownOutcome(sha256)
    if (known) return settleAll(sha256, known)
    for (const capture of waiting) await settleCapture(capture, { state: 'reading' })
    const outcome = await this.outcome(sha256, waiting, signal)
    // Asked anew: somebody may have attached the same file meanwhile, or taken hers away.
    if (outcome) await settleAll(sha256, outcome)
  }

  /** Ready when the content was read before, failed when the store does not answer; undefined when it is to be read. */
  private async knownOutcome(sha256: string): Promise<Outcome | undefined> {
    const { folders, log } = this.needs
    try {
      const report = await knownReport(folders, sha256)
      return report && readyOutcome(report)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      log.error({ err: error, sha256 }, 'a capture could not be read')
      return { state: 'failed', problem: error.message }
    }
  }

  /** What reading comes to; undefined when it was cancelled. */
  private async outcome(
    sha256: string,
    waiting: readonly WaitingCapture[],
    signal: AbortSignal,
  ): Promise<Outcome | undefined> {
    const { log } = this.needs
    try {
      const report = await this.makeReport(sha256, waiting, signal)
      log.info({ sha256, readMs: Math.round(report.readMs), format: report.format.id }, 'capture read')
      return readyOutcome(report)
    } catch (error) {
      if (error instanceof TaskCancelled) return undefined
      if (!(error instanceof Refused)) log.error({ err: error, sha256 }, 'a capture could not be read')
      return { state: 'failed', problem: this.sentence(error) }
    }
  }

  private async makeReport(
    sha256: string,
    waiting: readonly WaitingCapture[],
    signal: AbortSignal,
  ): Promise<CaptureReport> {
    const { pool, folders, maxPlainBytes } = this.needs
    const { store, work } = folders
    const file = await store.local(sha256)
    try {
      const storedBytes = (await store.size(sha256)) ?? 0
      const task = {
        kind: 'read',
        path: file.path,
        fileName: waiting[0]?.fileName ?? '',
        storedBytes,
        maxPlainBytes,
        workFolder: work,
      } as const
      const timeoutMs = this.needs.timeoutMs ?? READ_TIMEOUT_MINUTES * 60_000
      const help = storedBytes >= WORTH_SHARING && pool.idle >= 2 ? new MessageChannel() : undefined
      const reading = pool.run<'read'>(help ? { ...task, help: help.port1 } : task, {
        signal,
        timeoutMs,
        onProgress: this.announcer(waiting),
        ...(help && { transfer: [help.port1] }),
      })
      if (help) {
        const helping = { kind: 'help', path: file.path, port: help.port2 } as const
        // Whatever becomes of it: the reader does without, and says what is wrong with the file.
        pool.run<'help'>(helping, { signal, timeoutMs, transfer: [help.port2] }).catch(() => {})
      }
      const result = await reading
      const report = await storeResult(folders, sha256, storedBytes, result)
      await saveReport(captureReportKey(sha256), report)
      await recordPlainSize(sha256, result.plainBytes)
      return report
    } finally {
      await file.release()
    }
  }

  /** Tells every room that waits how far it is. */
  private announcer(waiting: readonly WaitingCapture[]): (progress: TaskProgress) => void {
    const { announceProgress } = this.needs
    const started = performance.now()
    return (progress) => {
      const seconds = Math.max(0.001, (performance.now() - started) / 1000)
      const bytesPerSecond = progress.bytesDone / seconds
      for (const { id, investigationId, userName } of waiting)
        announceProgress(investigationId, { ...progress, captureId: id, bytesPerSecond, userName })
    }
  }

  private sentence(error: unknown): string {
    if (error instanceof Refused || error instanceof UserError) return error.message
    if (error instanceof WorkerDied) return new UserError('read/crashed').message
    if (error instanceof TaskTimedOut)
      return new UserError('read/too-slow', {
        minutes: Math.ceil((this.needs.timeoutMs ?? READ_TIMEOUT_MINUTES * 60_000) / 60_000),
      }).message
    return BUG_SENTENCE
  }
}

async function settleAll(sha256: string, outcome: Outcome): Promise<void> {
  for (const capture of await capturesWaitingFor(sha256)) await settleCapture(capture, outcome)
}

/** Takes the written tables over into the store and puts the report together. */
async function storeResult(
  { store }: Folders,
  sha256: string,
  storedBytes: number,
  result: ReadResult,
): Promise<CaptureReport> {
  const file = { sha256, storedBytes }
  if (result.kind === 'heap') {
    const tables = await adopted(store, result.tables)
    return { ...result, ...file, version: HEAP_REPORT_VERSION, tables }
  }
  const tables = await adopted(store, result.tables)
  return { ...result, ...file, version: STACK_REPORT_VERSION, tables }
}

async function adopted<T extends string>(
  store: Store,
  tables: Readonly<Record<T, WrittenFile>>,
): Promise<Record<T, StoredBlob>> {
  // reason: Object.entries of a record lists exactly its keys; TypeScript widens them to string.
  const entries = Object.entries(tables) as [T, WrittenFile][]
  const taken = await Promise.all(
    entries.map(async ([name, { path, sha256 }]) => [name, await store.adopt(path, sha256)] as const),
  )
  // reason: one entry for each key.
  return Object.fromEntries(taken) as Record<T, StoredBlob>
}
