import { seeded, shuffled } from './random.ts'

/** The two conditions of an experiment. A is the one that is claimed to make memory grow; B is the control. */
export type Condition = 'A' | 'B'

/** One run to be made. */
export interface PlannedRun {
  /** From 1. */
  readonly number: number
  readonly condition: Condition
  /** Runs of one pair stand beside each other, so that what changes over the day meets both alike. 0: calibration. */
  readonly pair: number
}

/**
 * Balanced random order: pairs of one A and one B; in half of them A comes first, which ones is drawn. In front, if
 * wished, two control runs that tell the noise before anything is claimed. The same seed gives the same order.
 */
export function balancedOrder(
  perArm: number,
  seed: number,
  { calibration = false }: { readonly calibration?: boolean } = {},
): PlannedRun[] {
  const random = seeded(seed)
  const aFirst = Math.floor(perArm / 2) + (perArm % 2 === 1 && random() < 0.5 ? 1 : 0)
  const pairs = shuffled(
    Array.from({ length: perArm }, (_, i) => i < aFirst),
    random,
  )
  const conditions: [Condition, number][] = calibration
    ? [
        ['B', 0],
        ['B', 0],
      ]
    : []
  for (const [index, isAFirst] of pairs.entries()) {
    conditions.push([isAFirst ? 'A' : 'B', index + 1], [isAFirst ? 'B' : 'A', index + 1])
  }
  return conditions.map(([condition, pair], index) => ({ number: index + 1, condition, pair }))
}
