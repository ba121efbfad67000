import { balancedOrder } from '#lib/experiments/order'
import type { ExperimentRun } from '#lib/experiments/result'
import { experimentResult } from '#lib/experiments/result'
import { type Conclusion, ExperimentRow, RunRow, StoredRunReading } from '#lib/investigation/experiments'

const uuid = (kind: string, number: number) =>
  `${kind}0000000-0000-4000-8000-${String(number).padStart(12, '0')}`
export const experimentId = (number = 1) => uuid('e', number)
export const runId = (position: number) => uuid('a', position)
export const HYPOTHESIS = uuid('b', 1)

export const drawExperiment = (changes: object = {}): ExperimentRow =>
  ExperimentRow.parse({
    id: experimentId(),
    number: 2,
    hypothesisId: HYPOTHESIS,
    kind: 'compare',
    template: 'dependency-down',
    title: 'memcached stopped <img src=x onerror=alert(1)>',
    steps: 'Stop it.',
    command: 'ruby load.rb',
    beforeA: 'service memcached stop',
    beforeB: 'service memcached start',
    iterations: '^request',
    labelA: 'memcached stopped',
    labelB: 'memcached running',
    perArm: 4,
    calibration: 0,
    seed: 7,
    runSeconds: 600,
    expectedPerHour: null,
    knownTrouble: '',
    production: null,
    reproduction: null,
    waived: [],
    parity: null,
    productionSeriesId: null,
    productionCounterId: null,
    conclusion: null,
    archived: false,
    version: 1,
    createdBy: 'u1',
    createdAt: 1,
    updatedAt: 1,
    ...changes,
  })

export const drawReading = (bytesPerIteration: number, changes: object = {}): StoredRunReading =>
  StoredRunReading.parse({
    kind: bytesPerIteration > 100 ? 'growing' : 'steady',
    rises: bytesPerIteration > 100,
    bytesPerHour: { value: bytesPerIteration * 36_000, low: 0, high: bytesPerIteration * 72_000 },
    bytesPerIteration: {
      value: bytesPerIteration,
      low: bytesPerIteration - 20,
      high: bytesPerIteration + 20,
    },
    iterations: 6000,
    durationMs: 600_000,
    warmUpMs: 0,
    restarts: 0,
    words: 'Growing so far.',
    ...changes,
  })

export const drawRun = (position: number, changes: object = {}): RunRow =>
  RunRow.parse({
    id: runId(position),
    experimentId: experimentId(),
    position,
    condition: 'A',
    isCalibration: false,
    isAdded: false,
    takenFrom: null,
    process: null,
    memorySeriesId: null,
    iterationsSeriesId: null,
    from: null,
    to: null,
    state: 'planned',
    endedBy: null,
    excluded: null,
    reading: null,
    version: 1,
    ...changes,
  })

/** Planned runs in the order that the seed draws. */
export const drawPlanned = (perArm = 4, seed = 7): RunRow[] =>
  balancedOrder(perArm, seed).map(({ number, condition }) => drawRun(number, { condition }))

/** All runs made: about 1,064 B per iteration with A and 10 with B. */
export const drawDone = (): RunRow[] =>
  drawPlanned().map((run) => ({
    ...run,
    state: 'done',
    endedBy: 'mark',
    reading: drawReading((run.condition === 'A' ? 1064 : 10) + run.position),
  }))

export function drawConclusion(runs: readonly RunRow[], changes: Partial<Conclusion> = {}): Conclusion {
  const experiment = drawExperiment()
  const read = runs.flatMap(({ id, condition, isCalibration, excluded, reading }): ExperimentRun[] =>
    reading ? [{ id, condition, isCalibration, excluded: excluded?.reason, reading }] : [],
  )
  const parity = changes.parity ?? null
  const result = experimentResult(read, {
    labels: { a: experiment.labelA, b: experiment.labelB },
    parity,
  })
  return {
    // reason: readonly arrays there, plain ones in what is stored; nothing here writes to them.
    result: result as Conclusion['result'],
    words: result.words,
    fix: null,
    production: null,
    parity,
    runsLeft: runs.filter(({ state, excluded }) => state !== 'done' && !excluded).length,
    notes: [],
    at: 10,
    ...changes,
  }
}
