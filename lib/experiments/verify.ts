import { formatShare } from '#lib/units/format'
import { studentPoint } from './distributions.ts'
import { deviation, mean } from './intervals.ts'
import type { ExperimentResult } from './result.ts'
import { type ExperimentRun, experimentResult } from './result.ts'
import { amount, chance } from './words.ts'

/** Is growth gone after a fix? `less`: it grows by less. `still`: no difference that could be seen. */
export interface FixCheck {
  readonly verdict: 'gone' | 'less' | 'still' | 'cannot-tell'
  /** What may be left at most (95 %, one-sided), in the metric of the result; null with fewer than two runs. */
  readonly atMost: number | null
  /** That over the growth before. */
  readonly atMostShare: number | null
  readonly result: ExperimentResult
  readonly words: string
}

/** What is left may be this share of what was, for "gone". */
const GONE_BELOW = 0.2

/**
 * Runs before a fix (condition A) against runs after it (condition B), under the same load. "Gone" needs the difference
 * beyond chance, no run after the fix that grows, and an upper bound on what is left.
 */
export function checkFix(runs: readonly ExperimentRun[]): FixCheck {
  const result = experimentResult(runs, { labels: { a: 'before', b: 'after' }, parity: null })
  const { a, b, p, metric } = result
  const atMost = upperBound(b.slopes)
  const before = a.mean ?? 0
  const atMostShare = atMost !== null && before > 0 ? Math.max(0, atMost) / before : null
  const facts = { atMost, atMostShare, result }
  const differs = result.verdict === 'reproduced' || result.verdict === 'faster-with-a'
  if (result.verdict === 'grows-in-both') {
    return { ...facts, verdict: 'still', words: `Growth is still there: ${result.words}` }
  }
  if (!differs || atMostShare === null || p === null) {
    const words = `Cannot tell whether the fix works: ${result.words}`
    return { ...facts, verdict: 'cannot-tell', words }
  }
  const left = `at most ${amount(Math.max(0, atMost ?? 0), metric)} is left (95 %), ${formatShare(atMostShare)} of the ${amount(before, metric)} before`
  if (b.grew.runs === 0 && atMostShare <= GONE_BELOW) {
    return { ...facts, verdict: 'gone', words: `Growth is gone: ${left}. By chance: ${chance(p)}.` }
  }
  return {
    ...facts,
    verdict: 'less',
    words: `It grows by less: ${left}; ${b.grew.runs} of ${b.grew.of} runs after the fix still grow.`,
  }
}

/** One-sided 95 % bound of a mean by Student's distribution. */
function upperBound(slopes: readonly number[]): number | null {
  if (slopes.length < 2) return null
  return mean(slopes) + (studentPoint(0.95, slopes.length - 1) * deviation(slopes)) / Math.sqrt(slopes.length)
}
