import { lagOneCorrelation, median, ranks, studentQuantile } from './statistics.ts'

/** A robust slope and how sure it is. Slopes are in units per millisecond. */
export interface Trend {
  /** Theil–Sen: the median of the slopes of all pairs. */
  readonly slope: number
  /** 95 % interval of the slope. Infinite when the data is worth too few independent points to bound it. */
  readonly low: number
  readonly high: number
  /** Value of the fitted line at the first and at the last point. */
  readonly startLevel: number
  readonly endLevel: number
  /** Mann–Kendall's statistic with the variance corrected for autocorrelation: beyond ±2.58 chance is below 1 %. */
  readonly z: number
  /** How many independent points the data is worth. */
  readonly independent: number
}

/**
 * Theil–Sen slope with Mann–Kendall's test, both corrected for neighbours that resemble each other.
 *
 * The correction inflates the variance by 1 + 2·Σ(1 − k/n)·ρ^k with ρ from the ranks of the detrended points,
 * corrected for the bias of short series. Hamed and Rao's, which counts significant lags only, accused 56–71 % of
 * series that were flat but for a step or a plateau (docs/memory-graphs.md).
 *
 * When the levels resemble each other so much that fewer than five are independent, the series may as well be a
 * random walk. Then the steps between neighbours are judged instead: in a walk they are independent, so a mean step
 * that is far from 0 compared with their spread is growth even under that hardest of assumptions.
 *
 * O(n²): meant for at most 72 blocks.
 */
export function trend(t: Float64Array, v: Float64Array): Trend {
  const levels = trendOfLevels(t, v)
  if (levels.independent >= ENOUGH_INDEPENDENT || t.length < 6) return levels
  return trendOfSteps(t, v, levels)
}

/** What is left around a line and smaller than this share of the level is rounding: that it resembles itself means nothing. */
const ROUNDING = 1e-6
/** Fewer independent levels than this, and the steps between them are asked instead. */
const ENOUGH_INDEPENDENT = 5

function trendOfLevels(t: Float64Array, v: Float64Array): Trend {
  const n = t.length
  if (n < 3) return { ...NO_TREND, startLevel: v[0] ?? Number.NaN, endLevel: v[n - 1] ?? Number.NaN }
  const slopes = new Float64Array((n * (n - 1)) / 2)
  let score = 0
  for (let i = 0, pair = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const rise = v[j]! - v[i]!
      score += Math.sign(rise)
      slopes[pair++] = rise / (t[j]! - t[i]!)
    }
  }
  slopes.sort()
  const slope = median(slopes)
  const origin = t[0]!
  const detrended = v.map((value, i) => value - slope * (t[i]! - origin))
  const level = median(detrended)

  const exact = Math.max(Math.abs(v[0]!), Math.abs(v[n - 1]!)) * ROUNDING
  const isLine = detrended.every((value) => Math.abs(value - level) <= exact)
  const inflation = isLine ? 1 : varianceInflation(n, lagOneCorrelation(ranks(detrended)))
  const spread = Math.sqrt(scoreVariance(v) * inflation)
  // Of few points the correlation of neighbours is a guess, too: Student's quantile, as for their mean.
  const reach = studentQuantile(n - 2) * spread
  const low = Math.floor((slopes.length - reach) / 2) - 1
  const high = Math.ceil((slopes.length + reach) / 2)
  return {
    slope,
    low: slopes[low] ?? Number.NEGATIVE_INFINITY,
    high: slopes[high] ?? Number.POSITIVE_INFINITY,
    startLevel: level,
    endLevel: level + slope * (t[n - 1]! - origin),
    z: spread > 0 ? (score - Math.sign(score)) / spread : 0,
    independent: n / inflation,
  }
}

/** The same questions answered from the differences of neighbours: their mean is the drift of a walk. */
function trendOfSteps(t: Float64Array, v: Float64Array, levels: Trend): Trend {
  const count = t.length - 1
  const rates = new Float64Array(count)
  for (let i = 0; i < count; i++) rates[i] = (v[i + 1]! - v[i]!) / (t[i + 1]! - t[i]!)
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / count
  const square = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / (count - 1)
  const inflation = varianceInflation(count, lagOneCorrelation(rates))
  const independent = count / inflation
  const error = Math.sqrt(square / independent)
  const freedom = Math.max(1, independent - 1)
  const reach = studentQuantile(freedom) * error
  // Of exactly equal steps there is no spread to compare with: any drift is certain.
  const ratio = error > 0 ? mean / error : mean === 0 ? 0 : Math.sign(mean) * 1e3
  return {
    ...levels,
    // Theil–Sen stays the best guess; the interval covers both it and the drift.
    low: Math.min(levels.slope, mean - reach),
    high: Math.max(levels.slope, mean + reach),
    z: (ratio * (1 - 1 / (4 * freedom))) / Math.sqrt(1 + (ratio * ratio) / (2 * freedom)),
    independent,
  }
}

const NO_TREND = {
  slope: 0,
  low: Number.NEGATIVE_INFINITY,
  high: Number.POSITIVE_INFINITY,
  z: 0,
  independent: 0,
} as const

/** By how much resembling neighbours widen the variance of a sum. At least 1. */
function varianceInflation(n: number, correlation: number): number {
  const rho = Math.min(0.98, Math.max(0, (n * correlation + 2) / (n - 4 || 1)))
  let sum = 0
  for (let k = 1, power = rho; k < n; k++, power *= rho) sum += (1 - k / n) * power
  return 1 + 2 * sum
}

/** Variance of Mann–Kendall's score with its correction for ties. */
function scoreVariance(v: Float64Array): number {
  const n = v.length
  const term = (m: number) => m * (m - 1) * (2 * m + 5)
  const sorted = Float64Array.from(v).sort()
  let ties = 0
  for (let start = 0; start < n; ) {
    let end = start + 1
    while (end < n && sorted[end] === sorted[start]) end++
    ties += term(end - start)
    start = end
  }
  return (term(n) - ties) / 18
}
