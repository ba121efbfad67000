import type { Logger } from 'pino'
import { UserError } from '#lib/errors/user-error'
import type { GraphAnswers, GraphQuery } from '#lib/reports/objects'
import { type PoolOptions, Refused, TaskCancelled, TaskTimedOut, WorkerDied, WorkerPool } from './pool.ts'
import type {
  AskTask,
  CompareTask,
  Results,
  RevealedObject,
  StackTask,
  StoredHeap,
  ValueTask,
} from './tasks.ts'

/** A question that takes longer has found a heap that we did not think of. */
const ASK_TIMEOUT_SECONDS = 30
/** Unpacking up to the object: 8 GiB of plain text take about 7 s as gzip, and 30 s as zstd. */
const VALUE_TIMEOUT_SECONDS = 60
const COMPARE_TIMEOUT_SECONDS = 5 * 60
/** A question whose asker has gone may still end: its thread has heaps open that the next asker wants. */
const GRACE_MS = 2000
/** Beyond this many a thread is not asked but told to wait. */
const MAX_WAITING = 64
/** Heaps whose thread is remembered. */
const KEPT_PLACES = 256

export interface DeskOptions extends Pick<PoolOptions, 'workerFile' | 'warmRounds' | 'heapMegabytes'> {
  /** Threads for questions, apart from those that read files. */
  readonly threads: number
  /** What opened heaps may take in all threads together, in bytes. */
  readonly memoryBytes: number
  readonly log: Logger
}

/**
 * Questions about stored captures. They have threads of their own, so that an answer never waits for a file that is being
 * read: two large files keep both reader threads busy for seconds, a click should take milliseconds. The system shares
 * the processors out.
 *
 * A thread keeps the heaps that it has opened, and questions about a heap go to the thread that has it.
 */
export class QuestionDesk {
  private readonly pools: readonly WorkerPool[]
  private readonly memoryBytes: number
  private readonly log: Logger
  /** Which thread was asked about a heap, by its id; oldest use first. */
  private readonly places = new Map<string, WorkerPool>()

  constructor({ threads, memoryBytes, log, ...options }: DeskOptions) {
    this.memoryBytes = Math.floor(memoryBytes / threads)
    this.log = log
    // A pool of one each: a thread that dies takes only its own heaps with it, and tasks can be sent to one.
    this.pools = Array.from(
      { length: threads },
      () => new WorkerPool({ warmRounds: 3, warmAfterMs: 15_000, ...options, size: 1, warmFor: 'questions' }),
    )
  }

  /** Threads, and those that were replaced. */
  get facts(): { threads: number; deaths: number } {
    const deaths = this.pools.reduce((sum, pool) => sum + pool.deaths, 0)
    return { threads: this.pools.reduce((sum, pool) => sum + pool.facts.threads, 0), deaths }
  }

  /**
   * @throws UserError request/not-found (no such object, path or row) · read/damaged-columns · read/question-too-slow ·
   * read/crashed · request/too-often · request/given-up when `signal` was aborted
   */
  async ask<Q extends GraphQuery>(
    heap: StoredHeap,
    question: Q,
    more: { readonly ownersBefore?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<GraphAnswers[Q['ask']]> {
    const { memoryBytes } = this
    const task: AskTask = {
      kind: 'ask',
      heap,
      question,
      ownersBefore: more.ownersBefore,
      memoryBytes,
    }
    const answer = await this.run<'ask'>(heap.id, task, ASK_TIMEOUT_SECONDS, more.signal)
    // reason: a thread answers a question of a kind with the answer of that kind (lib/questions/answer.ts).
    return answer as GraphAnswers[Q['ask']]
  }

  /** One object's value, from the stored file. @throws as `ask`, and UserError format/* when the file does not unpack */
  value(
    heap: StoredHeap,
    rest: Omit<ValueTask, 'kind' | 'heap' | 'memoryBytes'>,
    signal?: AbortSignal,
  ): Promise<RevealedObject> {
    const { memoryBytes } = this
    const task: ValueTask = { kind: 'value', heap, ...rest, memoryBytes }
    return this.run<'value'>(heap.id, task, VALUE_TIMEOUT_SECONDS, signal)
  }

  /** What grew between captures, from their tables. @throws as `ask` */
  compare(task: CompareTask): Promise<Results['compare']> {
    return this.run<'compare'>(undefined, task, COMPARE_TIMEOUT_SECONDS, undefined)
  }

  /** What a page shows of allocation stacks. @throws as `ask` */
  stacks(task: StackTask, signal?: AbortSignal): Promise<Results['stacks']> {
    return this.run<'stacks'>(undefined, task, ASK_TIMEOUT_SECONDS, signal)
  }

  async close(): Promise<void> {
    await Promise.all(this.pools.map((pool) => pool.close()))
  }

  private async run<K extends 'ask' | 'value' | 'compare' | 'stacks'>(
    heapId: string | undefined,
    task: Extract<AskTask | ValueTask | CompareTask | StackTask, { kind: K }>,
    timeoutSeconds: number,
    signal: AbortSignal | undefined,
  ): Promise<Results[K]> {
    const pool = this.place(heapId)
    if (pool.facts.waiting >= MAX_WAITING) throw new UserError('request/too-often', { seconds: 2 })
    try {
      return await pool.run<K>(task, {
        timeoutMs: timeoutSeconds * 1000,
        graceMs: GRACE_MS,
        ...(signal && { signal }),
      })
    } catch (error) {
      if (error instanceof Refused) throw UserError.retold(error.code, error.status, error.message)
      if (error instanceof TaskCancelled) throw new UserError('request/given-up')
      if (error instanceof WorkerDied) throw new UserError('read/crashed')
      if (error instanceof TaskTimedOut) {
        this.log.warn({ heapId }, 'a question was stopped')
        throw new UserError('read/question-too-slow', { seconds: timeoutSeconds })
      }
      throw error
    }
  }

  /** The thread that was asked about this heap before, otherwise the one with the least to do. */
  private place(heapId: string | undefined): WorkerPool {
    const known = heapId === undefined ? undefined : this.places.get(heapId)
    const pool = known ?? this.leastBusy()
    if (heapId === undefined) return pool
    this.places.delete(heapId)
    this.places.set(heapId, pool)
    for (const oldest of this.places.keys()) {
      if (this.places.size <= KEPT_PLACES) break
      this.places.delete(oldest)
    }
    return pool
  }

  private leastBusy(): WorkerPool {
    const load = ({ facts }: WorkerPool): number => facts.busy + facts.waiting
    const heaps = (pool: WorkerPool): number => [...this.places.values()].filter((one) => one === pool).length
    const sorted = [...this.pools].sort((a, b) => load(a) - load(b) || heaps(a) - heaps(b))
    const first = sorted[0]
    if (!first) throw new Error('a desk without threads')
    return first
  }
}
