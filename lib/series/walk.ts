import type { Blocks } from './blocks.ts'

/** So many equal parts are compared with each other. */
const PARTS = 8
/** Student's 91 % quantile, one-sided, for the seven steps between them. */
const LEAST_T = 1.5

/**
 * Might this rise be a random walk's? Its levels are no evidence then, only its steps are: those between the means of eight
 * parts have to be up by more than their spread allows for. Noise on top of a walk hides it from the correlation of neighbours,
 * but not from this. O(blocks).
 */
export function mayBeAWalk({ v }: Blocks): boolean {
  const n = v.length
  if (n < 2 * PARTS) return false
  const means = Array.from({ length: PARTS }, (_, k) => {
    const part = v.subarray(Math.round((k * n) / PARTS), Math.round(((k + 1) * n) / PARTS))
    return part.reduce((sum, value) => sum + value, 0) / part.length
  })
  const steps = means.slice(1).map((value, k) => value - means[k]!)
  const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length
  const square = steps.reduce((sum, step) => sum + (step - mean) ** 2, 0) / (steps.length - 1)
  return mean * Math.sqrt(steps.length) < LEAST_T * Math.sqrt(square)
}
