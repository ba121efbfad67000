import { UserError } from '#lib/errors/user-error'
import type { ReadingQuestion } from '#lib/series/read-series'
import type { SeriesReading } from '#lib/series/reading'
import type { Samples } from '#lib/series/samples'
import { buffersIn } from './buffers.ts'
import type { LiveBatches } from './live-lines.ts'
import { Refused, TaskTimedOut, WorkerDied, type WorkerPool } from './pool.ts'
import type { LinesTask, ReadingTask, SeriesFile, SeriesTask } from './tasks.ts'

const TIMEOUT_MINUTES = 2
/** Readings that a node keeps: everybody in a room asks for the same few. */
const KEPT = 64

/** Memory graphs, read and judged in the worker pool: the event loop never parses. */
export class SeriesReader {
  private readonly pool: WorkerPool
  /** By key, oldest use first. */
  private readonly kept = new Map<string, Promise<SeriesReading>>()

  constructor(pool: WorkerPool) {
    this.pool = pool
  }

  /**
   * A file's series or their preview. The body is handed over: it is empty afterwards.
   * @throws UserError format/* · series/no-samples · read/crashed · read/too-slow
   */
  async file(task: Omit<SeriesTask, 'kind'>): Promise<SeriesFile> {
    return this.run<'series'>({ kind: 'series', ...task }, [task.body.buffer])
  }

  /** What a machine's lines hold. The body is handed over. @throws UserError read/crashed · read/too-slow */
  async lines(body: Uint8Array<ArrayBuffer>, nowMs: number): Promise<LiveBatches> {
    return this.run<'lines'>({ kind: 'lines', body, nowMs }, [body.buffer])
  }

  /**
   * The first reading; of one series, version and range it is computed once for all who ask. The samples are copied,
   * 16 MB a million, about 5 ms.
   * @param key names series, version and range. @throws UserError read/crashed · read/too-slow
   */
  async reading(key: string, samples: Samples, question: ReadingQuestion): Promise<SeriesReading> {
    const name = `${key} ${JSON.stringify(question)}`
    const known = this.kept.get(name)
    this.kept.delete(name)
    const reading = known ?? this.compute(samples, question)
    this.kept.set(name, reading)
    // What failed is tried again by the next who asks.
    reading.catch(() => this.kept.delete(name))
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= KEPT) break
      this.kept.delete(oldest)
    }
    return reading
  }

  private compute({ t, v, pids }: Samples, question: ReadingQuestion): Promise<SeriesReading> {
    const samples = { t: t.slice(), v: v.slice(), ...(pids && { pids: pids.slice() }) }
    return this.run<'reading'>({ kind: 'reading', samples, question }, buffersIn(samples))
  }

  private async run<K extends 'series' | 'lines' | 'reading'>(
    task: Extract<SeriesTask | LinesTask | ReadingTask, { kind: K }>,
    transfer: readonly ArrayBuffer[],
  ) {
    try {
      return await this.pool.run<K>(task, { transfer, timeoutMs: TIMEOUT_MINUTES * 60_000 })
    } catch (error) {
      if (error instanceof Refused) throw UserError.retold(error.code, error.status, error.message)
      if (error instanceof WorkerDied) throw new UserError('read/crashed')
      if (error instanceof TaskTimedOut) throw new UserError('read/too-slow', { minutes: TIMEOUT_MINUTES })
      throw error
    }
  }
}
