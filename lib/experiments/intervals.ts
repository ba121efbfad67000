import { betaQuantile, studentPoint } from './distributions.ts'

/** A value with its 95 % interval. */
export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** How often something happened, with Clopper and Pearson's exact 95 % interval of its chance. */
export function proportion(hits: number, of: number): Interval {
  if (of === 0) return { value: Number.NaN, low: 0, high: 1 }
  return {
    value: hits / of,
    low: hits === 0 ? 0 : betaQuantile(0.025, hits, of - hits + 1),
    high: hits === of ? 1 : betaQuantile(0.975, hits + 1, of - hits),
  }
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Standard deviation of a sample; NaN for fewer than two. */
export function deviation(values: readonly number[]): number {
  const middle = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1))
}

/**
 * Mean of A less mean of B with Welch's 95 % interval: the arms may differ in their spread. Null with fewer than two runs
 * in an arm. With two or three it is wide and fragile: show it, do not lean on it.
 */
export function difference(a: readonly number[], b: readonly number[]): Interval | null {
  if (a.length < 2 || b.length < 2) return null
  const value = mean(a) - mean(b)
  const errors = [deviation(a) ** 2 / a.length, deviation(b) ** 2 / b.length] as const
  const square = errors[0] + errors[1]
  if (square === 0) return { value, low: value, high: value }
  const freedom = square ** 2 / (errors[0] ** 2 / (a.length - 1) + errors[1] ** 2 / (b.length - 1))
  const reach = studentPoint(0.975, freedom) * Math.sqrt(square)
  return { value, low: value - reach, high: value + reach }
}
