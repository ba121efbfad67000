import { type MessagePort, Worker } from 'node:worker_threads'
import type { Results, Task, TaskProgress, WarmTask, WorkerMessage } from './tasks.ts'

/** A file that a person has to do something about; `message` is the sentence for her. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly code: string
  readonly status: number

  constructor(code: string, status: number, sentence: string) {
    super(sentence)
    this.code = code
    this.status = status
  }
}
/** The thread died (out of memory, a crash) while it worked on this task. */
export class WorkerDied extends Error {
  override readonly name = 'WorkerDied'
}
/** The task was ended because it took too long. */
export class TaskTimedOut extends Error {
  override readonly name = 'TaskTimedOut'
}
/** The task was ended by its owner. */
export class TaskCancelled extends Error {
  override readonly name = 'TaskCancelled'
}

export interface TaskOptions {
  readonly onProgress?: (progress: TaskProgress) => void
  /** Ends the task, and the thread with it when it has begun. */
  readonly signal?: AbortSignal
  /**
   * How long a task that has begun may go on after the abort before its thread is ended, 0 unless given. Its owner hears
   * of the end at once. For threads that keep something which is dear to make again.
   */
  readonly graceMs?: number
  readonly timeoutMs?: number
  /** Memory of the task's typed arrays, and ports, that the thread takes over instead of a copy. They are gone here then. */
  readonly transfer?: readonly (ArrayBuffer | MessagePort)[]
}

export interface PoolOptions {
  /** The bundled lib/jobs/worker.ts. */
  readonly workerFile: string
  readonly size: number
  /** Rounds of warming up per thread, done while nothing else waits. 0 leaves them cold. */
  readonly warmRounds?: number
  /** How long after its start the pool begins to warm its threads up. */
  readonly warmAfterMs?: number
  /** JavaScript heap of one thread. Typed columns are outside of it. */
  readonly heapMegabytes?: number
  /** What a warming round practises: what the threads are for. */
  readonly warmFor?: WarmTask['practice']
}

interface Job {
  readonly task: Task
  readonly options: TaskOptions
  resolve(result: Results[keyof Results]): void
  reject(error: Error): void
}
interface Thread {
  readonly worker: Worker
  job: Job | undefined
  warmRoundsLeft: number
  /** Clears the job's timer and listener. */
  release: () => void
}

/**
 * Warm reader threads. Tasks wait in order; each thread does one at a time. A thread that dies, hangs or is cancelled is
 * replaced, and only its own task hears of it.
 */
export class WorkerPool {
  private readonly options: Required<PoolOptions>
  private threads: Thread[] = []
  private waiting: Job[] = []
  private isClosed = false
  private mayWarm = false
  /** Threads that ended without being asked to, since the start. */
  deaths = 0

  constructor(options: PoolOptions) {
    this.options = { warmRounds: 10, warmAfterMs: 2000, heapMegabytes: 2048, warmFor: 'reading', ...options }
    for (let index = 0; index < options.size; index++) this.startThread()
    // The first seconds belong to the start of the server: warming up would take both of its cores.
    setTimeout(() => {
      this.mayWarm = true
      if (!this.isClosed) this.next()
    }, this.options.warmAfterMs).unref()
  }

  /** Threads, those at work (warming up is not work), and tasks that wait. */
  get facts(): { threads: number; busy: number; waiting: number; warm: number } {
    return {
      threads: this.threads.length,
      busy: this.threads.filter((thread) => thread.job && thread.job.task.kind !== 'warm').length,
      waiting: this.waiting.length,
      warm: this.threads.filter((thread) => thread.warmRoundsLeft === 0).length,
    }
  }

  /** Threads that have nothing to do: what is run now begins now. */
  get idle(): number {
    if (this.waiting.length > 0) return 0
    return this.threads.filter((thread) => !thread.job).length
  }

  /** @throws Refused · WorkerDied · TaskTimedOut · TaskCancelled · Error (a bug in the task, with the thread's stack) */
  run<K extends Task['kind']>(
    task: Extract<Task, { kind: K }>,
    options: TaskOptions = {},
  ): Promise<Results[K]> {
    return new Promise((resolve, reject) => {
      if (this.isClosed || options.signal?.aborted) return reject(new TaskCancelled())
      const job: Job = {
        task,
        options,
        // reason: a worker answers a task of kind K with a result of kind K (worker.ts, perform).
        resolve: (result) => resolve(result as Results[K]),
        reject,
      }
      this.waiting.push(job)
      options.signal?.addEventListener('abort', () => this.dropWaiting(job), { once: true })
      this.next()
    })
  }

