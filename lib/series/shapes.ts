import { type Basis, basisOf, extended, residualWith } from './basis.ts'
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
  /** Criterion of the best of all curves above. */
  readonly best: number
  /** Weights of the cycle's columns in the best curve, in the series' unit. Empty without a cycle. */
  readonly cycle: readonly number[]
  /** Of a line with the cycle beside it; undefined without a cycle. */
  readonly lineInCycle: { readonly bic: number; readonly slope: SlopeInterval | undefined } | undefined
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
 * from the residuals of the richest curve. `cycle` are columns that every curve may use besides its own (season.ts).
 * O(curves × blocks): about 1 ms for 72 blocks.
 */
export function shapes({ t, v }: Blocks, cycle: readonly Float64Array[] = []): Shapes {
  const n = t.length
  const duration = t[n - 1]! - t[0]! || 1
  const u = t.map((time) => (time - t[0]!) / duration)
  const one = new Float64Array(n).fill(1)
  const approach = (tau: number) => u.map((x) => 1 - Math.exp(-x / tau))
  const rho = residualCorrelation(
    TIME_CONSTANTS.map((tau) => [one, u, approach(tau), ...cycle]),
    v,
  )
  const y = decorrelated(v, rho)
  const always = basisOf(
    [one, ...cycle].map((column) => decorrelated(column, rho)),
    y,
  )
  const withLine = extended(always, decorrelated(u, rho))
  const base = 1 + cycle.length
  const score = (residual: number, parameters: number) => criterion(residual, y, base + parameters)
  const tried = (
    curve: (tau: number) => Float64Array,
    taus: readonly number[],
    basis: Basis,
    parameters: number,
  ) =>
    taus
      .map((tau) => ({ tau, bic: score(residualWith(basis, decorrelated(curve(tau), rho)), parameters) }))
      .reduce((a, b) => (b.bic < a.bic ? b : a))

  const plateau = tried(approach, PLATEAU_TIME_CONSTANTS, always, 2)
  const early = TIME_CONSTANTS.filter((tau) => tau <= LONGEST_WARM_UP)
  const warm = tried(approach, early, withLine, 3)
  const curved = (tau: number) => u.map((x) => Math.log(1 + x / tau))
  const logarithm = tried(curved, TIME_CONSTANTS, always, 2)
  const steps = bestSteps(n, always, rho, score)
  const ramp = bestRamp(u, always, rho, score)
  const flat = score(always.residual, 0)
  const linear = score(withLine.residual, 1)
  const settles = warm.bic < plateau.bic ? warm : plateau
  const settling = warm.bic < plateau.bic ? [one, u] : [one]
  const fitted = (columns: readonly Float64Array[]) =>
    leastSquares(
      columns.map((column) => decorrelated(column, rho)),
      y,
    )?.weights ?? []
  const ramped = u.map((x) => Math.min(u[ramp.to]!, Math.max(u[ramp.from]!, x)))
  const candidates = [
    { bic: flat, columns: [] },
    { bic: linear, columns: [u] },
    { bic: logarithm.bic, columns: [curved(logarithm.tau)] },
    { bic: plateau.bic, columns: [approach(plateau.tau)] },
    { bic: warm.bic, columns: [u, approach(warm.tau)] },
    { bic: steps.bic, columns: steps.jumps.map((at) => levelFrom(n, at)) },
    { bic: ramp.bic, columns: [ramped] },
  ]
  const best = candidates.reduce((a, b) => (b.bic < a.bic ? b : a))
  const plain = [one, ...cycle].map((column) => decorrelated(column, rho))
  const line = { line: decorrelated(u, rho), y, duration }
  return {
    flat,
    linear,
    logarithm: logarithm.bic,
    plateau: plateau.bic,
    warmThenLinear: warm.bic,
    steps: steps.bic,
    jumps: steps.jumps,
    ramp: ramp.bic,
    rampFrom: ramp.from,
    rampTo: ramp.to,
    warmUpMs: settles.tau * duration,
    warmUpRise: fitted([approach(settles.tau), ...settling, ...cycle])[0] ?? 0,
    warmSlope: slopeBeside(
      early
        .map((tau) => decorrelated(approach(tau), rho))
        .filter((column) => score(residualWith(withLine, column), 3) < warm.bic + AS_GOOD)
        .map((column) => [...plain, column]),
      line,
    ),
    best: best.bic,
    cycle: cycle.length === 0 ? [] : fitted([...cycle, one, ...best.columns]).slice(0, cycle.length),
    lineInCycle: cycle.length === 0 ? undefined : { bic: linear, slope: slopeBeside([plain], line) },
  }
}

