import type { Interval } from '#lib/experiments/intervals'
import { type ProductionMatch, productionMatch } from '#lib/experiments/production'
import { type RunReading, readRun } from '#lib/experiments/run'
import { type Standing, type StandingQuestion, standing } from '#lib/experiments/standing'
import { blocks } from '#lib/series/blocks'
import { cleanSamples, type Samples } from '#lib/series/samples'
import { trend } from '#lib/series/trend'

// What a reader thread does for experiments: samples and sums of them never hold up the event loop.

/** Judges one run (lib/experiments/run.ts). The samples are copied. */
export interface RunTask {
  readonly kind: 'run'
  readonly memory: Samples
  readonly iterations: Samples | undefined
}
/** What the runs say together (lib/experiments/standing.ts). */
export interface StandingTask {
  readonly kind: 'standing'
  readonly question: StandingQuestion
}
/** Does a cost per iteration explain production's growth? The samples are copied. */
export interface ProductionTask {
  readonly kind: 'production'
  readonly memory: Samples
  readonly counter: Samples
  readonly bytesPerIteration: Interval
}

export interface ExperimentResults {
  run: RunReading
  standing: Standing
  /** Null when production does not grow, or too little is known of its pace. */
  production: ProductionMatch | null
}

export const judgeRun = ({ memory, iterations }: RunTask): RunReading => readRun(memory, iterations)
export const judgeRuns = ({ question }: StandingTask): Standing => standing(question)

export function judgeProduction({
  memory,
  counter,
  bytesPerIteration,
}: ProductionTask): ProductionMatch | null {
  const { bytesPerHour: production } = readRun(memory)
  const iterationsPerHour = pace(counter)
  if (!production || !iterationsPerHour) return null
  return productionMatch({ bytesPerIteration, iterationsPerHour, production })
}

const FEWEST_BLOCKS = 6
const HOUR_MS = 3600_000

/** Iterations per hour of a cumulative count: the slope of its longest stretch without a fall. */
function pace(counter: Samples): Interval | null {
  const clean = cleanSamples(counter)
  let longest: readonly [from: number, to: number] = [0, 0]
  for (let from = 0, at = 1; at <= clean.v.length; at++) {
    if (at < clean.v.length && clean.v[at]! >= clean.v[at - 1]!) continue
    if (at - from > longest[1] - longest[0]) longest = [from, at]
    from = at
  }
  const { t, v } = blocks(clean.t.subarray(...longest), clean.v.subarray(...longest))
  if (t.length < FEWEST_BLOCKS) return null
  const { slope, low, high } = trend(
    t.map((at) => at / HOUR_MS),
    v,
  )
  return Number.isFinite(low) && Number.isFinite(high) ? { value: slope, low, high } : null
}
