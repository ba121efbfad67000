import { choices, forEachChoice, smallestP } from './permutation.ts'
import { normal, seeded } from './random.ts'

/** Chance below which a difference counts: one-sided. */
export const ALPHA = 0.05

/**
 * How often the permutation test sees an effect: the share of `trials` simulated experiments with p ≤ α. `effect` is the
 * growth rate over the standard deviation of slopes between runs. Seeded: the same answer always, ± 1 % at 4,000 trials.
 *
 * O(trials × assignments × runs): 6 + 6 runs take about 50 ms. Plans use the table below instead.
 */
export function power(
  perArm: number,
  effect: number,
  { alpha = ALPHA, trials = 4000, seed = 1 } = {},
): number {
  const allowed = Math.floor(alpha * choices(2 * perArm, perArm) + 1e-9)
  if (allowed < 1) return 0
  const assignments: number[][] = []
  forEachChoice(2 * perArm, perArm, (chosen) => assignments.push([...chosen]))
  const random = seeded(seed)
  const values = new Float64Array(2 * perArm)
  let seen = 0
  for (let trial = 0; trial < trials; trial++) {
    let observed = 0
    for (let i = 0; i < 2 * perArm; i++) {
      values[i] = normal(random) + (i < perArm ? effect : 0)
      if (i < perArm) observed += values[i]!
    }
    let asFar = 0
    for (const chosen of assignments) {
      let sum = 0
      for (const index of chosen) sum += values[index]!
      if (sum >= observed - 1e-12 && ++asFar > allowed) break
    }
    if (asFar <= allowed) seen++
  }
  return seen / trials
}

/**
 * The effect that is seen with a chance of 90 and of 95 %, by runs per arm, in standard deviations of a run's slope.
 * Made with `power` (20,000 trials); test/unit/experiments checks it.
 */
const DETECTABLE: readonly { readonly perArm: number; readonly at90: number; readonly at95: number }[] = [
  { perArm: 3, at90: 3.07, at95: 3.48 },
  { perArm: 4, at90: 2.5, at95: 2.83 },
  { perArm: 5, at90: 2.07, at95: 2.33 },
  { perArm: 6, at90: 1.84, at95: 2.07 },
  { perArm: 7, at90: 1.67, at95: 1.95 },
  { perArm: 8, at90: 1.52, at95: 1.7 },
]

/** Fewer runs per arm can never say yes: with 2 + 2 the smallest chance is 1 in 6. */
export const FEWEST_RUNS = 3
export const MOST_RUNS = 8

/**
 * The smallest effect, in standard deviations of a run's slope, that an experiment sees with this chance. Null where
 * no effect, however large, can be seen. Arms of different size count as the smaller one.
 */
export function detectableEffect(a: number, b: number, chance: 0.9 | 0.95): number | null {
  if (smallestP(a, b) > ALPHA) return null
  const perArm = Math.max(FEWEST_RUNS, Math.min(a, b, MOST_RUNS))
  const row = DETECTABLE.find((one) => one.perArm === perArm)
  return row ? (chance === 0.9 ? row.at90 : row.at95) : null
}
