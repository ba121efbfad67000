import type { Logger } from 'pino'
import {
  captureFacts,
  capturesWaitingFor,
  contentsWaitedFor,
  forgetFile,
  requeueStaleCapture,
  settleCapture,
  unusedFiles,
} from '#lib/db/captures'
import { database } from '#lib/db/client'
import { ContentLocks } from '#lib/db/content-locks'
import { isTableUsed, loadReport, removeReport } from '#lib/db/reports'
import { UserError } from '#lib/errors/user-error'
import type { InvestigationId } from '#lib/investigation/ids'
import type { CaptureRow } from '#lib/investigation/rows'
import type { CaptureProgress } from '#lib/realtime/protocol'
import { type CaptureReport, captureReportKey, readCaptureReport } from '#lib/reports/capture-report'
import { sweepFolder } from '#lib/storage/disk-store'
import { type Folders, openFolders, type RemoteStore } from '#lib/storage/folders'
import { storeHealth } from '#lib/storage/store-health'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes, gibibytes, mebibytes } from '#lib/units/quantity'
import { CaptureReader } from './capture-reader.ts'
import { Comparer } from './comparer.ts'
import { HeapQuestions } from './heap-questions.ts'
import { knownReport } from './known-report.ts'
import { WorkerPool } from './pool.ts'
import { QuestionDesk } from './question-desk.ts'
import { ReadQueue } from './read-queue.ts'
import { SeriesReader } from './series-reader.ts'
import { shareReadingNode, unshareReadingNode } from './shared-node.ts'
import { StackCaptures } from './stack-captures.ts'
import { TableCache } from './table-cache.ts'
import { workerFile } from './worker-file.ts'

const STUCK_EVERY_MS = 15_000
const TIDY_EVERY_MS = 60 * 60_000
const DAY_MS = 24 * 60 * 60_000
/** As often as a server may go down over one file before the file is suspected. */
const MAX_NODE_DEATHS = 2
/** Below this much free disk /api/health says so. */
const LOW_DISK = mebibytes(512)

export interface ReadingOptions {
  readonly dataDir: string
  /** A bucket for the files; without it they are in DATA_DIR. */
  readonly remote?: RemoteStore | undefined
  /** Reader threads. */
  readonly workers: number
  /** Threads for questions. */
  readonly questionWorkers?: number
  /** What opened heaps may take in memory, in MiB. */
  readonly openHeapsMib?: number
  readonly maxPlainGib: number
  readonly log: Logger
  readonly announceProgress: (investigationId: InvestigationId, progress: CaptureProgress) => void
  /** For tests: a worker file of their own, cold threads, a short patience. */
  readonly workerFile?: string
  readonly warmRounds?: number
  readonly timeoutMs?: number
  readonly heapMegabytes?: number
}

/** Starts reading captures on this node. The database must be connected. */
export async function startReading(options: ReadingOptions): Promise<ReadingNode> {
  const file = options.workerFile ?? (await workerFile())
  const node = new ReadingNode(options, file)
  await node.start(options.workers)
  shareReadingNode(node)
  return node
}

/** The stored files of this installation, the threads that read them, and the queue of what waits. */
export class ReadingNode {
  readonly folders: Folders
  readonly pool: WorkerPool
  readonly tables: TableCache
  readonly comparer: Comparer
  /** Questions about the objects of a capture. */
  readonly heaps: HeapQuestions
  /** Questions about captures of allocation stacks. */
  readonly stacks: StackCaptures
  readonly series: SeriesReader
  private readonly desk: QuestionDesk
  private readonly queue: ReadQueue
  private readonly locks: ContentLocks
  private readonly reader: CaptureReader
  private readonly log: Logger
  private readonly storeHealth: ReturnType<typeof storeHealth>
  private timers: NodeJS.Timeout[] = []
  private isStopping = false

