import { DAY_MS } from './season.ts'

/** What is known of a rise when its future is to be judged. Milliseconds and the series' unit. */
export interface Rise {
  /** From the end of the warm-up to the last sample. */
  readonly spanMs: number
  /** How much it rose in that time, and the standard deviation around the line. */
  readonly growth: number
  readonly deviation: number
  readonly independent: number
  /** Mann–Kendall's statistic now. */
  readonly z: number
}

/** A plateau of twice the data's length, fitted as well as it can be, misses a line by this share of the line's rise. */
const PLATEAU_MISSES_LINE_BY = 0.023
/** The lead in the information criterion that is asked for, with a little to spare. */
const LEAD = 12
/** A z a little above the one that is asked for. */
const Z_WITH_MARGIN = 3.1
/** Beyond this many times the span that was seen nobody can be told to come back. */
const FURTHEST_IN_SPANS = 10

/**
 * How long the stretch has to be until steady growth and a slow plateau can be told apart, if it goes on as it does: the
 * slope has to be sure, and the line has to miss the best plateau by more than the noise. Milliseconds from the end of the
 * warm-up; null when that is more than ten times what was seen.
 */
export function separableAfter({ spanMs, growth, deviation, independent, z }: Rise): number | null {
  if (!(growth > 0) || independent < 1) return null
  for (let times = 1.1; times <= FURTHEST_IN_SPANS; times *= 1.1) {
    const misfit = PLATEAU_MISSES_LINE_BY * growth * times
    const lead = independent * times * Math.log1p((misfit / Math.max(deviation, Number.MIN_VALUE)) ** 2)
    // The score's spread grows with the square root of its cube, the score itself with the square.
    if (lead > LEAD && z * times ** 1.5 > Z_WITH_MARGIN) return times * spanMs
  }
  return null
}

/** How long it takes until `independent` points have become `enough`; null when that is too far away. */
export function independentAfter(spanMs: number, independent: number, enough: number): number | null {
  const times = Math.max(1.05, (1.1 * enough) / Math.max(independent, 0.1))
  return times <= FURTHEST_IN_SPANS ? times * spanMs : null
}

/** A stretch has to last this long before a daily cycle can be seen in it and taken out. */
export const CYCLE_KNOWN_AFTER_MS = 2 * DAY_MS
