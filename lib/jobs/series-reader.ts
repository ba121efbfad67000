import { UserError } from '#lib/errors/user-error'
import type { LivesView } from '#lib/series/lives-view'
import type { GraphReading } from '#lib/series/read-graph'
import type { ReadingQuestion } from '#lib/series/read-series'
import type { SeriesReading } from '#lib/series/reading'
import type { RestartEvidence } from '#lib/series/restarts'
import type { Samples } from '#lib/series/samples'
import type { GrowthPlaces, GrowthPlacesInput } from '#lib/series/where-it-grows-all'
import { buffersIn } from './buffers.ts'
import type { LiveBatches } from './live-lines.ts'
import type { LiveMetrics, MetricsRequest } from './live-metrics.ts'
import { Refused, TaskTimedOut, WorkerDied, type WorkerPool } from './pool.ts'
import type { SourceMatrix } from './source-matrix.ts'
import type {
  LinesTask,
  LivesTask,
  MatrixTask,
  MetricsTask,
  PlacesTask,
  ReadingTask,
  SeriesFile,
  SeriesTask,
} from './tasks.ts'

const TIMEOUT_MINUTES = 2
/** Readings that a node keeps: everybody in a room asks for the same few. */
const KEPT = 64

/** Memory graphs, read and judged in the worker pool: the event loop never parses. */
export class SeriesReader {
  private readonly pool: WorkerPool
  /** By key, oldest use first. */
  private readonly kept = new Map<string, Promise<GraphReading>>()
  private readonly keptPlaces = new Map<string, Promise<GrowthPlaces>>()

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

  /** What a machine's metrics hold. The body is handed over. @throws as `liveMetrics`, and read/crashed · read/too-slow */
  async metrics(request: MetricsRequest): Promise<LiveMetrics> {
    return this.run<'metrics'>({ kind: 'metrics', ...request }, [request.body.buffer])
  }

  /** What a Prometheus answered. The body is handed over. @throws as `sourceMatrix`, and read/crashed · read/too-slow */
  async matrix(body: Uint8Array<ArrayBuffer>): Promise<SourceMatrix> {
    return this.run<'matrix'>({ kind: 'matrix', body }, [body.buffer])
  }

  /**
   * The first reading; of one series, version and range it is computed once for all who ask. The samples are copied,
   * 16 MB a million, about 5 ms.
   * @param key names series, version and range. @throws UserError read/crashed · read/too-slow
   */
  async reading(key: string, samples: Samples, question: ReadingQuestion): Promise<SeriesReading> {
    return (await this.graph(key, samples, question, null)).reading
  }

  /**
   * The reading with what a thousand of the counter cost.
   * @param key names series, versions and range. @throws UserError read/crashed · read/too-slow
   */
  async graph(
    key: string,
    samples: Samples,
    question: ReadingQuestion,
    counter: Samples | null,
  ): Promise<GraphReading> {
    const name = `${key} ${JSON.stringify(question)}`
    return remembered(this.kept, name, () => {
      const task = { samples: copied(samples), question, counter: counter && copied(counter) }
      return this.run<'reading'>({ kind: 'reading', ...task }, [
        ...buffersIn(task.samples),
        ...(task.counter ? buffersIn(task.counter) : []),
      ])
    })
  }

  /** The lives of a process on top of each other. @throws UserError read/crashed · read/too-slow */
  async lives(
    samples: Samples,
    evidence: RestartEvidence,
    by: LivesView['by'],
    counter: Samples | null,
  ): Promise<LivesView> {
    const task = { samples: copied(samples), evidence, by, counter: counter && copied(counter) }
    return this.run<'lives'>({ kind: 'lives', ...task }, [
      ...buffersIn(task.samples),
      ...(task.counter ? buffersIn(task.counter) : []),
    ])
  }

  /**
   * Where memory grows (lib/series/where-it-grows-all.ts); computed once like a reading.
   * @param key names everything that the input is made of. @throws UserError read/crashed · read/too-slow
   */
  async places(key: string, input: GrowthPlacesInput): Promise<GrowthPlaces> {
    return remembered(this.keptPlaces, key, () => this.run<'places'>({ kind: 'places', input }, []))
  }

  private async run<K extends 'series' | 'lines' | 'metrics' | 'matrix' | 'reading' | 'lives' | 'places'>(
    task: Extract<
      SeriesTask | LinesTask | MetricsTask | MatrixTask | ReadingTask | LivesTask | PlacesTask,
      { kind: K }
    >,
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

const copied = ({ t, v, pids }: Samples): Samples => ({
  t: t.slice(),
  v: v.slice(),
  ...(pids && { pids: pids.slice() }),
})

/** What is kept under the name, or computed now; the oldest use goes first. */
function remembered<T>(kept: Map<string, Promise<T>>, name: string, compute: () => Promise<T>): Promise<T> {
  const found = kept.get(name) ?? compute()
  kept.delete(name)
  kept.set(name, found)
  // What failed is tried again by the next who asks.
  found.catch(() => kept.delete(name))
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT) break
    kept.delete(oldest)
  }
  return found
}