  constructor(options: ReadingOptions, file: string) {
    const { url, pool } = database()
    this.log = options.log
    this.folders = openFolders(options.dataDir, options.remote)
    this.storeHealth = storeHealth(this.folders.store, () => performance.now())
    this.pool = new WorkerPool({
      workerFile: file,
      size: options.workers,
      ...(options.warmRounds !== undefined && { warmRounds: options.warmRounds }),
      ...(options.heapMegabytes !== undefined && { heapMegabytes: options.heapMegabytes }),
    })
    this.tables = new TableCache(this.folders.store)
    this.desk = new QuestionDesk({
      workerFile: file,
      threads: options.questionWorkers ?? 2,
      memoryBytes: mebibytes(options.openHeapsMib ?? 1024),
      log: options.log,
      ...(options.warmRounds !== undefined && { warmRounds: options.warmRounds }),
      ...(options.heapMegabytes !== undefined && { heapMegabytes: options.heapMegabytes }),
    })
    const reportOf = (capture: CaptureRow) => this.report(capture)
    this.comparer = new Comparer(this.desk, this.folders.store, reportOf)
    this.heaps = new HeapQuestions({
      desk: this.desk,
      store: this.folders.store,
      maxPlainBytes: gibibytes(options.maxPlainGib),
      reportOf,
    })
    this.stacks = new StackCaptures({ desk: this.desk, store: this.folders.store, reportOf })
    this.series = new SeriesReader(this.pool)
    this.locks = new ContentLocks(url)
    this.queue = new ReadQueue(pool, options.log)
    this.reader = new CaptureReader({
      pool: this.pool,
      folders: this.folders,
      locks: this.locks,
      log: options.log,
      maxPlainBytes: gibibytes(options.maxPlainGib),
      announceProgress: options.announceProgress,
      ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
    })
  }

  async start(slots: number): Promise<void> {
    void this.tellStore()
    await this.queue.start(slots, (sha256) => this.reader.read(sha256))
    await this.resumeStuck()
    this.every(STUCK_EVERY_MS, () => this.resumeStuck())
    this.every(TIDY_EVERY_MS, () => this.tidy())
  }

  /**
   * The report of a ready capture. One of another version, or without its tables, puts the capture in line again.
   * @throws UserError read/not-ready
   */
  async report({ id, label, state, sha256 }: CaptureRow): Promise<CaptureReport> {
    if (state !== 'ready' || sha256 === null) throw new UserError('read/not-ready', { label, state })
    const report = await knownReport(this.folders, sha256)
    if (report) return report
    await requeueStaleCapture(id)
    await this.enqueue(id)
    throw new UserError('read/not-ready', { label, state: 'being read again' })
  }

  /**
   * Looks at the stored tables of captures byte by byte, takes away those that are damaged, and has their captures read
   * again. Answers how many captures those are. About 1 s for 500 MB of tables.
   */
  async mend(captures: readonly CaptureRow[]): Promise<number> {
    const { store } = this.folders
    let mended = 0
    for (const { id, sha256 } of captures) {
      const report = sha256 === null ? undefined : await knownReport(this.folders, sha256)
      let damaged = 0
      for (const { sha256: name } of Object.values(report?.tables ?? {})) {
        const file = await store.local(name)
        const found = await this.pool
          .run<'hash'>({ kind: 'hash', path: file.path })
          .finally(() => file.release())
        if (found.sha256 === name) continue
        damaged++
        await store.remove(name)
      }
      if (damaged === 0) continue
      mended++
      this.log.warn(
        { captureId: id, sha256, damaged },
        'stored tables were damaged: the capture is read again',
      )
      await requeueStaleCapture(id)
      await this.enqueue(id)
    }
    return mended
  }

  /** Puts a stored capture in line to be read. Nothing happens when it does not wait for that. */
  async enqueue(captureId: string): Promise<void> {
    const facts = await captureFacts(captureId)
    if (facts?.sha256 && (facts.state === 'queued' || facts.state === 'reading'))
      await this.queue.add(facts.sha256)
  }

