import { createHash } from 'node:crypto'
import type { CheckableRows } from '#lib/db/checks'
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
import { SeriesId } from '#lib/investigation/ids'
import { readingNode } from '#lib/jobs/shared-node'
import { READING_VERSION } from '#lib/series/reading'
import { type Samples, samplesBetween } from '#lib/series/samples'
import { PLACE_VERSION } from '#lib/series/where-it-grows'
import { capturesTogether, GROUP_METHODS, groupFacts } from './check-groups.ts'
import { placesIn } from './growth-places.ts'

/** A room's rows at one moment, and what was computed from them for the checks before. */
export class CheckedRoom {
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
      const told = graph.perThousand
      return { seriesId, graph, isCounterBroken: told !== null && fallsIn(counter || null, told) }
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

/** O(samples). */
function fallsIn(counter: Samples | null, { from, to }: { from: number; to: number }): boolean {
  if (counter === null) return false
  const { v } = samplesBetween(counter, from, to)
  return v.some((now, i) => i > 0 && now < v[i - 1]!)
}

const NO_ROW = untested(
  'The growth table has no such row now.',
  'Captures in which it occurs. Choose the group again when it is called otherwise.',
)
