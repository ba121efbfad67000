import { formatCount } from '#lib/units/format'
import { type RoomAddress, sentenceIn } from './room-address.ts'

/** An hour of four series a second and more; beyond, the oldest go. About 15 MB. */
const MOST_LINES = 100_000
/** The server takes 4 MiB a request. */
const LINES_A_REQUEST = 5000
const SEND_EVERY_MS = 2000
const REQUEST_TIMEOUT_MS = 10_000
const LONGEST_WAIT_MS = 30_000
/** When the program has ended, what is left is tried this long. */
const LAST_TRY_MS = 15_000

/** One sample as POST /api/ingest takes it. */
export interface LiveLine {
  /** Epoch milliseconds. */
  readonly t: number
  readonly series: string
  readonly v: number
  readonly process: string
  readonly pid: number
  readonly unit: 'bytes' | 'count'
  /** "2/3A": run 3 of experiment 2, under condition A. */
  readonly run?: string
}

/** Tells that a run of an experiment is over. */
export interface EndLine {
  readonly run: string
  readonly end: true
  readonly process: string
}

export interface SenderOptions {
  readonly tell: (sentence: string) => void
  readonly fetch?: typeof globalThis.fetch
  /** Scales all waits, for tests. */
  readonly pace?: number
  /** How long the end waits for a room that does not answer. Milliseconds. */
  readonly lastTryMs?: number
}

/**
 * Sends samples to a room. What cannot be sent now is kept, bounded, and sent in order when the server is back; sending
 * twice does no harm, because of one moment the last value stands. A refusal ends the sending and never what is watched.
 */
export class RoomSender {
  readonly #address: RoomAddress
  readonly #options: SenderOptions
  readonly #pace: number
  #waiting: string[] = []
  #dropped = 0
  #failures = 0
  #refused = 0
  #hasEnded = false
  #isRefused = false
  #hasRunProblem = false
  #wake: (() => void) | undefined
  readonly #loop: Promise<void>
  sent = 0

  constructor(address: RoomAddress, options: SenderOptions) {
    this.#address = address
    this.#options = options
    this.#pace = options.pace ?? 1
    this.#loop = this.#run()
  }

  add(lines: readonly (LiveLine | EndLine)[]): void {
    if (this.#isRefused) return
    for (const line of lines) this.#waiting.push(JSON.stringify(line))
    const over = this.#waiting.length - MOST_LINES
    if (over > 0) {
      this.#waiting.splice(0, over)
      this.#dropped += over
    }
  }

  /** Sends what is left, for 15 s at most, and says what could not be sent. */
  async finish(): Promise<void> {
    this.#hasEnded = true
    this.#wake?.()
    await this.#loop
    const lost = this.#waiting.length + this.#dropped
    if (lost > 0 && !this.#isRefused)
      this.#options.tell(`${formatCount(lost)} samples could not be sent to the room.`)
  }

  async #run(): Promise<void> {
    let deadline = Number.POSITIVE_INFINITY
    while (!this.#isRefused) {
      if (this.#hasEnded && deadline === Number.POSITIVE_INFINITY)
        deadline = performance.now() + (this.#options.lastTryMs ?? LAST_TRY_MS)
      if (this.#waiting.length > 0) {
        const waitMs = await this.#send()
        if (performance.now() > deadline) return
        if (waitMs > 0) await this.#wait(waitMs)
        continue
      }
      if (this.#hasEnded) return
      await this.#wait(SEND_EVERY_MS)
    }
  }

  /** One request. @returns how long to wait before the next one, in milliseconds */
  async #send(): Promise<number> {
    const batch = this.#waiting.slice(0, LINES_A_REQUEST)
    const before = this.#dropped
    let answer: Response
    let body: string
    try {
      answer = await (this.#options.fetch ?? fetch)(`${this.#address.server}/api/ingest`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${this.#address.token}`, 'Content-Type': 'application/x-ndjson' },
        body: batch.join('\n'),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      })
      body = await answer.text()
    } catch (error) {
      return this.#failed(error instanceof Error ? reasonOf(error) : String(error))
    }
    if (answer.status === 429) return Math.min(LONGEST_WAIT_MS, secondsIn(sentenceIn(body)) * 1000)
    if (answer.status >= 500) return this.#failed(sentenceIn(body) ?? `it answered ${answer.status}`)
    if (!answer.ok) {
      this.#isRefused = true
      this.#waiting = []
      this.#options.tell(
        `The room takes no samples: ${sentenceIn(body) ?? `it answered ${answer.status}.`} Watching goes on without it.`,
      )
      return 0
    }
    // While it was under way the oldest may have been dropped: only what is still there is taken out.
    this.#waiting.splice(0, Math.max(0, batch.length - (this.#dropped - before)))
    this.sent += batch.length
    if (this.#failures > 0) this.#options.tell('The room can be reached again.')
    this.#failures = 0
    this.#hearRefused(body)
    this.#hearRunProblem(body)
    return this.#hasEnded ? 0 : SEND_EVERY_MS
  }

  #failed(why: string): number {
    this.#failures++
    if (this.#failures === 1)
      this.#options.tell(`The room cannot be reached (${why}). Samples are kept and sent later.`)
    return Math.min(LONGEST_WAIT_MS, 1000 * 2 ** (this.#failures - 1))
  }

  /** Lines that the server did not understand are told once. */
  #hearRefused(body: string): void {
    const [, count] = /"refused":(\d+)/.exec(body) ?? []
    if (!count || Number(count) === 0) return
    if (this.#refused === 0) {
      const [, why] = /"why":"((?:[^"\\]|\\.){0,300})"/.exec(body) ?? []
      this.#options.tell(`The room refused ${count} samples${why ? `: ${why}` : '.'}`)
    }
    this.#refused += Number(count)
  }

  /** Samples that are no part of the run that they name are stored all the same; told once. */
  #hearRunProblem(body: string): void {
    const [, why] = /"runProblem":"((?:[^"\\]|\\.){0,300})"/.exec(body) ?? []
    if (why === undefined || this.#hasRunProblem) return
    this.#hasRunProblem = true
    this.#options.tell(`The room does not count this as the run: ${why.replaceAll('\\"', '"')}`)
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        this.#wake = undefined
        resolve()
      }
      // When it has ended, the end of a wait is the next try; before, the end of the program cuts it short.
      const timer = setTimeout(wake, ms * this.#pace)
      if (!this.#hasEnded) this.#wake = wake
    })
  }
}

const secondsIn = (sentence = ''): number => Number(/(\d+) s\b/.exec(sentence)?.[1] ?? 2)

/** "connect ECONNREFUSED 127.0.0.1:3000" is in the cause; "fetch failed" tells nobody anything. */
function reasonOf(error: Error): string {
  const { cause } = error
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message
}