  /** Stops reading a capture that was cancelled or removed, unless others wait for the same content. */
  async cancel(captureId: string): Promise<void> {
    const facts = await captureFacts(captureId)
    if (facts?.sha256) return this.reader.stopUnlessWanted(facts.sha256)
    // The row is gone, and with it the content's name: ask for each content that is being read here.
    for (const sha256 of this.reader.contents) await this.reader.stopUnlessWanted(sha256)
  }

  /** Whoever set up a bucket wants to know whether it works before somebody uploads; it may come back later. */
  private async tellStore(): Promise<void> {
    const { store } = this.folders
    try {
      // Not by way of the health, which waits for 5 s: a node that starts is busy.
      await store.check()
      this.log.info({ store: store.name }, 'the store for files answers')
    } catch (error) {
      this.log.error({ err: error, store: store.name }, 'the store for files does not answer')
    }
  }

  /** The threads that answer questions. */
  get questions(): { threads: number; deaths: number } {
    return this.desk.facts
  }

  /** Facts for /api/health. */
  async health(): Promise<Record<'workers' | 'store' | 'disk', { ok: boolean; detail: string }>> {
    const { threads, busy, waiting, warm } = this.pool.facts
    const [free, store] = await Promise.all([this.folders.freeBytes(), this.storeHealth()])
    const questions = this.desk.facts
    return {
      workers: {
        ok: threads > 0 && questions.threads > 0,
        detail: `${formatCount(threads)} reader threads (${warm} warm), ${busy} at work, ${waiting} waiting, ${this.pool.deaths} replaced; ${questions.threads} for questions, ${questions.deaths} replaced`,
      },
      store,
      disk: { ok: free > LOW_DISK, detail: `${formatBytes(bytes(free))} free` },
    }
  }

  /**
   * Finds captures whose reader went down, and puts them in line again. A content over which the server went down twice
   * is given up with a sentence.
   */
  async resumeStuck(): Promise<void> {
    for (const sha256 of await contentsWaitedFor()) {
      if (this.isStopping) return
      if (this.reader.isReading(sha256)) continue
      if (!(await this.locks.take(sha256))) continue
      let orphans: string[]
      try {
        orphans = await this.queue.begun(sha256)
      } finally {
        await this.locks.release(sha256)
      }
      if (orphans.length < MAX_NODE_DEATHS) {
        await this.queue.add(sha256)
        continue
      }
      await this.queue.close(orphans)
      const problem = new UserError('read/stopped-twice').message
      for (const capture of await capturesWaitingFor(sha256))
        await settleCapture(capture, { state: 'failed', problem })
    }
  }

  /** Removes files that no capture has used for a day, and what crashes left half written. */
  async tidy(now = Date.now()): Promise<void> {
    const { store, work, cache } = this.folders
    for (const sha256 of await unusedFiles(new Date(now - DAY_MS))) {
      const body = await loadReport(captureReportKey(sha256))
      const report = body === undefined ? undefined : readCaptureReport(body)
      // The row first: a file without a row is only lost space, a row without its file is a broken capture.
      if (!(await forgetFile(sha256))) continue
      await removeReport(captureReportKey(sha256))
      for (const { sha256: table } of Object.values(report?.tables ?? {}))
        if (!(await isTableUsed(table))) await store.remove(table)
      await store.remove(sha256)
    }
    await sweepFolder(work, DAY_MS, now)
    await sweepFolder(cache, DAY_MS, now)
  }

  /** Stops taking work and ends the threads; what was being read is found again by the next start. */
  async close(): Promise<void> {
    this.isStopping = true
    for (const timer of this.timers.splice(0)) clearInterval(timer)
    unshareReadingNode(this)
    await Promise.all([this.pool.close(), this.desk.close()])
    await this.queue.stop()
    await this.locks.close()
    await this.folders.store.close()
  }

  private every(ms: number, work: () => Promise<void>): void {
    const timer = setInterval(() => {
      work().catch((error: unknown) => this.log.warn({ err: error }, 'tidying up has to wait'))
    }, ms)
    timer.unref()
    this.timers.push(timer)
  }
}
