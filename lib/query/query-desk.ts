import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { UserError } from '#lib/errors/user-error'
import { CSV_ROWS, type QueryAnswer, SHOWN_ROWS } from '#lib/reports/query-answer'
import { type QueryableKind, queryTables } from '#lib/reports/query-tables'
import { bytes as asBytes } from '#lib/units/quantity'
import * as LIMITS from './limits.ts'
import type { ExportPart, ExportSource, QueryJob, QueryMessage, StatementJob } from './messages.ts'
import { ParquetCache } from './parquet-cache.ts'
import {
  type ProcessOptions,
  QueryCancelled,
  QueryDied,
  QueryTimedOut,
  type RunningQuery,
  startQuery,
} from './query-process.ts'
import { Slots } from './slots.ts'

/** A capture that can be asked. */
export interface Queryable {
  readonly kind: QueryableKind
  /** SHA-256 of what is exported: new content or a new analysis has another. */
  readonly sha256: string
  /** Local paths of its columns, for as long as the work takes. */
  withSource<T>(work: (source: ExportSource) => Promise<T>): Promise<T>
}

export interface DeskOptions {
  readonly folder: string
  /** The bundled lib/query/child.ts, built when it is first needed. */
  readonly childFile: () => Promise<string>
  /** Hears of processes that died, for the log. */
  readonly onCrash?: (error: Error) => void
  /** For tests: shorter patience, less room. */
  readonly queryTimeoutMs?: number
  readonly cacheBytes?: number
  readonly memoryBytes?: number
}

/** Who asks, and until when she wants to know. */
export interface Asker {
  /** One statement at a time each. */
  readonly key: string
  readonly signal?: AbortSignal | undefined
}

/** The large tables are made only for statements that seem to name them. */
const NAMES_LARGE = /\brefs\b/i

/** Runs SQL over captures in processes of their own, and keeps their exported tables. One per node. */
export class QueryDesk {
  readonly cache: ParquetCache
  private readonly options: DeskOptions
  private readonly exports = new Slots(1, LIMITS.WAITING)
  private readonly statements = new Slots(LIMITS.PROCESSES, LIMITS.WAITING)
  /** Downloads last as long as a line is slow: they must not stand in the way of questions. */
  private readonly downloads = new Slots(LIMITS.PROCESSES, LIMITS.WAITING)
  private readonly asking = new Set<string>()

  constructor(options: DeskOptions) {
    this.options = options
    this.cache = new ParquetCache(options.folder, options.cacheBytes ?? LIMITS.CACHE_BYTES)
  }

  /** Begins to make the usual tables of a capture, when they are not there. What goes wrong is told to whoever asks. */
  prepare(capture: Queryable): void {
    this.cache.using(keyOf(capture), () => this.ensure(capture, 'usual', { key: '' })).catch(() => {})
  }

  /** The rows of a statement, as many as a page shows. @throws UserError query/*, with QueryProblem as detail where known */
  async answer(capture: Queryable, sql: string, asker: Asker): Promise<QueryAnswer> {
    return this.alone(asker, () =>
      this.cache.using(keyOf(capture), async (folder) => {
        const exportMs = await this.ensure(capture, NAMES_LARGE.test(sql) ? 'large' : 'usual', asker)
        const release = await this.statements.take(asker.signal)
        try {
          const running = await this.start(this.statement(capture, sql, folder, 'answer'), {
            timeoutMs: this.queryTimeoutMs,
            signal: asker.signal,
          })
          const message = await running.first
          if (message.kind !== 'answer') throw this.failureOf(message, sql)
          return { ...message.answer, exportMs }
        } finally {
          release()
        }
      }),
    ).catch((error: unknown) => {
      throw this.told(error, this.queryTimeoutMs, asker)
    })
  }

  /**
   * All rows of a statement as CSV, written while it is read. Faults of the statement are thrown before the stream begins;
   * the process ends when the stream is destroyed.
   */
  async csv(capture: Queryable, sql: string, asker: Asker): Promise<Readable> {
    return new Promise<Readable>((begun, failed) => {
      void this.alone({ ...asker, key: `${asker.key} csv` }, () =>
        this.cache.using(keyOf(capture), async (folder) => {
          await this.ensure(capture, NAMES_LARGE.test(sql) ? 'large' : 'usual', asker)
          const release = await this.downloads.take(asker.signal)
          try {
            const running = await this.start(this.statement(capture, sql, folder, 'csv'), {
              timeoutMs: LIMITS.CSV_TIMEOUT_MS,
              signal: asker.signal,
            })
            const message = await running.first
            if (message.kind !== 'streaming') throw this.failureOf(message, sql)
            running.output.once('close', () => running.stop(new QueryCancelled()))
            begun(running.output)
            // A break after the first rows shows as a torn download.
            await running.ended.catch((error: Error) => running.output.destroy(error))
          } finally {
            release()
          }
        }),
      ).catch((error: unknown) => failed(this.told(error, LIMITS.CSV_TIMEOUT_MS, asker)))
    })
  }

