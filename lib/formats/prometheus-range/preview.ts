import type { PreviewedSeries } from '../series/preview.ts'
import type { UnitChoice } from '../series/quantities.ts'

/** One series that a query answers, as it would stand in a room. */
export interface PreviewedSource extends PreviewedSeries {
  /** rss, heap-live, … (lib/formats/series/quantities.ts). */
  readonly name: string
  readonly unitChoice: UnitChoice
}

/** What people see of a Prometheus before they let it be fetched from. Plain JSON; times are epoch milliseconds. */
export interface SourcePreview {
  readonly series: readonly PreviewedSource[]
  /** What was looked at: the newest part, where the whole range is more than one answer holds. */
  readonly window: { readonly start: number; readonly end: number }
  readonly isWhole: boolean
  readonly samples: number
  /** NaN and ±Inf. */
  readonly badSamples: number
  /** Of Prometheus, in its words. */
  readonly warnings: readonly string[]
  /** Restarts of some of the series can be told by start times of the same Prometheus. */
  readonly startTimes: boolean
}
