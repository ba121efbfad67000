import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import { nodeReader } from '#lib/auth/gate'
import {
  type CheckableRows,
  claimChecks,
  holdCheck,
  loadCheckableRows,
  releaseChecks,
  roomsToCheck,
  type StandingCheck,
  storeFinding,
} from '#lib/db/checks'
import { loadReadingInput, loadSamples } from '#lib/db/series'
import { UserError } from '#lib/errors/user-error'
import { untested } from '#lib/hypotheses/check-bounds'
import { checkExperimentRate, checkReproduced, type ExperimentFacts } from '#lib/hypotheses/check-experiment'
import { checkGroup } from '#lib/hypotheses/check-group'
import { checkOutages, checkPlace, type PlaceFacts } from '#lib/hypotheses/check-place'
import { checkPerThousand, checkRate, type GraphFacts } from '#lib/hypotheses/check-series'
import {
  CHECK_VERSION,
  type CheckedRange,
  type CheckFinding,
  type CheckPredicate,
} from '#lib/hypotheses/checks'
import type { ReadAccess } from '#lib/investigation/access'
import { type InvestigationId, SeriesId } from '#lib/investigation/ids'
import type { Concluder } from '#lib/jobs/conclusions'
import { readingNode } from '#lib/jobs/shared-node'
import { READING_VERSION } from '#lib/series/reading'
import { PLACE_VERSION } from '#lib/series/where-it-grows'
import { capturesTogether, GROUP_METHODS, groupFacts } from './check-groups.ts'
import { placesIn } from './growth-places.ts'

/** Live samples come every second: what is made of them is made again at most this often … */
const LIVE_EVERY_MS = 15_000
/** … and so that it takes at most a twentieth of the time. */
const SHARE_OF_TIME = 20
/** Other numbers in the same state are told at most this often. */
const SAME_STATE_EVERY_MS = 60_000
/** What failed is tried again after this. */
const AGAIN_AFTER_MS = 20_000

/** What became of a room's checks. */
export interface Evaluated {
  /** Those whose state or words changed. */
  readonly told: number
  /** Those that wait: for samples to come, or because they failed. */
  readonly waiting: number
}

/**
 * Evaluates the checks of a room whose captures, series, marks or experiments changed since they were evaluated last, and
 * tells the room what changed. Any number of nodes may call it at once: each check is in the hands of one. Null when there
 * was nothing to take. Heavy readings run in the worker threads.
 *
 * @param failed is told what could not be evaluated; the check keeps what it had and is tried again
 */
export async function evaluateChecks(
  investigationId: InvestigationId,
  failed: (error: unknown) => void,
  now: Date = new Date(),
): Promise<Evaluated | null> {
  const claimed = await claimChecks(investigationId, now)
  if (!claimed) return null
  const settled: string[] = []
  let told = 0
  try {
    const access = await nodeReader(investigationId)
    if (!access) return null
    const room = new CheckedRoom(access, await loadCheckableRows(investigationId))
    for (const check of claimed.checks) {
      const done = await evaluateOne(room, check, failed, now)
      if (done !== 'waits') settled.push(check.row.id)
      if (done === 'told') told++
    }
  } finally {
    await releaseChecks(claimed, settled)
  }
  return { told, waiting: claimed.checks.length - settled.length }
}

