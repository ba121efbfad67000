import type { Logger } from 'pino'
import { accessOfSource } from '#lib/auth/gate'
import {
  type ClaimedSource,
  claimSources,
  endFetch,
  type FetchOutcome,
  reachSource,
  releaseSource,
} from '#lib/db/series-sources'
import { BUG_SENTENCE, type FailureCode, UserError } from '#lib/errors/user-error'
import type { WriteAccess } from '#lib/investigation/access'
import { hostOf, longestRange } from '#lib/investigation/sources'
import type { MatrixSeries } from '#lib/jobs/source-matrix'
import type { AddressPolicy } from '#lib/sources/addresses'
import { LARGEST_ANSWER } from '#lib/sources/guarded-fetch'
import { askRange, type PrometheusAccess } from '#lib/sources/prometheus'
import { unseal } from '#lib/sources/sealed'
import { type Slots, sourceSlots } from '#lib/sources/slots'
import { FEWEST_AT_ALL, nextWindow, pointsAtATime, type RangeWindow } from '#lib/sources/windows'
import { storeBatches } from './ingest.ts'
import { readAnswer } from './series-sources.ts'
import { sourceBatches } from './source-batches.ts'
import { type LifeOf, livesIn, startTimesQuery } from './source-lives.ts'

/** Parts of a range that are fetched in one turn, before other sources have theirs. */
const MOST_WINDOWS = 20
/** After a failure: 10 s, 20 s, 40 s … up to 15 minutes, each up to a quarter shorter or longer. */
const FIRST_RETRY_MS = 10_000
const LAST_RETRY_MS = 15 * 60_000
/** What may pass by itself is told when it has happened so often; what only people can mend, at once. */
const TOLD_AFTER = 3
const PASSING: readonly string[] = [
  'source/unreachable',
  'source/timeout',
  'source/status',
  'source/silent',
  'source/too-large',
  'read/crashed',
  'read/too-slow',
  'bug',
] satisfies readonly (FailureCode | 'bug')[]

export interface FetcherSettings extends Pick<PrometheusAccess, 'timeoutMs' | 'resolve'> {
  readonly log: Logger
  readonly policy: AddressPolicy
  /** Of the installation: opens what was sealed. */
  readonly secret: string
  /** For tests. */
  readonly slots?: Slots
  readonly now?: () => Date
  readonly random?: () => number
}

/**
 * Fetches from the sources of all rooms, on every node: whoever claims a source in PostgreSQL has it for a minute. `tick`
 * is called every few seconds and only starts work; `stop` ends what is under way at once.
 */
export class SourceFetcher {
  readonly #settings: FetcherSettings
  readonly #slots: Slots
  readonly #ends = new AbortController()
  readonly #running = new Set<Promise<void>>()

  constructor(settings: FetcherSettings) {
    this.#settings = settings
    this.#slots = settings.slots ?? sourceSlots()
  }

