import { studentPoint } from '#lib/experiments/distributions'
import { deviation, mean } from '#lib/experiments/intervals'
import { LIKE_ENOUGH } from '#lib/experiments/result'
import { beside, finding, type Measured, untested } from './check-bounds.ts'
import { amount } from './check-sentence.ts'
import type { CheckFinding, PredicateOf } from './checks.ts'

/** What of a run its check needs. */
export interface RunFacts {
  readonly condition: 'A' | 'B'
  readonly isCalibration: boolean
  readonly isExcluded: boolean
  readonly bytesPerHour: Measured | null
  readonly bytesPerIteration: Measured | null
}

/** An experiment with its standing reading. */
export interface ExperimentFacts {
  readonly id: string
  readonly labelA: string
  readonly labelB: string
  readonly runs: readonly RunFacts[]
  /** Null before its first runs were read. */
  readonly conclusion: {
    readonly verdict:
      | 'reproduced'
      | 'faster-with-a'
      | 'grows-in-both'
      | 'opposite'
      | 'not-reproduced'
      | 'cannot-tell'
    readonly words: string
    /** Likeness of the environments, 0 to 1; null when nobody compared them. */
    readonly parity: number | null
    readonly runsLeft: number
    /** Of the method. */
    readonly version: number
  } | null
}

const GONE = untested('The experiment is gone.', 'Its runs. Change the check to another experiment.')

/** Why an experiment says nothing yet; null when it does. */
function undecided(experiment: ExperimentFacts): CheckFinding | null {
  const { conclusion } = experiment
  if (conclusion === null)
    return untested('No run was read yet.', 'The runs of the experiment.', restOf(experiment))
  const { runsLeft } = conclusion
  if (runsLeft === 0) return null
  const left = runsLeft === 1 ? '1 run is left' : `${runsLeft} runs are left`
  return untested(
    `Its runs are not all made: ${left}.`,
    'The runs that are left, or a reason to leave them out.',
    restOf(experiment),
  )
}

const restOf = ({ id, conclusion }: ExperimentFacts) => ({
  evidence: [{ kind: 'experiment' as const, experimentId: id }],
  methods: conclusion ? [`experiment ${conclusion.version}`] : [],
})

/** "Experiment 2: more than 500 B per iteration with “memcached stopped”". Pure. */
export function checkExperimentRate(
  { condition, metric, side, bytes }: PredicateOf<'experiment-rate'>,
  experiment: ExperimentFacts | null,
): CheckFinding {
  if (experiment === null) return GONE
  const open = undecided(experiment)
  if (open) return open
  const rest = restOf(experiment)
  if (experiment.conclusion?.verdict === 'cannot-tell')
    return untested('The experiment cannot tell yet.', 'More runs, or longer ones.', rest)
  const made = experiment.runs.filter(
    (run) =>
      run.condition === condition && !run.isCalibration && !run.isExcluded && run.bytesPerHour !== null,
  )
  const label = condition === 'A' ? experiment.labelA : experiment.labelB
  const rates = made.flatMap(
    (run) => (metric === 'per-iteration' ? run.bytesPerIteration : run.bytesPerHour) ?? [],
  )
  if (rates.length < made.length)
    return untested(`Not every run with “${label}” counted iterations.`, 'Runs that count iterations.', rest)
  const interval = meanOf(rates.map(({ value }) => value))
  if (interval === null) return untested(`“${label}” has fewer than two runs that count.`, 'More runs.', rest)
  const per = metric === 'per-iteration' ? 'per iteration' : 'per hour'
  const words = `${amount(interval.value)} ${per} in the mean of ${rates.length} runs with “${label}” (95 %: ${amount(interval.low)} to ${amount(interval.high)}).`
  const state = beside(interval, side, bytes)
  return finding(state, words, {
    ...rest,
    missing: state === 'untested' ? 'More runs, or longer ones.' : null,
  })
}

/** Mean with Student's 95 % interval; null with fewer than two values. */
function meanOf(values: readonly number[]): Measured | null {
  if (values.length < 2) return null
  const value = mean(values)
  const reach = (studentPoint(0.975, values.length - 1) * deviation(values)) / Math.sqrt(values.length)
  return { value, low: value - reach, high: value + reach }
}

/** "Experiment 2: it grows with “memcached stopped” and not with “running”". Pure. */
export function checkReproduced(experiment: ExperimentFacts | null): CheckFinding {
  if (experiment === null) return GONE
  const open = undecided(experiment)
  if (open) return open
  const rest = restOf(experiment)
  const { verdict, words, parity } = experiment.conclusion!
  switch (verdict) {
    case 'reproduced':
      return finding('supported', words, rest)
    case 'faster-with-a':
    case 'grows-in-both':
    case 'opposite':
      return finding('contradicted', words, rest)
    case 'not-reproduced':
      // Of an environment that is unlike production a negative says nothing about production.
      return parity !== null && parity >= LIKE_ENOUGH
        ? finding('contradicted', words, rest)
        : untested(words, 'Both environments, at least 70 % alike.', rest)
    case 'cannot-tell':
      return untested(words, 'More runs, or longer ones.', rest)
  }
}
