'use client' // Loads what the graph shows as people zoom.

import { useCallback, useEffect, useRef, useState } from 'react'
import { extended } from './chart-data.tsx'
import type { ChartPoints, ChartRange, ChartSeries, LoadPoints, SubscribeLive } from './chart-types.tsx'

const SETTLE_MS = 120
/** The graph is drawn at most this often while live points come in. */
const DRAW_EVERY_MS = 200

interface Loaded {
  /** Samples that the server had stored of the series. */
  readonly stored: number
  readonly points: ChartPoints
  /** Null: the whole series. */
  readonly range: ChartRange | null
  /** Every sample of the range is here: a closer look needs no loading. */
  readonly isComplete: boolean
}

export interface ShownPoints {
  /** By series id. The same object until something changed. */
  readonly points: ReadonlyMap<string, ChartPoints>
  readonly problem: string | null
  readonly isLoading: boolean
}

/**
 * Points of each series for what is visible (`view` null: everything), loaded anew when a zoom needs detail that is not
 * there, and extended by live points without loading. Half a screen more is loaded on both sides, so that panning shows
 * lines at once.
 */
export function useChartPoints(
  series: readonly ChartSeries[],
  view: ChartRange | null,
  width: number,
  loadPoints: LoadPoints,
  subscribeLive: SubscribeLive | undefined,
): ShownPoints {
  const loaded = useRef(new Map<string, Loaded>())
  const [shown, setShown] = useState<ShownPoints>({ points: new Map(), problem: null, isLoading: true })
  const publish = useCallback((change: Partial<ShownPoints>) => {
    const points = new Map([...loaded.current].map(([id, entry]) => [id, entry.points]))
    setShown((before) => ({ ...before, points, ...change }))
  }, [])

  // A series that got more stored points (an import again, a reconnect) is loaded anew; live ones grow by themselves.
  const wishes = series.map((one) => `${one.id} ${one.points}`).join('\n')
  useEffect(() => {
    if (width < 10) return
    const wanted = new Map(
      wishes === ''
        ? []
        : wishes.split('\n').map((wish) => [wish.split(' ')[0]!, Number(wish.split(' ')[1])]),
    )
    const isMissing = (id: string) => {
      const entry = loaded.current.get(id)
      return entry?.stored !== wanted.get(id) || !covers(entry, view)
    }
    const missing = [...wanted.keys()].filter(isMissing)
    for (const id of loaded.current.keys()) if (!wanted.has(id)) loaded.current.delete(id)
    if (missing.length === 0) {
      publish({ isLoading: false })
      return
    }
    let isCurrent = true
    const range = view && padded(view)
    const pixels = Math.min(4000, Math.round(range ? width * 2 : width))
    const load = async () => {
      publish({ isLoading: true })
      const results = await Promise.allSettled(missing.map((id) => loadPoints(id, range, pixels)))
      if (!isCurrent) return
      let problem: string | null = null
      for (const [index, result] of results.entries()) {
        const id = missing[index]!
        if (result.status === 'rejected') {
          problem = result.reason instanceof Error ? result.reason.message : 'The points could not be loaded.'
          continue
        }
        // Live points that came in while this was on its way are at the end of what was there before.
        const before = range === null ? loaded.current.get(id)?.points : undefined
        const points = before ? extended(result.value, before.t, before.v) : result.value
        loaded.current.set(id, {
          stored: wanted.get(id) ?? 0,
          points,
          range,
          isComplete: points.t.length < 2 * pixels,
        })
      }
      publish({ isLoading: false, problem })
    }
    const isFirst = missing.some((id) => !loaded.current.has(id))
    const timer = setTimeout(() => void load(), isFirst ? 0 : SETTLE_MS)
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [wishes, view, width, loadPoints, publish])

  useEffect(() => {
    if (!subscribeLive) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = subscribeLive((id, t, v) => {
      const entry = loaded.current.get(id)
      // A closer look at the past stays as it is; its end is loaded when somebody goes there.
      if (!entry || (entry.range && (t[0] ?? 0) > entry.range.to)) return
      loaded.current.set(id, { ...entry, points: extended(entry.points, t, v) })
      timer ??= setTimeout(() => {
        timer = undefined
        publish({})
      }, DRAW_EVERY_MS)
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [subscribeLive, publish])
  return shown
}

const padded = ({ from, to }: ChartRange): ChartRange => ({
  from: from - (to - from) / 2,
  to: to + (to - from) / 2,
})

/** Is what was loaded fine enough for this view? Live points may have thinned what one pixel holds: 4 per pixel is too many. */
function covers(entry: Loaded | undefined, view: ChartRange | null): boolean {
  if (!entry) return false
  if (view === null) return entry.range === null
  const { range, isComplete } = entry
  if (range === null) return isComplete
  if (view.from < range.from || view.to > range.to) return false
  // Loaded with two pixels' worth per pixel and twice the width: at half the length detail begins to miss.
  return isComplete || view.to - view.from > (range.to - range.from) / 4
}
