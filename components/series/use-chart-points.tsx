'use client' // Loads what the graph shows as people zoom.

import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import { extended } from './chart-data.tsx'
import type { ChartPoints, ChartRange, ChartSeries, LoadPoints, SubscribeLive } from './chart-types.tsx'

const SETTLE_MS = 120
/** The graph is drawn at most this often while live points come in. */
const DRAW_EVERY_MS = 200
/** A live series' row may be told before its points: only what is missing after this long was missed. */
const LATE_MS = 1500
/** As many live points on top of what was loaded, and a fresh load in as few points as there are pixels is cheaper. */
const MOST_HEARD = 4000

interface Loaded {
  /** Samples that the server had stored of the series when it answered. */
  readonly stored: number
  /** Live samples that were announced since. A repeated one counts twice: then a missed one is noticed later. */
  readonly heard: number
  /** Something was missed or changed: shown until it is loaded anew. */
  readonly isStale: boolean
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
 * Points of each series for what is visible (`view` null: everything). Loaded anew when a zoom needs detail that is not
 * there, when the connection was down for a while, and when a row tells of more samples than were loaded or heard;
 * otherwise extended by live points without loading. Half a screen more is loaded on both sides, so that panning shows
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
  const [round, setRound] = useState(0)
  const publish = useCallback((change: Partial<ShownPoints>) => {
    const points = new Map([...loaded.current].map(([id, entry]) => [id, entry.points]))
    setShown((before) => ({ ...before, points, ...change }))
  }, [])
  const expire = useCallback((isOld: (id: string, entry: Loaded) => boolean) => {
    const old = [...loaded.current].filter(([id, entry]) => isOld(id, entry))
    for (const [id, entry] of old) loaded.current.set(id, { ...entry, isStale: true })
    if (old.length > 0) setRound((count) => count + 1)
  }, [])

  const ids = series.map((one) => one.id).join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round means that something that was loaded is stale.
  useEffect(() => {
    if (width < 10) return
    const wanted = ids === '' ? [] : ids.split('\n')
    const missing = wanted.filter((id) => !covers(loaded.current.get(id), view))
    for (const id of loaded.current.keys()) if (!wanted.includes(id)) loaded.current.delete(id)
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
        loaded.current.set(id, arrived(result.value, loaded.current.get(id), range, pixels))
      }
      publish({ isLoading: false, problem })
    }
    const isFirst = missing.some((id) => !loaded.current.has(id))
    const timer = setTimeout(() => void load(), isFirst ? 0 : SETTLE_MS)
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [ids, view, width, loadPoints, round, publish])

  useMissedSamples(series, loaded, expire)

  useEffect(() => {
    if (!subscribeLive) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = subscribeLive(
      (id, t, v) => {
        const entry = loaded.current.get(id)
        if (!entry) return
        // A closer look at the past stays as it is; its end is loaded when somebody goes there.
        const isLater = entry.range !== null && (t[0] ?? 0) > entry.range.to
        const points = isLater ? entry.points : extended(entry.points, t, v)
        loaded.current.set(id, { ...entry, points, heard: entry.heard + t.length })
        if (isLater) return
        timer ??= setTimeout(() => {
          timer = undefined
          publish({})
          expire((_, { heard, isStale }) => !isStale && heard > MOST_HEARD)
        }, DRAW_EVERY_MS)
      },
      () => expire(() => true),
    )
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [subscribeLive, publish, expire])
  return shown
}

/**
 * Compares what rows tell with what was loaded and heard. Rows of live series are told every few seconds: their points
 * are here already, so most comparisons find nothing.
 */
function useMissedSamples(
  series: readonly ChartSeries[],
  loaded: RefObject<Map<string, Loaded>>,
  expire: (isOld: (id: string, entry: Loaded) => boolean) => void,
): void {
  const stored = useRef(new Map<string, number>())
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const told = series.map((one) => `${one.id} ${one.points}`).join('\n')
  useEffect(() => {
    const rows = told === '' ? [] : told.split('\n').map((line) => line.split(' '))
    stored.current = new Map(rows.map(([id, points]) => [id!, Number(points)]))
    const isLive = [...loaded.current.values()].some(({ heard }) => heard > 0)
    timer.current ??= setTimeout(
      () => {
        timer.current = undefined
        expire((id, entry) => entry.stored + entry.heard < (stored.current.get(id) ?? 0))
      },
      isLive ? LATE_MS : 0,
    )
  }, [told, loaded, expire])
  useEffect(
    () => () => {
      clearTimeout(timer.current)
      timer.current = undefined
    },
    [],
  )
}

/** What was loaded, with the live points at its end that came in while it was on its way. */
function arrived(
  points: ChartPoints,
  before: Loaded | undefined,
  range: ChartRange | null,
  pixels: number,
): Loaded {
  const together = range === null && before ? extended(points, before.points.t, before.points.v) : points
  return {
    stored: points.stored,
    heard: together.t.length - points.t.length,
    isStale: false,
    points: together,
    range,
    isComplete: points.t.length < 2 * pixels,
  }
}

const padded = ({ from, to }: ChartRange): ChartRange => ({
  from: from - (to - from) / 2,
  to: to + (to - from) / 2,
})

/** Is what was loaded fine enough for this view? Live points may have thinned what one pixel holds: 4 per pixel is too many. */
function covers(entry: Loaded | undefined, view: ChartRange | null): boolean {
  if (!entry || entry.isStale) return false
  if (view === null) return entry.range === null
  const { range, isComplete } = entry
  if (range === null) return isComplete
  if (view.from < range.from || view.to > range.to) return false
  // Loaded with two pixels' worth per pixel and twice the width: at half the length detail begins to miss.
  return isComplete || view.to - view.from > (range.to - range.from) / 4
}
