import {
  experimentsToJudge,
  needsReading,
  type OpenExperiment,
  roomsToJudge,
  runsThatWereRead,
  settleExperiment,
  settleRun,
} from '#lib/db/experiments'
import type { ChangeKind } from '#lib/db/room-changes'
import { loadSamplesAsNode } from '#lib/db/series'
import type { ProductionMatch } from '#lib/experiments/production'
import type { Standing } from '#lib/experiments/standing'
import type { RunRow } from '#lib/investigation/experiments'
import type { InvestigationId, RunId, SeriesId } from '#lib/investigation/ids'
import type { Samples } from '#lib/series/samples'
import { buffersIn } from './buffers.ts'
import type { Concluder } from './conclusions.ts'
import type { WorkerPool } from './pool.ts'

const TIMEOUT_MS = 2 * 60_000
/** As often an experiment is looked at anew that people change while it is judged. */
const MOST_TRIES = 5
/** So many runs are remembered with the graphs that they were read from; a forgotten one is read once more. */
const MOST_REMEMBERED = 5_000

/** Judges experiments in reader threads and keeps what they say. Safe beside itself on other nodes. */
export class ExperimentJudge implements Concluder {
  readonly what = 'judging experiments'
  readonly on = ['run', 'series'] as const
  readonly #pool: Pick<WorkerPool, 'run'>
  /** By run, the graphs from which it was read when this node last looked. */
  readonly #readFrom = new Map<RunId, string>()

  constructor(pool: Pick<WorkerPool, 'run'>) {
    this.#pool = pool
  }

  /**
   * Reads every run that is over and unread, or whose range got other samples since, and says anew what each experiment
   * says that changed.
   */
  readonly conclude = async (
    investigationId: InvestigationId,
    changes?: ReadonlySet<ChangeKind>,
  ): Promise<void> => {
    const ofGraphs = changes === undefined || changes.has('series')
    const hasReadAgain = ofGraphs && (await this.#readAgain(investigationId))
    const ofProduction = changes !== undefined && !changes.has('run') && !hasReadAgain
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
    for (const run of unread) {
      const outcome = await this.#read({ run, title: experiment.title }, investigationId)
      hasRead = outcome === 'news' || hasRead
    }
    // The key names the readings: with new ones it is another one.
    if (hasRead) return true
    const task = { kind: 'standing', question: questionOf(open) } as const
    const standing = await this.#pool.run<'standing'>(task, { timeoutMs: TIMEOUT_MS })
    const production = await this.#production(open, standing, investigationId)
    const settled = await settleExperiment(open, investigationId, { key, standing, production })
    return settled === null
  }

  /** Samples may come in late, or a file may be imported once more. Answers whether something new was read. */
  async #readAgain(investigationId: InvestigationId): Promise<boolean> {
    let hasRead = false
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      let isOutdated = false
      for (const { run, title, graphs } of await runsThatWereRead(investigationId)) {
        if (this.#readFrom.get(run.id) === graphs) continue
        const outcome = await this.#read({ run, title }, investigationId)
        if (outcome === 'outdated') isOutdated = true
        else this.#remember(run.id, graphs)
        hasRead = outcome === 'news' || hasRead
      }
      if (!isOutdated) break
    }
    return hasRead
  }

  #remember(run: RunId, graphs: string): void {
    this.#readFrom.delete(run)
    this.#readFrom.set(run, graphs)
    const [oldest] = this.#readFrom.keys()
    if (this.#readFrom.size > MOST_REMEMBERED && oldest !== undefined) this.#readFrom.delete(oldest)
  }

  async #read(
    read: { readonly run: RunRow; readonly title: string },
    investigationId: InvestigationId,
  ): Promise<'news' | 'same' | 'outdated'> {
    const { memorySeriesId, iterationsSeriesId, from, to } = read.run
    if (memorySeriesId === null || from === null || to === null) return 'same'
    const range = { from, to }
    const memory = await this.#samples(investigationId, memorySeriesId, range)
    const iterations = iterationsSeriesId
      ? await this.#samples(investigationId, iterationsSeriesId, range)
      : undefined
    const samples = memory.t.length + (iterations?.t.length ?? 0)
    const task = { kind: 'run', memory, iterations } as const
    const reading = await this.#pool.run<'run'>(task, { timeoutMs: TIMEOUT_MS, transfer: buffersIn(task) })
    return settleRun(read, investigationId, { reading, samples })
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
