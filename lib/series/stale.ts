import { READING_VERSION, type SeriesReading } from './reading.ts'

/** What a sentence that quotes a reading has to keep, to be checked later. Plain JSON. */
export interface QuotedReading {
  readonly version: number
  /** Samples that the quoted range held. */
  readonly samples: number
  readonly restarts: number
  readonly words: string
}

/** Why a quoted reading no longer stands as it was written. */
export type Staleness = 'method' | 'data' | 'restarts' | 'words'

/** Quotes are kept up to this many characters; what is longer is compared up to here. */
const LONGEST_QUOTE = 500

/** What to keep of a reading that is quoted. */
export const quoted = ({ version, samples, restarts, reading }: SeriesReading): QuotedReading => ({
  version,
  samples,
  restarts: restarts.length,
  words: reading.words.slice(0, LONGEST_QUOTE),
})

/**
 * Is a quoted reading out of date? `now` is the reading of the same range today; null when it cannot be had (the series is
 * gone), and then only the method's version is compared. Returns the gravest reason, or null while it stands: samples that
 * came later into the range first, then restarts, then another method. A later method that says the same is no reason.
 */
export function isStale(quote: QuotedReading, now: SeriesReading | null): Staleness | null {
  if (!now) return quote.version === READING_VERSION ? null : 'method'
  if (now.samples !== quote.samples) return 'data'
  if (now.restarts.length !== quote.restarts) return 'restarts'
  if (now.reading.words.slice(0, LONGEST_QUOTE) === quote.words) return null
  return quote.version === now.version ? 'words' : 'method'
}
