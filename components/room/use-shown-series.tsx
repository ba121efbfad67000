'use client' // Which lines this tab shows.

import { useCallback, useMemo, useState } from 'react'
import { shownAtFirst } from '#components/series/series-chips'
import type { SeriesRow } from '#lib/investigation/rows'

/**
 * The series that this tab draws: what says most at first, then what the reader switched. Nobody else's graph changes.
 */
export function useShownSeries(series: readonly SeriesRow[]): {
  shown: ReadonlySet<string>
  toggle(id: string): void
} {
  const [switched, setSwitched] = useState<ReadonlyMap<string, boolean>>(new Map())
  const shown = useMemo(() => {
    const first = shownAtFirst(series)
    return new Set<string>(series.flatMap(({ id }) => ((switched.get(id) ?? first.has(id)) ? [id] : [])))
  }, [series, switched])
  const toggle = useCallback(
    (id: string) => setSwitched((before) => new Map(before).set(id, !shown.has(id))),
    [shown],
  )
  return { shown, toggle }
}

/** Memory first, and the process before its heap; then what is counted. As a reader looks for them. */
export function inReadingOrder(series: readonly SeriesRow[]): SeriesRow[] {
  const place = ({ unit, name }: SeriesRow) =>
    unit !== 'bytes' ? 2 : name === 'rss' || name === 'memory' ? 0 : 1
  return series.toSorted((a, b) => place(a) - place(b) || a.createdAt - b.createdAt)
}
