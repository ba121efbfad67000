import { UserError } from '#lib/errors/user-error'
import type { ReadingQuestion } from '#lib/series/read-series'
import type { SeriesReading } from '#lib/series/reading'
import type { Samples } from '#lib/series/samples'
import { buffersIn } from './buffers.ts'
import type { LiveBatches } from './live-lines.ts'
import { Refused, TaskTimedOut, WorkerDied, type WorkerPool } from './pool.ts'
import type { LinesTask, ReadingTask, SeriesFile, SeriesTask } from './tasks.ts'

const TIMEOUT_MINUTES = 2

/** Memory graphs, read and judged in the worker pool: the event loop never parses. */
export class SeriesReader {
  private readonly pool: WorkerPool

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

  /** The first reading. The samples are copied, 16 MB a million, about 5 ms. @throws UserError read/crashed · read/too-slow */
  async reading({ t, v, pids }: Samples, question: ReadingQuestion): Promise<SeriesReading> {
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
