import type { Blocks } from './blocks.ts'
import { type Shapes, shapes } from './shapes.ts'

/** A cycle that repeats every day, as it was found in a life. */
export interface Season {
  /** Milliseconds. */
  readonly periodMs: number
  /** From the day's lowest to its highest value, in the series' unit. */
  readonly swing: number
  /** What the cycle adds at a moment (epoch milliseconds); its mean is about 0. */
  at(t: number): number
}

const HOUR_MS = 3600_000
export const DAY_MS = 24 * HOUR_MS
/** Less than one and a half cycles is no evidence of a cycle. */
const SHORTEST_MS = 36 * HOUR_MS
/** The half-day wave needs two days. */
const SHORTEST_FOR_HALVES_MS = 48 * HOUR_MS
/** A flank of a cycle looks like growth from about this span on; below, nothing of it can be seen at all. */
const SHORTEST_FLANK_MS = 3 * HOUR_MS
/** A lead in the information criterion beyond the cost of the cycle's own parameters. */
const CLEARLY_BETTER = 6

/** Sine and cosine of the day, and of half of it when `halves`. */
function waves(t: Float64Array, halves: boolean): Float64Array[] {
  const column = (of: (angle: number) => number, periodMs: number) =>
    t.map((at) => of((2 * Math.PI * (at % periodMs)) / periodMs))
  const day = [column(Math.sin, DAY_MS), column(Math.cos, DAY_MS)]
  return halves ? [...day, column(Math.sin, DAY_MS / 2), column(Math.cos, DAY_MS / 2)] : day
}

/**
 * The daily cycle of a life of 36 hours or more, together with the curves that were fitted beside it. Found only when it
 * explains the life better than every curve without it, jumps and bends included, by 6 beyond the cost of its parameters.
 */
export function withSeason(few: Blocks, plain: Shapes): { season: Season | null; curve: Shapes } {
  const none = { season: null, curve: plain }
  const { t } = few
  const span = (t[t.length - 1] ?? 0) - (t[0] ?? 0)
  // A block has to be short against the wave that it shows.
  if (span < SHORTEST_MS || span / t.length > DAY_MS / 6) return none
  const halves = span >= SHORTEST_FOR_HALVES_MS
  const curve = shapes(few, waves(t, halves))
  if (!(curve.best < plain.best - CLEARLY_BETTER)) return none
  const at = (moment: number) =>
    waves(Float64Array.of(moment), halves).reduce((sum, wave, i) => sum + wave[0]! * (curve.cycle[i] ?? 0), 0)
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let k = 0; k < 96; k++) {
    const value = at((k / 96) * DAY_MS)
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return { season: { periodMs: DAY_MS, swing: high - low, at }, curve }
}

/** Points without what the cycle adds. */
export const withoutSeason = (few: Blocks, season: Season | null): Blocks =>
  season ? { t: few.t, v: few.v.map((value, i) => value - season.at(few.t[i]!)) } : few

/**
 * The same curves with a daily wave beside them, for stretches of 3 to 36 hours: too short to know a cycle, long enough to
 * mistake its flank for growth. Undefined outside.
 */
export function besideADay(few: Blocks): Shapes | undefined {
  const span = (few.t[few.t.length - 1] ?? 0) - (few.t[0] ?? 0)
  if (span < SHORTEST_FLANK_MS || span >= SHORTEST_MS) return undefined
  return shapes(few, waves(few.t, false))
}

/** From its lowest to its highest value, the wave that these weights of sine and cosine make. */
export const swingOf = (cycle: readonly number[]): number => 2 * Math.hypot(cycle[0] ?? 0, cycle[1] ?? 0)
