import { type ChildProcess, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import type { Readable } from 'node:stream'
import type { QueryJob, QueryMessage } from './messages.ts'

/** A query process took longer than it may. */
export class QueryTimedOut extends Error {
  override readonly name = 'QueryTimedOut'
}
/** Whoever asked does not want the answer any more. */
export class QueryCancelled extends Error {
  override readonly name = 'QueryCancelled'
}
/** The process ended without an answer: a crash of native code, or the system killed it for its memory. */
export class QueryDied extends Error {
  override readonly name = 'QueryDied'
}

export interface ProcessOptions {
  /** The bundled lib/query/child.ts. */
  readonly file: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** JavaScript heap of the process: large for exports, whose columns are typed arrays and names. */
  readonly heapMegabytes: number
}

/** A query process at work. */
export interface RunningQuery {
  /** What it said first that matters: an answer, a refusal, or that it streams. Rejects with the errors above. */
  readonly first: Promise<QueryMessage>
  /** Resolves when it has ended in order; rejects as `first` does. */
  readonly ended: Promise<void>
  readonly output: Readable
  /** Ends it at once, and gives the reason to whoever waits. */
  stop(reason: Error): void
}

/**
 * Starts a process for one job. It gets no environment (so no secrets and no HOME), an empty standard input, and an IPC
 * channel; it is killed (SIGKILL: native code hears nothing else while it computes) on timeout, abort or `stop`.
 */
export function startQuery(job: QueryJob, options: ProcessOptions): RunningQuery {
  const child = spawn(process.execPath, [`--max-old-space-size=${options.heapMegabytes}`, options.file], {
    cwd: tmpdir(),
    env: {
      NODE_ENV: 'production',
      ...(process.platform === 'win32' && { SYSTEMROOT: process.env.SYSTEMROOT }),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
  })
  return new QueryProcess(child, job, options)
}

class QueryProcess implements RunningQuery {
  readonly first: Promise<QueryMessage>
  readonly ended: Promise<void>
  readonly output: Readable
  private readonly child: ChildProcess
  private readonly timer: NodeJS.Timeout
  private reason: Error | undefined
  private saidLast = ''

  constructor(child: ChildProcess, job: QueryJob, { timeoutMs, signal }: ProcessOptions) {
    this.child = child
    if (!child.stdout) throw new Error('a query process without an output')
    this.output = child.stdout
    this.timer = setTimeout(() => this.stop(new QueryTimedOut()), timeoutMs)
    const onAbort = () => this.stop(new QueryCancelled())
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    child.stderr?.on('data', (text: Buffer) => {
      this.saidLast = (this.saidLast + text.toString()).slice(-2000)
    })
    let isDone = false
    this.first = new Promise((resolve, reject) => {
      child.on('message', (message: QueryMessage) => {
        if (message.kind === 'ready') return void child.send(job, () => {})
        if (message.kind !== 'streaming') isDone = true
        resolve(message)
      })
      child.once('error', reject)
      child.once('exit', (code, killed) => reject(this.deathReason(code, killed)))
    })
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, killed) => {
        clearTimeout(this.timer)
        signal?.removeEventListener('abort', onAbort)
        if (isDone && !this.reason) resolve()
        else reject(this.deathReason(code, killed))
      })
    })
    // Whoever waits only for `first` must not make an unheard rejection of the other.
    this.first.catch(() => {})
    this.ended.catch(() => {})
  }

  stop(reason: Error): void {
    this.reason ??= reason
    this.child.kill('SIGKILL')
  }

  private deathReason(code: number | null, killed: NodeJS.Signals | null): Error {
    return this.reason ?? new QueryDied(`ended with ${killed ?? code}: ${this.saidLast}`)
  }
}
