import { formatShare } from '#lib/units/format'
import { deviation, difference, type Interval, mean, proportion } from './intervals.ts'
import type { Condition } from './order.ts'
import { permutationP, smallestP } from './permutation.ts'
import { ALPHA, detectableEffect } from './power.ts'
import type { RunReading } from './run.ts'
import { amount, amountWithInterval, chance, type Metric } from './words.ts'

/** The version of the method. Stored with every result. */
export const RESULT_VERSION = 1

/** A run that was made. */
export interface ExperimentRun {
  readonly id: string
  readonly condition: Condition
  /** A control run made in front, to learn the noise: no part of the comparison. */
  readonly isCalibration?: boolean
  /** Why it does not count. It stays in the list. */
  readonly excluded?: string | undefined
  readonly reading: RunReading
}

export interface ArmResult {
  readonly condition: Condition
  /** What people call it: "memcached stopped". */
  readonly label: string
  /** One per run that counts, in the metric of the result. */
  readonly slopes: readonly number[]
  readonly mean: number | null
  /** Runs that grew. In A a run has to stand out from the control runs, too. */
  readonly grew: Interval & { readonly runs: number; readonly of: number }
}

/**
 * - `reproduced`: grows with A and not with B, beyond chance.
 * - `faster-with-a`: grows with both, with A by more.
 * - `grows-in-both`: grows with both; the condition makes no difference that could be seen.
 * - `opposite`: grows with B and not with A.
 * - `not-reproduced`: no growth with A, and the experiment would have seen the size named.
 * - `cannot-tell`: too few runs, or runs that cannot tell by themselves.
 */
export type ExperimentVerdict =
  | 'reproduced'
  | 'faster-with-a'
  | 'grows-in-both'
  | 'opposite'
  | 'not-reproduced'
  | 'cannot-tell'

export interface ExperimentResult {
  readonly version: typeof RESULT_VERSION
  readonly verdict: ExperimentVerdict
  readonly metric: Metric
  readonly a: ArmResult
  readonly b: ArmResult
  /** Mean of A less mean of B, Welch's interval: shown beside the test, which decides. */
  readonly difference: Interval | null
  /** Exact permutation test, A above B; null when an arm has no run. */
  readonly p: number | null
  /** The smallest difference that would have been seen with a chance of 90 %; null when none could be. */
  readonly wouldHaveSeen: number | null
  readonly excluded: readonly {
    readonly id: string
    readonly condition: Condition
    readonly reason: string
  }[]
  readonly words: string
  readonly reasons: readonly string[]
}

export interface ExperimentQuestion {
  readonly labels: { readonly a: string; readonly b: string }
  /** How alike production and this environment are, 0 to 1; null when nobody compared them. */
  readonly parity: number | null
}

/** Below this share of likeness a negative result says nothing about production. */
export const LIKE_ENOUGH = 0.7

