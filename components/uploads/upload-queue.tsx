import type { DetailedError, Upload } from 'tus-js-client'
import { BUG_SENTENCE } from '#lib/errors/user-error'
import type { KnownFacts } from './known-file.tsx'
import type { MyUpload } from './uploads-context.tsx'

/** One request carries this much, so that a broken connection costs at most as much again. */
const CHUNK_BYTES = 16 * 1024 * 1024
/** Two at once: more only share the same line. */
const AT_ONCE = 2
/** Waits before the tries that follow a broken request; the count starts anew with every byte that gets through. */
const RETRY_DELAYS = [500, 1000, 2000, 4000, 8000, 15_000, 30_000]
/** The page hears of progress at most this often, in milliseconds. */
const TELL_EVERY = 200

interface Job {
  row: MyUpload
  readonly file: File
  tus: Upload | null
  /** Everything that came with it, in order: their captures shall stand in this order, however the uploads overtake. */
  readonly drop: readonly Job[]
  /** For the speed: time and bytes of the last measurement. */
  measured: { at: number; sent: number }
}

/** What the queue needs of the world. */
export interface QueueSettings {
  /** The tus endpoint of this room. */
  readonly endpoint: string
  readonly makeId: () => string
  /** Attaches a file that the team has already, without sending it; null when it has to be sent. */
  readonly attachKnown: (file: File, facts: KnownFacts) => Promise<string | null>
  /** Milliseconds that only ever go up. */
  readonly clock: () => number
  /** The tus client, loaded when the first file comes. */
  readonly loadTus: () => Promise<Pick<typeof import('tus-js-client'), 'Upload'>>
}

/**
 * The files that this tab sends to one room. Resumes what was begun before a break or a reload: tus keeps the address
 * of a begun upload in localStorage, by name, size, date and room, and asks the server how far it got.
 *
 * It has a lifetime: `stop()` pauses everything; the server keeps what it has.
 */
export class UploadQueue {
  readonly #settings: QueueSettings
  readonly #listeners = new Set<() => void>()
  readonly #jobs = new Map<string, Job>()
  #rows: readonly MyUpload[] = []
  #isStopped = false

  constructor(settings: QueueSettings) {
    this.#settings = settings
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly getSnapshot = (): readonly MyUpload[] => this.#rows

  /**
   * Puts files that came together at the end of the line, in the natural order of their names: what a file dialog or a
   * drag gives is the order of clicks. A file that is already on its way is not taken twice.
   */
  add(files: readonly File[]): void {
    const drop: Job[] = []
    for (const file of files.toSorted(byFileName)) {
      if (this.#isUnderWay(file)) continue
      const id = this.#settings.makeId()
      const job: Job = { row: waiting(id, file), file, tus: null, drop, measured: { at: 0, sent: 0 } }
      drop.push(job)
      this.#jobs.set(id, job)
    }
    this.#advance()
  }

  /** Stops sending and lets the server throw away what it has. Gives the capture's id when there is one. */
  async cancel(id: string): Promise<string | null> {
    const job = this.#jobs.get(id)
    if (!job) return null
    this.#jobs.delete(id)
    this.#advance()
    // The server may be out of reach, or have thrown it away already: unfinished uploads are swept.
    await job.tus?.abort(true).catch(() => {})
    return job.row.captureId
  }

  retry(id: string): void {
    const job = this.#jobs.get(id)
    if (!job || job.row.state === 'sending' || job.row.state === 'sent') return
    job.row = { ...job.row, state: 'waiting', problem: null, bytesPerSecond: 0 }
    this.#advance()
  }

  /** Goes on with everything that waits for the line. */
  retryPaused(): void {
    for (const [id, job] of this.#jobs) if (job.row.state === 'paused') this.retry(id)
  }

  dismiss(id: string): void {
    const state = this.#jobs.get(id)?.row.state
    if (state === 'sending' || state === 'waiting') return
    this.#jobs.delete(id)
    this.#tell()
  }

  /** Pauses everything for good; the page is being left. */
  stop(): void {
    this.#isStopped = true
    for (const job of this.#jobs.values()) job.tus?.abort().catch(() => {})
    this.#jobs.clear()
    this.#listeners.clear()
  }

  #isUnderWay(file: File): boolean {
    const same = (job: Job) =>
      job.file.name === file.name &&
      job.file.size === file.size &&
      job.file.lastModified === file.lastModified
    return [...this.#jobs.values()].some(
      (job) => same(job) && (job.row.state === 'waiting' || job.row.state === 'sending'),
    )
  }

  /** Starts as many as may run. */
  #advance(): void {
    const jobs = [...this.#jobs.values()]
    let free = AT_ONCE - jobs.filter((job) => job.row.state === 'sending').length
    for (const job of jobs) {
      if (free <= 0) break
      if (job.row.state !== 'waiting') continue
      free--
      job.row = { ...job.row, state: 'sending' }
      void this.#send(job)
    }
    this.#tell()
  }

  async #send(job: Job): Promise<void> {
    try {
      const { Upload } = await this.#settings.loadTus()
      if (!this.#isCurrent(job)) return
      // The id is ours, so that a creation whose answer was lost is not made twice.
      const facts = {
        filename: job.file.name,
        captureId: job.row.id,
        ...factsInName(job.file.name),
        ...neighboursOf(job),
      }
      const upload = new Upload(job.file, {
        endpoint: this.#settings.endpoint,
        chunkSize: CHUNK_BYTES,
        retryDelays: RETRY_DELAYS,
        removeFingerprintOnSuccess: true,
        metadata: facts,
        onAfterResponse: (_request, response) => {
          const captureId = response.getHeader('Leakroom-Capture')
          if (captureId) this.#change(job, { captureId })
        },
        onShouldRetry: (error) => isWorthAnotherTry(statusOf(error)),
        onProgress: (sent) => this.#progress(job, sent),
        onSuccess: () => this.#arrived(job, {}),
        onError: (error) => this.#failed(job, error),
      })
      job.tus = upload
      const begun = await upload.findPreviousUploads()
      const newest = begun.toSorted((a, b) => (a.creationTime < b.creationTime ? 1 : -1))[0]
      if (newest) upload.resumeFromPreviousUpload(newest)
      else {
        const captureId = await this.#settings.attachKnown(job.file, facts)
        if (captureId !== null) return this.#arrived(job, { captureId, isKnown: true })
      }
      if (this.#isCurrent(job)) upload.start()
    } catch (error) {
      this.#failed(job, error)
    }
  }

  #arrived(job: Job, more: Partial<MyUpload>): void {
    this.#change(job, { state: 'sent', sent: job.file.size, bytesPerSecond: 0, ...more })
    this.#advance()
  }

  #progress(job: Job, sent: number): void {
    const now = this.#settings.clock()
    const { at, sent: before } = job.measured
    if (at === 0) {
      // The first news of an upload that goes on tells how much the server already had.
      job.measured = { at: now, sent }
      this.#change(job, { sent, resumedFrom: sent > CHUNK_BYTES ? sent : 0 })
      return
    }
    if (now - at < TELL_EVERY) return
    const speed = (Math.max(0, sent - before) / (now - at)) * 1000
    const { bytesPerSecond } = job.row
    job.measured = { at: now, sent }
    // A moving mean, so that the number can be read.
    const smooth = bytesPerSecond === 0 ? speed : bytesPerSecond * 0.8 + speed * 0.2
    this.#change(job, { sent, bytesPerSecond: smooth })
  }

  #failed(job: Job, error: unknown): void {
    const status = statusOf(error)
    job.measured = { at: 0, sent: 0 }
    job.tus = null
    if (status === 0) {
      const problem = 'The connection broke. It goes on where it stopped as soon as the server answers.'
      this.#change(job, { state: 'paused', bytesPerSecond: 0, problem })
    } else {
      const state = isWorthAnotherTry(status) ? 'failed' : 'refused'
      this.#change(job, { state, bytesPerSecond: 0, problem: sentenceOfTus(error) })
    }
    this.#advance()
  }

  #isCurrent(job: Job): boolean {
    return !this.#isStopped && this.#jobs.get(job.row.id) === job
  }