async function evaluateOne(
  room: CheckedRoom,
  check: StandingCheck,
  failed: (error: unknown) => void,
  now: Date,
): Promise<'told' | 'same' | 'waits'> {
  const { predicate, outcome } = check.row
  const stamp = room.stampOf(predicate)
  if (stamp === check.stamp) return 'same'
  const isHeld = check.notBefore !== null && check.notBefore > now.getTime()
  if (isHeld) return 'waits'
  const later = (ms: number) => new Date(now.getTime() + ms)
  const begun = performance.now()
  let found: CheckFinding
  try {
    found = await room.find(predicate)
  } catch (error) {
    failed(error)
    // Nobody shall look at "being tested" for ever; what was found before is better than no answer.
    if (outcome === null && error instanceof UserError) {
      const sentence = untested(`It could not be tested: ${error.message}`, 'Nothing: it is tried again.')
      const again = { stamp: '', now, notBefore: later(AGAIN_AFTER_MS) }
      await storeFinding(room.access.investigationId, check, sentence, again)
    } else await holdCheck(check, later(AGAIN_AFTER_MS))
    return 'waits'
  }
  const took = performance.now() - begun
  const isLive = LIVE.has(predicate.kind)
  const notBefore = isLive ? later(Math.max(LIVE_EVERY_MS, SHARE_OF_TIME * took)) : null
  const isNoNews =
    isLive && outcome?.state === found.state && now.getTime() < outcome.at + SAME_STATE_EVERY_MS
  if (isNoNews) {
    if (notBefore) await holdCheck(check, notBefore)
    return 'waits'
  }
  const isTold = await storeFinding(room.access.investigationId, check, found, { stamp, now, notBefore })
  return isTold ? 'told' : 'same'
}

/** Kinds that samples change. */
const LIVE: ReadonlySet<CheckPredicate['kind']> = new Set(['place', 'outages', 'rate', 'per-thousand'])

/** A room's rows at one moment, and what was computed from them for the checks before. */
class CheckedRoom {
  readonly access: ReadAccess
  readonly #rows: CheckableRows
  readonly #places = new Map<string, Promise<PlaceFacts>>()

  constructor(access: ReadAccess, rows: CheckableRows) {
    this.access = access
    this.#rows = rows
  }

  /** Hash of everything that a predicate's finding is made of: the same stamp, the same finding. */
  stampOf(predicate: CheckPredicate): string {
    const inputs = [CHECK_VERSION, predicate, ...this.#inputsOf(predicate)]
    return createHash('sha256').update(JSON.stringify(inputs)).digest('hex')
  }

  #inputsOf(predicate: CheckPredicate): unknown[] {
    const { captures, series, marks, experiments, runs } = this.#rows
    const versions = (rows: readonly { id: string; version: number }[]) =>
      rows.map(({ id, version }) => [id, version])
    switch (predicate.kind) {
      case 'place':
      case 'outages': {
        const taken = captures.map(({ id, state, takenAt, totals, process }) => [
          id,
          state,
          takenAt,
          totals?.shallowBytes,
          process,
        ])
        return [READING_VERSION, PLACE_VERSION, versions(series), versions(marks), taken]
      }
      case 'rate':
      case 'per-thousand': {
        const ids: string[] = [predicate.seriesId]
        if (predicate.kind === 'per-thousand') ids.push(predicate.counterId)
        const graph = series.find(({ id }) => id === predicate.seriesId)
        // Counters of the same process tell its restarts.
        const used = series.filter(({ id, process }) => ids.includes(id) || process === graph?.process)
        return [READING_VERSION, versions(used), versions(marks)]
      }
      case 'group':
        return [
          GROUP_METHODS,
          capturesTogether(captures, predicate.process).map(({ id, sha256, requestCount }) => [
            id,
            sha256,
            requestCount,
          ]),
        ]
      case 'experiment-rate':
      case 'experiment-reproduced': {
        const experiment = experiments.find(({ id }) => id === predicate.experimentId)
        const own = runs.filter(({ experimentId }) => experimentId === predicate.experimentId)
        return [experiment?.labelA, experiment?.labelB, experiment?.conclusion ?? null, versions(own)]
      }
    }
  }