/** What the runs of an experiment say together. Pure and deterministic; rules in docs/experiments-statistics.md. */
export function experimentResult(
  runs: readonly ExperimentRun[],
  question: ExperimentQuestion,
): ExperimentResult {
  const counting = runs.filter((run) => !run.excluded && run.reading.bytesPerHour !== null)
  const metric: Metric =
    counting.length > 0 && counting.every(({ reading }) => reading.bytesPerIteration)
      ? 'per-iteration'
      : 'per-hour'
  const compared = counting.filter((run) => !run.isCalibration)
  const inA = compared.filter(({ condition }) => condition === 'A')
  const inB = compared.filter(({ condition }) => condition === 'B')
  const slopesOf = (of: readonly ExperimentRun[]): number[] => of.map((run) => slopeOf(run, metric))
  const controls = slopesOf(counting.filter(({ condition }) => condition === 'B'))
  const a = arm('A', question.labels.a, inA, slopesOf(inA), (run) => standsOut(run, metric, controls))
  const b = arm('B', question.labels.b, inB, slopesOf(inB), ({ reading }) => reading.kind === 'growing')
  const p = permutationP(a.slopes, b.slopes)
  const facts = {
    metric,
    a,
    b,
    p,
    difference: difference(a.slopes, b.slopes),
    wouldHaveSeen: detectable(a, b, controls),
    growsInA: inA.filter(({ reading }) => reading.kind === 'growing').length,
    // A run that cannot tell by itself is no proof of absence.
    unclear: inA.filter(({ reading }) => reading.kind === 'cannot-tell').length,
  }
  const verdict = verdictOf(facts)
  const unread = runs.filter((run) => !run.excluded && run.reading.bytesPerHour === null)
  return {
    version: RESULT_VERSION,
    verdict,
    metric,
    a,
    b,
    difference: facts.difference,
    p,
    wouldHaveSeen: facts.wouldHaveSeen,
    excluded: [
      ...runs.flatMap(({ id, condition, excluded }) =>
        excluded ? [{ id, condition, reason: excluded }] : [],
      ),
      ...unread.map(({ id, condition, reading }) => ({ id, condition, reason: reading.words })),
    ],
    words: wordsOf(verdict, facts, question),
    reasons: reasonsOf(facts),
  }
}

interface Facts extends Pick<ExperimentResult, 'metric' | 'a' | 'b' | 'p' | 'difference' | 'wouldHaveSeen'> {
  readonly growsInA: number
  readonly unclear: number
}

function slopeOf({ reading }: ExperimentRun, metric: Metric): number {
  const rate = metric === 'per-iteration' ? reading.bytesPerIteration : reading.bytesPerHour
  return rate?.value ?? 0
}

function arm(
  condition: Condition,
  label: string,
  runs: readonly ExperimentRun[],
  slopes: readonly number[],
  hasGrown: (run: ExperimentRun) => boolean,
): ArmResult {
  const grew = runs.filter(hasGrown).length
  return {
    condition,
    label,
    slopes,
    mean: slopes.length > 0 ? mean(slopes) : null,
    grew: { ...proportion(grew, runs.length), runs: grew, of: runs.length },
  }
}

/** Above every control run by three of their deviations, and rising by its own judgement. */
function standsOut(run: ExperimentRun, metric: Metric, controls: readonly number[]): boolean {
  if (!run.reading.rises) return false
  const margin = controls.length > 1 ? 3 * deviation(controls) : 0
  return slopeOf(run, metric) > Math.max(0, ...controls) + margin
}

/** From the noise of the control runs; where there is one only, of both arms around their means. */
function detectable(a: ArmResult, b: ArmResult, controls: readonly number[]): number | null {
  if (a.slopes.length === 0 || b.slopes.length === 0) return null
  const effect = detectableEffect(a.slopes.length, b.slopes.length, 0.9)
  if (effect === null || controls.length < 2) return null
  // Without growth both arms are noise; the larger of the two is the honest one.
  const spreads = [deviation(controls), ...(a.slopes.length > 1 ? [deviation(a.slopes)] : [])]
  return effect * Math.max(...spreads)
}

function verdictOf(facts: Facts): ExperimentVerdict {
  const { a, b, p, growsInA, unclear } = facts
  if (p === null || smallestP(a.slopes.length, b.slopes.length) > ALPHA) return 'cannot-tell'
  const mostOfA = growsInA * 2 > a.slopes.length
  const mostOfB = b.grew.runs * 2 > b.slopes.length
  if (p <= ALPHA && (a.mean ?? 0) > 0) {
    if (mostOfB) return 'faster-with-a'
    return a.grew.runs * 2 > a.slopes.length ? 'reproduced' : 'cannot-tell'
  }
  if (mostOfA && mostOfB) return 'grows-in-both'
  const reversed = permutationP(b.slopes, a.slopes)
  if (mostOfB && !mostOfA && reversed !== null && reversed <= ALPHA) return 'opposite'
  if (a.grew.runs > 0 || growsInA > 0 || unclear * 2 >= a.slopes.length) return 'cannot-tell'
  return 'not-reproduced'
}

