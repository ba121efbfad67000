import type { SeriesRow } from '#lib/investigation/rows'
import type { TimeRange } from './view.tsx'

/** From the first sample of any series to the last; null without samples. */
export function extentOf(series: readonly SeriesRow[]): TimeRange | null {
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  for (const row of series) {
    if (row.from !== null) from = Math.min(from, row.from)
    if (row.to !== null) to = Math.max(to, row.to)
  }
  return from < to ? { from, to } : null
}
