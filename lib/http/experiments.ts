import { comparedEnvironments } from '#lib/db/experiment-forms'
import { type FoundExperiment, findExperiment } from '#lib/db/experiments'
import { loadLevel } from '#lib/db/series'
import { UserError } from '#lib/errors/user-error'
import type { Parity, ParityRow } from '#lib/experiments/parity'
import { rowKey } from '#lib/experiments/parity'
import { smallestP } from '#lib/experiments/permutation'
import { assumedNoise, measuredNoise, type Plan, plan, type SlopeNoise } from '#lib/experiments/plan'
import { type ExperimentTemplate, TEMPLATES } from '#lib/experiments/templates'
import type { ReadAccess } from '#lib/investigation/access'
import type { ExperimentRow, RunRow } from '#lib/investigation/experiments'

/** As many rows of the comparison cross to the page; differences come first. */
const MOST_ROWS = 500
/** Where no process is known yet. */
const USUAL_LEVEL = 500e6

/** What the page and `leakroom experiment` show of one experiment beyond its rows. */
export interface ExperimentAnswer {
  readonly experiment: ExperimentRow
  readonly runs: readonly RunRow[]
  readonly template: ExperimentTemplate | null
  /** Null when no length is planned and no run tells one. */
  readonly plan: Plan | null
  readonly noise: SlopeNoise
  /** The smallest chance that so many runs can ever show. */
  readonly smallestChance: number
  /** Both environments side by side; null before both were pasted. */
  readonly parity: ComparedEnvironments | null
}

export interface ComparedEnvironments extends Omit<Parity, 'rows'> {
  /** The first 500, differences first. `waived`: the reason, when somebody declared that it does not matter. */
  readonly rows: readonly (ParityRow & { readonly key: string; readonly waived: string | null })[]
  /** Rows in all. */
  readonly of: number
}

/** `GET /api/investigations/:id/experiments/:experimentId`. @throws UserError request/not-found */
export async function answerExperiment(access: ReadAccess, name: string): Promise<ExperimentAnswer> {
  const found = await findExperiment(access, name)
  if (!found) throw new UserError('request/not-found', { what: 'experiment' })
  const { experiment, runs } = found
  const { perArm, template } = experiment
  const noise = await noiseOf(access, experiment, runs)
  const runMs = experiment.runSeconds === null ? usualLength(runs) : experiment.runSeconds * 1000
  return {
    experiment,
    runs,
    template: TEMPLATES.find(({ id }) => id === template) ?? null,
    noise,
    smallestChance: smallestP(perArm, perArm),
    plan:
      runMs === null
        ? null
        : plan({ perArm, runMs, noise, expected: experiment.expectedPerHour ?? undefined }),
    parity: compared(found),
  }
}

/** From control runs that were made, where there are two; else assumed for a process of production's size. */
async function noiseOf(
  access: ReadAccess,
  { productionSeriesId }: ExperimentRow,
  runs: readonly RunRow[],
): Promise<SlopeNoise> {
  const controls = runs.filter(
    (run) => run.condition === 'B' && run.excluded === null && run.reading?.bytesPerHour != null,
  )
  const slopes = controls.flatMap(({ reading }) => reading?.bytesPerHour?.value ?? [])
  const measured = measuredNoise(slopes, usualLength(controls) ?? 0)
  return measured ?? assumedNoise((await loadLevel(access, productionSeriesId)) ?? USUAL_LEVEL)
}

/** Milliseconds; null when no run was read. */
function usualLength(runs: readonly RunRow[]): number | null {
  const lengths = runs.flatMap(({ reading }) =>
    reading && reading.durationMs > 0 ? [reading.durationMs] : [],
  )
  if (lengths.length === 0) return null
  return lengths.toSorted((a, b) => a - b)[Math.floor(lengths.length / 2)]!
}

function compared({ environments, experiment }: FoundExperiment): ComparedEnvironments | null {
  const parity = comparedEnvironments({ ...environments, waived: experiment.waived })
  if (!parity) return null
  const waived = new Map(experiment.waived.map(({ key, reason }) => [key, reason]))
  const rows = parity.rows.slice(0, MOST_ROWS).map((row) => {
    const key = rowKey(row)
    return { ...row, key, waived: waived.get(key) ?? null }
  })
  return { ...parity, rows, of: parity.rows.length }
}