  /** Runs `work` with the Parquet file of one table. @throws UserError request/not-found */
  async parquet<T>(
    capture: Queryable,
    table: string,
    asker: Asker,
    work: (path: string) => Promise<T>,
  ): Promise<T> {
    const asked = queryTables(capture.kind).find(({ name }) => name === table)
    if (!asked) throw new UserError('request/not-found', { what: 'table' })
    return this.cache
      .using(keyOf(capture), async (folder) => {
        await this.ensure(capture, asked.isLarge ? 'large' : 'usual', asker)
        return work(join(folder, `${table}.parquet`))
      })
      .catch((error: unknown) => {
        throw this.told(error, LIMITS.EXPORT_TIMEOUT_MS, asker)
      })
  }

  private get queryTimeoutMs(): number {
    return this.options.queryTimeoutMs ?? LIMITS.QUERY_TIMEOUT_MS
  }
  private get memoryBytes(): number {
    return this.options.memoryBytes ?? LIMITS.QUERY_MEMORY
  }

  /** One statement per person. @throws UserError query/busy */
  private async alone<T>({ key }: Asker, work: () => Promise<T>): Promise<T> {
    if (this.asking.has(key)) throw new UserError('query/busy')
    this.asking.add(key)
    try {
      return await work()
    } finally {
      this.asking.delete(key)
    }
  }

  /** Makes the tables that are missing. Whoever leaves meanwhile leaves alone: others and a next time want them too. */
  private async ensure(capture: Queryable, part: ExportPart, { signal }: Asker): Promise<number> {
    const hasLarge = queryTables(capture.kind).some(({ isLarge }) => isLarge)
    const parts: ExportPart[] = part === 'large' && hasLarge ? ['usual', 'large'] : ['usual']
    let ms = 0
    for (const wanted of parts) {
      const made = this.cache.ensure(keyOf(capture), markOf(capture.kind, wanted), (folder) =>
        capture.withSource((source) => this.export(source, folder, wanted)),
      )
      ms += await orAborted(made, signal)
    }
    return ms
  }

  private async export(source: ExportSource, folder: string, part: ExportPart): Promise<void> {
    const release = await this.exports.take()
    try {
      await mkdir(join(folder, 'spill'), { recursive: true })
      const job: QueryJob = {
        kind: 'export',
        source,
        folder,
        part,
        memoryBytes: LIMITS.EXPORT_MEMORY,
        processBytes: LIMITS.EXPORT_PROCESS_MEMORY,
      }
      const running = await this.start(job, { timeoutMs: LIMITS.EXPORT_TIMEOUT_MS })
      const message = await running.first
      await running.ended
      if (message.kind !== 'exported') throw this.failureOf(message, '')
    } finally {
      release()
    }
  }

  private statement({ kind }: Queryable, sql: string, folder: string, as: StatementJob['as']): StatementJob {
    const named = queryTables(kind).filter(({ isLarge }) => !isLarge || NAMES_LARGE.test(sql))
    return {
      kind: 'statement',
      sql,
      folder,
      as,
      tables: named.map(({ name }) => name),
      maxRows: as === 'csv' ? CSV_ROWS : SHOWN_ROWS,
      maxBytes: as === 'csv' ? LIMITS.CSV_BYTES : LIMITS.ANSWER_BYTES,
      memoryBytes: this.memoryBytes,
      processBytes: LIMITS.QUERY_PROCESS_MEMORY,
    }
  }

  private async start(
    job: QueryJob,
    { timeoutMs, signal }: Pick<ProcessOptions, 'timeoutMs' | 'signal'>,
  ): Promise<RunningQuery> {
    const file = await this.options.childFile()
    const heapMegabytes = job.kind === 'export' ? 4096 : 512
    return startQuery(job, { file, timeoutMs, signal, heapMegabytes })
  }

  private failureOf(message: QueryMessage, sql: string): Error {
    switch (message.kind) {
      case 'refused': {
        const refused = new UserError('query/refused', { why: message.sentence })
        return message.at ? refused.carrying(message.at) : refused
      }
      case 'out-of-memory': {
        const limit = sql === '' ? LIMITS.EXPORT_MEMORY : asBytes(this.memoryBytes)
        return new UserError('query/too-much-memory', { limit })
      }
      case 'disk-full':
        return new UserError('upload/disk-full')
      case 'damaged':
        return new UserError('read/damaged-columns')
      case 'broke':
        return new Error(`a query process broke${sql && ` on ${sql.slice(0, 500)}`}: ${message.stack}`)
      default:
        return new Error(`a query process said ${message.kind}`)
    }
  }

  private told(error: unknown, timeoutMs: number, { signal }: Asker): unknown {
    if (signal?.aborted || error instanceof QueryCancelled) return new UserError('query/cancelled')
    if (error instanceof QueryTimedOut)
      return new UserError('query/too-slow', { seconds: Math.round(timeoutMs / 1000) })
    if (!(error instanceof QueryDied)) return error
    this.options.onCrash?.(error)
    return new UserError('query/crashed')
  }
}

const keyOf = ({ sha256 }: Queryable): string => `${sha256}-v${LIMITS.EXPORT_VERSION}`

/** The table whose file says that a part is complete. */
const markOf = (kind: QueryableKind, part: ExportPart): string => {
  if (kind === 'stacks') return 'stacks'
  return part === 'large' ? 'refs' : 'objects'
}

/** The promise's result, or QueryCancelled as soon as nobody wants it. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new QueryCancelled())
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