/**
 * The slope of a line that stands beside other columns. Of several such sets (an approach whose time constant is not
 * known) the interval covers what each would give.
 */
function slopeBeside(
  sets: readonly (readonly Float64Array[])[],
  { line, y, duration }: { line: Float64Array; y: Float64Array; duration: number },
): SlopeInterval | undefined {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const others of sets) {
    const freedom = y.length - others.length - 2
    if (freedom < 1) return undefined
    const fit = leastSquares([line, ...others], y)
    // What of the line the other columns cannot make up decides how well its slope is known (Frisch, Waugh, Lovell).
    const own = leastSquares(others, line)
    if (!fit || !own) return undefined
    const error = Math.sqrt(fit.residual / freedom / own.residual)
    const reach = studentQuantile(freedom) * error
    low = Math.min(low, (fit.weights[0]! - reach) / duration)
    high = Math.max(high, (fit.weights[0]! + reach) / duration)
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
  const result = new Float64Array(column.length)
  result[0] = column[0]! * Math.sqrt(1 - rho * rho)
  for (let i = 1; i < column.length; i++) result[i] = column[i]! - rho * column[i - 1]!
  return result
}

function criterion(residual: number, y: Float64Array, parameters: number): number {
  let size = 0
  for (const value of y) size += value * value
  // A perfect fit would be minus infinity; what is below a double's precision counts as equally perfect.
  const floor = Math.max(size * 1e-18, Number.MIN_VALUE)
  return y.length * Math.log(Math.max(residual, floor) / y.length) + parameters * Math.log(y.length)
}

type Score = (residual: number, parameters: number) => number

/** Adds the jump that helps most, three times; each costs two parameters (its height and its place). */
function bestSteps(n: number, always: Basis, rho: number, score: Score): { bic: number; jumps: number[] } {
  let basis = always
  let found = { bic: Number.POSITIVE_INFINITY, jumps: [] as number[] }
  const jumps: number[] = []
  for (let round = 1; round <= MOST_JUMPS; round++) {
    let best = { residual: Number.POSITIVE_INFINITY, at: 0 }
    for (let at = 2; at <= n - 2; at++) {
      if (jumps.includes(at)) continue
      const residual = residualWith(basis, decorrelated(levelFrom(n, at), rho))
      if (residual < best.residual) best = { residual, at }
    }
    if (best.at === 0) break
    basis = extended(basis, decorrelated(levelFrom(n, best.at), rho))
    jumps.push(best.at)
    const bic = score(basis.residual, 2 * round)
    if (bic < found.bic) found = { bic, jumps: [...jumps].sort((a, b) => a - b) }
  }
  return found
}

const levelFrom = (n: number, at: number): Float64Array => new Float64Array(n).fill(0).fill(1, at)

/** Tries every second pair of corners. */
function bestRamp(
  u: Float64Array,
  always: Basis,
  rho: number,
  score: Score,
): { bic: number; from: number; to: number } {
  let best = { residual: Number.POSITIVE_INFINITY, from: 0, to: u.length - 1 }
  for (let from = 2; from < u.length - 2; from += 2) {
    for (let to = from + 2; to < u.length + 1; to += 2) {
      const [start, end] = [u[from]!, u[Math.min(to, u.length - 1)]!]
      if (end - start < SHORTEST_RAMP) continue
      const ramp = u.map((x) => Math.min(end, Math.max(start, x)))
      const residual = residualWith(always, decorrelated(ramp, rho))
      if (residual < best.residual) best = { residual, from, to: Math.min(to, u.length - 1) }
    }
  }
  return { bic: score(best.residual, 3), from: best.from, to: best.to }
}
