import type { Blocks } from './blocks.ts'
import { leastSquares } from './least-squares.ts'
import { lagOneCorrelation, studentQuantile } from './statistics.ts'

/**
 * How well simple curves explain a series. Each entry is a Bayesian information criterion: lower is better, and a
 * lead of 6 is strong. Never shown to people; the readings say in words what follows from it.
 */
export interface Shapes {
  readonly flat: number
  readonly linear: number
  /** a + b·ln(1 + u/τ): slows for ever. */
  readonly logarithm: number
  /** a + b·(1 − e^(−u/τ)): approaches a level. */
  readonly plateau: number
  /** A plateau early on, then a line. */
  readonly warmThenLinear: number
  /** Up to three jumps, flat between. */
  readonly steps: number
  /** Where the jumps of `steps` are, as block indexes: the first block of the new level. */
  readonly jumps: readonly number[]
  /** Flat, then a line, then flat again: growth that set in, and perhaps stopped, while we watched. */
  readonly ramp: number
  /** Where the line of `ramp` begins and ends, as block indexes. */
  readonly rampFrom: number
  readonly rampTo: number
  /** Time constant of the better of plateau and warmThenLinear, in milliseconds. */
  readonly warmUpMs: number
  /** How far that approach rises, in the series' unit. */
  readonly warmUpRise: number
  /** Slope of the line in `warmThenLinear`, in the series' unit per millisecond; undefined when it cannot be told. */
  readonly warmSlope: SlopeInterval | undefined
}

/** A slope with its 95 % interval. */
export interface SlopeInterval {
  readonly value: number
  readonly low: number
  readonly high: number
}

const TIME_CONSTANTS = [0.02, 0.035, 0.06, 0.1, 0.16, 0.25, 0.4, 0.65, 1]
/** A plateau may lie beyond the data: at twice their length its curve can just be told from a line. */
const PLATEAU_TIME_CONSTANTS = [...TIME_CONSTANTS, 2]
const MOST_JUMPS = 3
/** A curve whose criterion is within this of the best explains the data about as well. */
const AS_GOOD = 4
/** A rise shorter than this share of the data is a jump, not a ramp. */
const SHORTEST_RAMP = 0.15
/** A warm-up that takes longer than this share of the data cannot be told from the growth itself. */
const LONGEST_WARM_UP = 0.25

/**
 * Fits all curves by least squares to points whose neighbours were decorrelated with one AR(1) coefficient, taken
 * from the residuals of the richest curve. O(curves × blocks): about 3 ms for 72 blocks.
 */
export function shapes({ t, v }: Blocks): Shapes {
  const n = t.length
  const duration = t[n - 1]! - t[0]! || 1
  const u = t.map((time) => (time - t[0]!) / duration)
  const one = new Float64Array(n).fill(1)
  const approach = (tau: number) => u.map((x) => 1 - Math.exp(-x / tau))
  const rho = residualCorrelation(
    TIME_CONSTANTS.map((tau) => [one, u, approach(tau)]),
    v,
  )
  const y = decorrelated(v, rho)
  const fitted = (columns: readonly Float64Array[]) =>
    leastSquares(
      columns.map((column) => decorrelated(column, rho)),
      y,
    )
  const score = (columns: readonly Float64Array[], extra = 0): number => {
    const fit = fitted(columns)
    return fit ? criterion(fit.residual, y, columns.length + extra) : Number.POSITIVE_INFINITY
  }
  const best = (scored: readonly { tau: number; bic: number }[]) =>
    scored.reduce((a, b) => (b.bic < a.bic ? b : a))

  const plateau = best(PLATEAU_TIME_CONSTANTS.map((tau) => ({ tau, bic: score([one, approach(tau)], 1) })))
  const early = TIME_CONSTANTS.filter((tau) => tau <= LONGEST_WARM_UP).map((tau) => ({
    tau,
    bic: score([one, u, approach(tau)], 1),
  }))
  const warm = best(early)
  const logarithm = best(
    TIME_CONSTANTS.map((tau) => ({ tau, bic: score([one, u.map((x) => Math.log(1 + x / tau))], 1) })),
  )
  const steps = bestSteps(n, (columns, extra) => score([one, ...columns], extra))
  const ramp = bestRamp(u, (column) => score([one, column], 2))
  const settling = warm.bic < plateau.bic ? [approach(warm.tau), one, u] : [approach(plateau.tau), one]
  return {
    flat: score([one]),
    linear: score([one, u]),
    logarithm: logarithm.bic,
    plateau: plateau.bic,
    warmThenLinear: warm.bic,
    steps: steps.bic,
    jumps: steps.jumps,
    ramp: ramp.bic,
    rampFrom: ramp.from,
    rampTo: ramp.to,
    warmUpMs: (warm.bic < plateau.bic ? warm.tau : plateau.tau) * duration,
    warmUpRise: fitted(settling)?.weights[0] ?? 0,
    warmSlope: slopeBeside(
      early.filter(({ bic }) => bic < warm.bic + AS_GOOD).map(({ tau }) => decorrelated(approach(tau), rho)),
      { one: decorrelated(one, rho), line: decorrelated(u, rho), y },
      duration,
    ),
  }
}

