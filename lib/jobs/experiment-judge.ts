import {
  experimentsToJudge,
  needsReading,
  type OpenExperiment,
  roomsToJudge,
  settleExperiment,
  settleRun,
} from '#lib/db/experiments'
import type { ChangeKind } from '#lib/db/room-changes'
import { loadSamplesAsNode } from '#lib/db/series'
import type { ProductionMatch } from '#lib/experiments/production'
import type { Standing } from '#lib/experiments/standing'
import type { ExperimentRow, RunRow } from '#lib/investigation/experiments'
import type { InvestigationId, SeriesId } from '#lib/investigation/ids'
import type { Samples } from '#lib/series/samples'
import { buffersIn } from './buffers.ts'
import type { Concluder } from './conclusions.ts'
import type { WorkerPool } from './pool.ts'

const TIMEOUT_MS = 2 * 60_000
/** As often an experiment is looked at anew that people change while it is judged. */
const MOST_TRIES = 5

/** Judges experiments in reader threads and keeps what they say. Safe beside itself on other nodes. */
export class ExperimentJudge implements Concluder {
  readonly what = 'judging experiments'
  readonly on = ['run', 'series'] as const
  readonly #pool: Pick<WorkerPool, 'run'>

  constructor(pool: Pick<WorkerPool, 'run'>) {
    this.#pool = pool
  }

  /** Reads every run that is over and unread, and says anew what each experiment says that changed. */
  readonly conclude = async (
    investigationId: InvestigationId,
    changes?: ReadonlySet<ChangeKind>,
  ): Promise<void> => {
    const ofProduction = changes !== undefined && !changes.has('run')
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const open = await experimentsToJudge(investigationId, { ofProduction })
      let isOutdated = false
      for (const experiment of open)
        isOutdated = (await this.#judge(experiment, investigationId)) || isOutdated
      if (!isOutdated) return
    }
  }

  /** Rooms in which something was left undone; for a chore. */
  async sweep(): Promise<void> {
    for (const investigationId of await roomsToJudge()) await this.conclude(investigationId)
  }

  /** Answers whether it has to be looked at once more. */
  async #judge(open: OpenExperiment, investigationId: InvestigationId): Promise<boolean> {
    const { experiment, runs, key } = open
    const unread = runs.filter((run) => needsReading(run, experiment))
    let hasRead = false
    for (const run of unread) hasRead = (await this.#read(run, experiment, investigationId)) || hasRead
    // The key names the readings: with new ones it is another one.
    if (hasRead) return true
    const task = { kind: 'standing', question: questionOf(open) } as const
    const standing = await this.#pool.run<'standing'>(task, { timeoutMs: TIMEOUT_MS })
    const production = await this.#production(open, standing, investigationId)
    const settled = await settleExperiment(open, investigationId, { key, standing, production })
    return settled === null
  }

  /** Answers whether something new was read. */
  async #read(run: RunRow, experiment: ExperimentRow, investigationId: InvestigationId): Promise<boolean> {
    const { memorySeriesId, iterationsSeriesId, from, to } = run
    if (memorySeriesId === null || from === null || to === null) return false
    const range = { from, to }
    const memory = await this.#samples(investigationId, memorySeriesId, range)
    const iterations = iterationsSeriesId
      ? await this.#samples(investigationId, iterationsSeriesId, range)
      : undefined
    const task = { kind: 'run', memory, iterations } as const
    const reading = await this.#pool.run<'run'>(task, { timeoutMs: TIMEOUT_MS, transfer: buffersIn(task) })
    return settleRun({ experiment, run }, investigationId, reading)
  }

  /** What one iteration costs, at production's pace, against production's growth; null when it cannot be asked. */
  async #production(
    { experiment: { productionSeriesId, productionCounterId } }: OpenExperiment,
    { result: { metric, difference } }: Standing,
    investigationId: InvestigationId,
  ): Promise<ProductionMatch | null> {
    if (productionSeriesId === null || productionCounterId === null) return null
    // What the condition adds to an iteration; a cost per hour of the reproduction says nothing about production's load.
    if (metric !== 'per-iteration' || difference === null) return null
    const memory = await this.#samples(investigationId, productionSeriesId)
    const counter = await this.#samples(investigationId, productionCounterId)
    const task = { kind: 'production', memory, counter, bytesPerIteration: difference } as const
    return this.#pool.run<'production'>(task, { timeoutMs: TIMEOUT_MS, transfer: buffersIn(task) })
  }

  /** Columns of their own: a message to a thread copies the whole memory behind a view. */
  async #samples(
    investigationId: InvestigationId,
    seriesId: SeriesId,
    range?: { from: number; to: number },
  ): Promise<Samples> {
    const { t, v, pids } = await loadSamplesAsNode(investigationId, seriesId, range)
    return { t: t.slice(), v: v.slice(), ...(pids && { pids: pids.slice() }) }
  }
}

const questionOf = ({ experiment, runs }: OpenExperiment) => ({
  kind: experiment.kind,
  labels: { a: experiment.labelA, b: experiment.labelB },
  parity: experiment.parity?.score ?? null,
  runs: runs.map((run) => ({
    id: run.id,
    position: run.position,
    condition: run.condition,
    isCalibration: run.isCalibration,
    isAdded: run.isAdded,
    isTakenOver: run.takenFrom !== null,
    isAttached: run.endedBy === 'attached',
    isDone: run.state === 'done',
    excluded: run.excluded?.reason,
    from: run.from,
    reading: run.state === 'done' ? run.reading : null,
  })),
})