  /** Ends all threads. Tasks that run or wait are cancelled. */
  async close(): Promise<void> {
    this.isClosed = true
    for (const job of this.waiting.splice(0)) job.reject(new TaskCancelled())
    const threads = this.threads.splice(0)
    for (const thread of threads) settle(thread)?.reject(new TaskCancelled())
    await Promise.all(threads.map((thread) => thread.worker.terminate()))
  }

  private dropWaiting(job: Job): void {
    const at = this.waiting.indexOf(job)
    if (at < 0) return
    this.waiting.splice(at, 1)
    job.reject(new TaskCancelled())
  }

  private startThread(): void {
    const worker = new Worker(this.options.workerFile, {
      name: 'leakroom-reader',
      resourceLimits: { maxOldGenerationSizeMb: this.options.heapMegabytes },
    })
    const thread: Thread = {
      worker,
      job: undefined,
      warmRoundsLeft: this.options.warmRounds,
      release: () => {},
    }
    worker.on('message', (message: WorkerMessage) => this.hear(thread, message))
    // Also out of memory (ERR_WORKER_OUT_OF_MEMORY); 'exit' follows.
    worker.on('error', (error) => settle(thread)?.reject(new WorkerDied(error.message)))
    worker.on('exit', () => this.replace(thread))
    this.threads.push(thread)
    this.next()
  }

  private replace(thread: Thread): void {
    const at = this.threads.indexOf(thread)
    if (at < 0) return
    this.threads.splice(at, 1)
    this.deaths++
    settle(thread)?.reject(new WorkerDied('the thread ended'))
    if (this.isClosed) return
    // A worker file that cannot even start would otherwise be started again without a pause.
    setTimeout(() => this.isClosed || this.startThread(), Math.min(100 * this.deaths, 10_000)).unref()
  }

  /** Ends a thread that is in the middle of a task, and starts another in its place. */
  private end(thread: Thread, why: Error): void {
    const at = this.threads.indexOf(thread)
    if (at < 0) return
    this.threads.splice(at, 1)
    settle(thread)?.reject(why)
    void thread.worker.terminate()
    if (!this.isClosed) this.startThread()
  }

  /** Gives waiting tasks to free threads, and a warming round to those that are still free. */
  private next(): void {
    for (const thread of this.threads) {
      if (thread.job) continue
      const job = this.waiting.shift()
      if (job) this.begin(thread, job)
      else if (this.mayWarm && thread.warmRoundsLeft > 0) this.begin(thread, warming(this.options.warmFor))
    }
  }

  private begin(thread: Thread, job: Job): void {
    thread.job = job
    const { signal, timeoutMs, graceMs = 0 } = job.options
    const timer =
      timeoutMs === undefined ? undefined : setTimeout(() => this.end(thread, new TaskTimedOut()), timeoutMs)
    timer?.unref()
    let grace: NodeJS.Timeout | undefined
    const onAbort = () => {
      if (graceMs === 0) return this.end(thread, new TaskCancelled())
      job.reject(new TaskCancelled())
      grace = setTimeout(() => this.end(thread, new TaskCancelled()), graceMs).unref()
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    thread.release = () => {
      clearTimeout(timer)
      clearTimeout(grace)
      signal?.removeEventListener('abort', onAbort)
    }
    thread.worker.postMessage(job.task, [...(job.options.transfer ?? [])])
  }

  private hear(thread: Thread, message: WorkerMessage): void {
    if (message.kind === 'progress') {
      thread.job?.options.onProgress?.(message.progress)
      return
    }
    const job = settle(thread)
    if (!job) return
    // Any finished task warms its thread, a real one more than a round.
    if (thread.warmRoundsLeft > 0) thread.warmRoundsLeft--
    if (message.kind === 'done') job.resolve(message.result)
    else if (message.kind === 'refused')
      job.reject(new Refused(message.code, message.status, message.sentence))
    else job.reject(new Error(`A reader thread threw: ${message.stack}`))
    if (!this.isClosed) this.next()
  }
}

/** Takes the job off its thread. */
function settle(thread: Thread): Job | undefined {
  const { job } = thread
  thread.job = undefined
  thread.release()
  thread.release = () => {}
  return job
}

/** Nobody waits for it; when it fails the thread is replaced or simply stays cold. */
const warming = (practice: WarmTask['practice']): Job => ({
  task: { kind: 'warm', practice },
  options: {},
  resolve: () => {},
  reject: () => {},
})
