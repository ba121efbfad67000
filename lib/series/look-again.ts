import type { SeriesReading } from './reading.ts'

/** What a graph says when somebody comes back to a question that was open. */
export interface SecondLook {
  /**
   * - `decided`: it says something and nothing is open any more.
   * - `open`: it has what it asked for, and it still is not enough.
   * - `no-samples`: the graph ended before the time at which it would have been enough.
   */
  readonly verdict: 'decided' | 'open' | 'no-samples'
  readonly words: string
  /** When to come back once more, epoch milliseconds; null when nobody can say when, or when there is nothing to wait for. */
  readonly nextAt: number | null
}

/** A graph that ends by this share of its length before the time counts as ended … */
const ENDED_SHARE = 0.05
/** … but samples may always be this late. */
const LATE_MS = 2 * 60_000

/**
 * Judges the reading of a range that was to be decidable at `dueAt` (`decidableAt` of an earlier reading). Null: the range
 * has no samples at all. Pure.
 */
export function lookAgain(reading: SeriesReading | null, dueAt: number): SecondLook {
  if (!reading || reading.samples === 0)
    return { verdict: 'no-samples', words: 'There are no samples in this range any more.', nextAt: null }
  const { words, kind, decidableAt } = reading.reading
  if (kind !== 'cannot-tell' && decidableAt === null) return { verdict: 'decided', words, nextAt: null }
  const tolerance = Math.max(LATE_MS, ENDED_SHARE * (dueAt - reading.from))
  if (reading.to < dueAt - tolerance) return { verdict: 'no-samples', words, nextAt: null }
  return { verdict: 'open', words, nextAt: decidableAt }
}