/**
 * The slope of a line that stands beside an approach. The time constant is not known: the interval covers what each
 * that explains the data about as well would give.
 */
function slopeBeside(
  approaches: readonly Float64Array[],
  { one, line, y }: { one: Float64Array; line: Float64Array; y: Float64Array },
  duration: number,
): SlopeInterval | undefined {
  const freedom = y.length - 4
  if (freedom < 1) return undefined
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const approach of approaches) {
    const fit = leastSquares([one, line, approach], y)
    // What of the line the other columns cannot make up decides how well its slope is known (Frisch, Waugh, Lovell).
    const own = leastSquares([one, approach], line)
    if (!fit || !own) return undefined
    const error = Math.sqrt(fit.residual / freedom / own.residual)
    const reach = studentQuantile(freedom) * error
    low = Math.min(low, (fit.weights[1]! - reach) / duration)
    high = Math.max(high, (fit.weights[1]! + reach) / duration)
  }
  return high >= low ? { value: (low + high) / 2, low, high } : undefined
}

/** AR(1) coefficient of what the best of the rich curves leaves, corrected for short series; 0 to 0.9. */
function residualCorrelation(candidates: readonly Float64Array[][], v: Float64Array): number {
  let rest = v
  let smallest = Number.POSITIVE_INFINITY
  for (const columns of candidates) {
    const fit = leastSquares(columns, v)
    if (!fit || fit.residual >= smallest) continue
    smallest = fit.residual
    rest = v.map((value, i) => columns.reduce((left, c, k) => left - fit.weights[k]! * c[i]!, value))
  }
  const n = v.length
  return Math.min(0.9, Math.max(0, (n * lagOneCorrelation(rest) + 1) / (n - 3 || 1)))
}

/** y[i] − ρ·y[i−1], and the first scaled to the same variance. */
function decorrelated(column: Float64Array, rho: number): Float64Array {
  return column.map((value, i) => (i === 0 ? value * Math.sqrt(1 - rho * rho) : value - rho * column[i - 1]!))
}

function criterion(residual: number, y: Float64Array, parameters: number): number {
  let size = 0
  for (const value of y) size += value * value
  // A perfect fit would be minus infinity; what is below a double's precision counts as equally perfect.
  const floor = Math.max(size * 1e-18, Number.MIN_VALUE)
  return y.length * Math.log(Math.max(residual, floor) / y.length) + parameters * Math.log(y.length)
}

/** Adds the jump that helps most, three times; each costs two parameters (its height and its place). */
function bestSteps(
  n: number,
  score: (columns: readonly Float64Array[], extra: number) => number,
): { bic: number; jumps: number[] } {
  const columns: Float64Array[] = []
  let found = { bic: Number.POSITIVE_INFINITY, jumps: [] as number[] }
  const jumps: number[] = []
  for (let round = 1; round <= MOST_JUMPS; round++) {
    let best = { bic: Number.POSITIVE_INFINITY, at: 0 }
    for (let at = 2; at <= n - 2; at++) {
      if (jumps.includes(at)) continue
      const bic = score([...columns, levelFrom(n, at)], round)
      if (bic < best.bic) best = { bic, at }
    }
    if (best.at === 0) break
    columns.push(levelFrom(n, best.at))
    jumps.push(best.at)
    if (best.bic < found.bic) found = { bic: best.bic, jumps: [...jumps].sort((a, b) => a - b) }
  }
  return found
}

const levelFrom = (n: number, at: number): Float64Array => new Float64Array(n).fill(0).fill(1, at)

/** Tries every second pair of corners. */
function bestRamp(
  u: Float64Array,
  score: (column: Float64Array) => number,
): { bic: number; from: number; to: number } {
  let best = { bic: Number.POSITIVE_INFINITY, from: 0, to: u.length - 1 }
  for (let from = 2; from < u.length - 2; from += 2) {
    for (let to = from + 2; to < u.length + 1; to += 2) {
      const [start, end] = [u[from]!, u[Math.min(to, u.length - 1)]!]
      if (end - start < SHORTEST_RAMP) continue
      const bic = score(u.map((x) => Math.min(end, Math.max(start, x))))
      if (bic < best.bic) best = { bic, from, to: Math.min(to, u.length - 1) }
    }
  }
  return best
}