  #change(job: Job, changes: Partial<MyUpload>): void {
    if (!this.#isCurrent(job)) return
    job.row = { ...job.row, ...changes }
    this.#tell()
  }

  #tell(): void {
    this.#rows = [...this.#jobs.values()].map((job) => job.row)
    for (const listener of this.#listeners) listener()
  }
}

const NAMES = new Intl.Collator('en', { numeric: true })
/** "heap-2.json" before "heap-10.json", "heap.json" before "heap-later.json". */
const byFileName = (a: File, b: File): number =>
  NAMES.compare(withoutEndings(a.name), withoutEndings(b.name)) || NAMES.compare(a.name, b.name)
const withoutEndings = (name: string): string => name.replace(/(?:\.[a-z]{1,12})+$/i, '')

/** More than this many files of one drop on either side are never on their way at once. */
const NEIGHBOURS = 20

/** Where the capture belongs among those that came with it. One that goes on after a reload has its earlier id. */
function neighboursOf({ row, drop }: Job): { after?: string; before?: string } {
  const at = drop.findIndex((job) => job.row.id === row.id)
  const idsOf = (jobs: readonly Job[]) => jobs.map((job) => job.row.captureId ?? job.row.id).join(' ')
  const after = idsOf(drop.slice(Math.max(0, at - NEIGHBOURS), at).reverse())
  const before = idsOf(drop.slice(at + 1, at + 1 + NEIGHBOURS))
  return { ...(after && { after }), ...(before && { before }) }
}

const waiting = (id: string, file: File): MyUpload => ({
  id,
  fileName: file.name,
  size: file.size,
  state: 'waiting',
  resumedFrom: 0,
  sent: 0,
  bytesPerSecond: 0,
  problem: null,
  captureId: null,
  isKnown: false,
})

/** "heap-4123-1700000000.json" was taken of process 4123 at that time: the form in which we tell people to name dumps. */
export function factsInName(fileName: string): { process?: string; takenAt?: string } {
  const [, pid, seconds] = /(?:^|\D)(\d{1,7})[-_.](1[5-9]\d{8})(?:\D|$)/.exec(fileName) ?? []
  if (pid === undefined || seconds === undefined) return {}
  return { process: `pid ${pid}`, takenAt: `${seconds}000` }
}

/** The HTTP status that ended an upload; 0 when there was no answer. */
function statusOf(error: unknown): number {
  return isDetailed(error) ? (error.originalResponse?.getStatus() ?? 0) : 0
}

const isDetailed = (error: unknown): error is DetailedError =>
  error instanceof Error && 'originalRequest' in error

/** No answer, an overloaded server or a lock that is about to go: yes. A refusal with a reason: no. */
const isWorthAnotherTry = (status: number): boolean =>
  status === 0 || status === 409 || status === 423 || status === 429 || (status >= 500 && status !== 507)

/** The sentence in the server's answer, or ours for a bug. */
function sentenceOfTus(error: unknown): string {
  const body = isDetailed(error) ? (error.originalResponse?.getBody() ?? '') : ''
  try {
    const answer: unknown = JSON.parse(body)
    if (typeof answer === 'object' && answer !== null && 'sentence' in answer) return String(answer.sentence)
  } catch {
    // Not one of our answers: a proxy's page, or nothing.
  }
  return BUG_SENTENCE
}