  /** Begins with the sources that are due, as many as there is room for. Returns how many. */
  async tick(): Promise<number> {
    if (this.#ends.signal.aborted) return 0
    const claimed = await claimSources(this.#slots.count - this.#running.size, this.#settings.now?.())
    for (const claim of claimed) {
      const work = this.#fetch(claim).finally(() => this.#running.delete(work))
      this.#running.add(work)
    }
    return claimed.length
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  /** Ends what is under way and gives it back, so that another node may begin at once. */
  async stop(): Promise<void> {
    this.#ends.abort()
    await this.idle()
  }

  /** Never rejects. */
  async #fetch(claim: ClaimedSource): Promise<void> {
    const { log } = this.#settings
    try {
      const access = await accessOfSource(claim.id)
      if (!access) return
      const outcome = await this.#outcome(claim, access)
      if (outcome === 'ended') return
      if (outcome === 'given-up') return await releaseSource(claim)
      await endFetch(claim, outcome, this.#now())
    } catch (err) {
      // The database, most likely: the lease runs out, and somebody tries again.
      log.warn({ err, sourceId: claim.id }, 'a source was left')
    }
  }

  async #outcome(claim: ClaimedSource, access: WriteAccess): Promise<FetchOutcome | 'ended' | 'given-up'> {
    try {
      return await this.#take(claim, access)
    } catch (error) {
      if (this.#ends.signal.aborted) return 'given-up'
      const isKnown = error instanceof UserError
      if (!isKnown) this.#settings.log.error({ err: error, sourceId: claim.id }, 'a source broke')
      return this.#failure(claim, isKnown ? error.code : 'bug', isKnown ? error.message : BUG_SENTENCE)
    }
  }

  #failure(claim: ClaimedSource, code: string, problem: string): FetchOutcome {
    const { random = Math.random } = this.#settings
    const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(claim.failures, 10))
    const nextAt = this.#now().getTime() + wait * (0.75 + random() / 2)
    const isTold = !PASSING.includes(code) || claim.reachedAt === null || claim.failures + 1 >= TOLD_AFTER
    return { ok: false, nextAt, problem, isTold }
  }

  /** Fetches part after part until now, and stores each. */
  async #take(claim: ClaimedSource, access: WriteAccess): Promise<FetchOutcome | 'ended'> {
    const prometheus = this.#accessTo(claim)
    const { stepMs } = claim
    let { reachedAt } = claim
    let points = pointsAtATime(claim.series.length)
    let stored = 0
    let others = 0
    for (let part = 0; part < MOST_WINDOWS; part++) {
      const nowMs = this.#now().getTime()
      // Resumed after a year, it does not ask for the year.
      const from = Math.max(claim.from, nowMs - longestRange(stepMs))
      const window = nextWindow({ from, reachedAt, nowMs, stepMs, points })
      if (!window) return this.#later(claim)
      const taken = await this.#part(claim, prometheus, window)
      if (taken === 'too-large') {
        points = Math.floor(((window.end - window.start) / stepMs + 1) / 2)
        if (points < FEWEST_AT_ALL)
          throw new UserError('source/too-large', { host: hostOf(claim.url), limit: LARGEST_ANSWER })
        continue
      }
      const { batches } = taken
      const { problem } = await storeBatches(access, batches)
      if (problem) throw problem.why
      stored += batches.reduce((sum, { samples }) => sum + samples.t.length, 0)
      others = taken.answered - batches.length
      reachedAt = window.end
      if (!(await reachSource(claim, reachedAt, this.#now()))) return 'ended'
      if (window.end >= Math.floor(nowMs / stepMs) * stepMs) return this.#caughtUp(claim, stored, others)
    }
    // There is more; others have their turn first.
    return { ok: true, nextAt: this.#now().getTime() }
  }

  #caughtUp(claim: ClaimedSource, stored: number, others: number): FetchOutcome {
    if (claim.refreshMs > 0 && stored === 0) throw new UserError('source/silent', { others })
    return this.#later(claim)
  }

  #later({ refreshMs }: ClaimedSource): FetchOutcome {
    return { ok: true, nextAt: refreshMs === 0 ? null : this.#now().getTime() + refreshMs }
  }

  /** One part of the range, read. */
  async #part(claim: ClaimedSource, prometheus: PrometheusAccess, window: RangeWindow) {
    const { query, stepMs } = claim
    try {
      const matrix = await this.#ask(prometheus, query, window, stepMs)
      const isWanted = ({ key }: MatrixSeries) => claim.follows || claim.series.some((one) => one.key === key)
      const startsQuery = claim.startTimes ? startTimesQuery(matrix.series.filter(isWanted)) : undefined
      const lifeOf = startsQuery && (await this.#lives(prometheus, startsQuery, window, stepMs))
      return { batches: sourceBatches(claim, matrix, lifeOf || undefined), answered: matrix.series.length }
    } catch (error) {
      if (error instanceof UserError && error.code === 'source/too-large') return 'too-large' as const
      throw error
    }
  }

  /** Where the start times cannot be had, the values still can. */
  async #lives(
    prometheus: PrometheusAccess,
    query: string,
    window: RangeWindow,
    stepMs: number,
  ): Promise<LifeOf | undefined> {
    try {
      return livesIn(await this.#ask(prometheus, query, window, stepMs))
    } catch (error) {
      if (error instanceof UserError && error.code.startsWith('source/')) return undefined
      throw error
    }
  }

  #ask(prometheus: PrometheusAccess, query: string, window: RangeWindow, stepMs: number) {
    return this.#slots.run(prometheus.signal, async () =>
      readAnswer(await askRange(prometheus, query, window, stepMs)),
    )
  }

  #accessTo({ id, url, authorization }: ClaimedSource): PrometheusAccess {
    const { policy, secret, timeoutMs, resolve } = this.#settings
    const opened = authorization === null ? undefined : unseal(authorization, secret, { sourceId: id, url })
    if (authorization !== null && opened === undefined) {
      throw new UserError('source/authorization-lost', { host: hostOf(url) })
    }
    return {
      ...{ url, policy, signal: this.#ends.signal, authorization: opened },
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(resolve === undefined ? {} : { resolve }),
    }
  }

  #now(): Date {
    return this.#settings.now?.() ?? new Date()
  }
}