function wordsOf(verdict: ExperimentVerdict, facts: Facts, { labels, parity }: ExperimentQuestion): string {
  const { a, b, p, metric, wouldHaveSeen } = facts
  const inRuns = `in ${a.grew.runs} of ${a.grew.of} runs with “${labels.a}”, ${b.grew.runs} of ${b.grew.of} with “${labels.b}”`
  const by = facts.difference ? ` The difference is ${amountWithInterval(facts.difference, metric)}.` : ''
  const power =
    wouldHaveSeen === null
      ? ''
      : ` ${amount(wouldHaveSeen, metric)} would have been seen with a chance of 90 %.`
  switch (verdict) {
    case 'reproduced':
      return `Reproduced ${inRuns}.${by} By chance: ${chance(p!)}.`
    case 'faster-with-a':
      return `Grows with both, faster with “${labels.a}”: ${inRuns}.${by} By chance: ${chance(p!)}. The condition is not all of it.`
    case 'grows-in-both':
      return `Grows with both, and the condition makes no difference that could be seen.${by}${power}`
    case 'opposite':
      return `The other way round: grows with “${labels.b}” and not with “${labels.a}”.${by}`
    case 'not-reproduced':
      return `${negative(parity)}: ${inRuns}.${power}`
    case 'cannot-tell':
      return `Cannot tell yet: ${whyNot(facts)}`
  }
}

/** What "not reproduced" may claim: of an environment that is unlike production, nothing about production. */
export function negative(parity: number | null): string {
  if (parity === null) return 'Not reproduced, in an environment that nobody compared with production'
  if (parity >= LIKE_ENOUGH) return 'Not reproduced'
  return `Not reproduced in an unlike environment (${formatShare(parity)} alike)`
}

function whyNot({ a, b, p, unclear, growsInA }: Facts): string {
  if (a.slopes.length === 0 || b.slopes.length === 0)
    return 'one of the two conditions has no run that counts.'
  const least = smallestP(a.slopes.length, b.slopes.length)
  if (least > ALPHA) {
    return `${a.slopes.length} + ${b.slopes.length} runs can never say yes (by chance at least ${chance(least)}). At least 3 + 3 are needed, better 4 + 4.`
  }
  if (p !== null && p <= ALPHA)
    return `the conditions differ (by chance: ${chance(p)}), but only ${a.grew.runs} of ${a.grew.of} runs stand out by themselves. Longer runs would decide.`
  if (unclear * 2 >= a.slopes.length && growsInA === 0)
    return `${unclear} of ${a.slopes.length} runs cannot tell by themselves. Longer runs would decide.`
  const byChance = `which chance does as well (${p === null ? 'untested' : chance(p)}). More runs would decide.`
  // Runs of A that grow like one of B are no sign of the condition, and grow all the same.
  return growsInA > a.grew.runs
    ? `it grew in ${growsInA} of ${a.grew.of} runs with A, and ${a.grew.runs} of them stand out from those with B, ${byChance}`
    : `it grew in ${a.grew.runs} of ${a.grew.of} runs with A, ${byChance}`
}

function reasonsOf({ a, b, p, metric }: Facts): string[] {
  const arms = [a, b].flatMap(({ label, mean: middle, grew, slopes }) =>
    middle === null
      ? []
      : [
          `“${label}”: ${amount(middle, metric)} in the mean of ${slopes.length} runs; grew in ${grew.runs} of ${grew.of} (95 %: ${formatShare(grew.low)} to ${formatShare(grew.high)}).`,
        ],
  )
  return p === null
    ? arms
    : [
        ...arms,
        `Exact permutation test, one-sided: ${chance(p)} of all ways to name the runs show as large a difference.`,
      ]
}