  /** @throws UserError when what it needs is not ready, or could not be computed */
  async find(predicate: CheckPredicate): Promise<CheckFinding> {
    switch (predicate.kind) {
      case 'place':
        return checkPlace(predicate, await this.#placesIn(predicate.range))
      case 'outages':
        return checkOutages(await this.#placesIn(predicate.range))
      case 'rate':
        return checkRate(predicate, await this.#graph(predicate.seriesId, predicate.range, null))
      case 'per-thousand': {
        const { seriesId, counterId, range } = predicate
        return checkPerThousand(predicate, await this.#graph(seriesId, range, counterId))
      }
      case 'group': {
        const captures = capturesTogether(this.#rows.captures, predicate.process)
        const facts = await groupFacts(this.access, predicate.group, captures)
        return facts ? checkGroup(predicate, facts) : NO_ROW
      }
      case 'experiment-rate':
        return checkExperimentRate(predicate, this.#experiment(predicate.experimentId))
      case 'experiment-reproduced':
        return checkReproduced(this.#experiment(predicate.experimentId))
    }
  }

  #placesIn(range: CheckedRange): Promise<PlaceFacts> {
    const key = JSON.stringify(range)
    const known = this.#places.get(key) ?? this.#readPlaces(range)
    this.#places.set(key, known)
    return known
  }

  async #readPlaces(range: CheckedRange): Promise<PlaceFacts> {
    const { seriesId, places } = await placesIn(this.access, range ?? {})
    const { series, marks } = this.#rows
    const row = series.find(({ id }) => id === seriesId)
    const bands = marks.filter(({ kind, until }) => kind === 'outage' && until !== null).length
    const [from, to] = range ? [range.from, range.to] : [row?.from ?? 0, row?.to ?? 0]
    return { seriesId, places, bands, from, to }
  }

  async #graph(seriesId: string, range: CheckedRange, counterId: string | null): Promise<GraphFacts> {
    const asked = { from: range?.from, to: range?.to }
    try {
      const input = await loadReadingInput(this.access, { ...asked, seriesId: SeriesId.parse(seriesId) })
      if (!input) return { seriesId, graph: null }
      const counter = counterId && (await loadSamples(this.access, SeriesId.parse(counterId), asked))
      const beside = this.#rows.series.find(({ id }) => id === counterId)
      const key = `check ${seriesId} ${input.version} ${counterId} ${beside?.version} ${asked.from} ${asked.to}`
      const graph = await readingNode().series.graph(key, input.samples, input.question, counter || null)
      return { seriesId, graph }
    } catch (error) {
      if (error instanceof UserError && error.code === 'request/not-found') return { seriesId, graph: null }
      throw error
    }
  }

  #experiment(id: string): ExperimentFacts | null {
    const experiment = this.#rows.experiments.find((row) => row.id === id)
    if (!experiment) return null
    const { labelA, labelB, conclusion } = experiment
    const runs = this.#rows.runs.filter(({ experimentId }) => experimentId === id)
    return {
      id,
      labelA,
      labelB,
      runs: runs.map(({ condition, isCalibration, excluded, reading }) => ({
        condition,
        isCalibration,
        isExcluded: excluded !== null,
        bytesPerHour: reading?.bytesPerHour ?? null,
        bytesPerIteration: reading?.bytesPerIteration ?? null,
      })),
      conclusion: conclusion && {
        verdict: conclusion.result.verdict,
        words: conclusion.result.words,
        parity: conclusion.parity,
        runsLeft: conclusion.runsLeft,
        version: conclusion.result.version,
      },
    }
  }
}

const NO_ROW = untested(
  'The growth table has no such row now.',
  'Captures in which it occurs. Choose the group again when it is called otherwise.',
)

/** Checks as conclusions of what changes in a room (lib/jobs/conclusions.ts). */
export const checkConcluder = (log: Pick<Logger, 'warn'>): Concluder => ({
  what: 'evaluating checks',
  on: ['capture', 'series', 'run', 'conclusion', 'check'],
  conclude: (investigationId) => evaluateChecks(investigationId, warned(log, investigationId)),
})

/**
 * Looks at every room in which something changed since its checks were looked at: what a node that went down left, what
 * other nodes were told, and what had to wait. Every node does it, and none what another has in hand.
 */
export async function sweepChecks(log: Pick<Logger, 'warn'>, now: Date = new Date()): Promise<void> {
  for (const investigationId of await roomsToCheck(now))
    await evaluateChecks(investigationId, warned(log, investigationId), now)
}

const warned = (log: Pick<Logger, 'warn'>, investigationId: InvestigationId) => (error: unknown) =>
  log.warn({ err: error, investigationId }, 'a check could not be evaluated now')
