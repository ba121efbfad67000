'use client' // Loads what the graph shows as people zoom.

import { type RefObject, useCallback, useEffect, useEffectEvent, useRef, useState } from 'react'
import { stepFor } from '#lib/series/downsample'
import { extended, mayHaveRestarted, thinnedPoints, withLiveEnd } from './chart-data.tsx'
import type { ChartPoints, ChartRange, ChartSeries, LoadPoints, SubscribeLive } from './chart-types.tsx'

/** A zoom asks for its detail when it has come to rest. */
const SETTLE_MS = 120
/** The graph is drawn at most this often while live points come in. */
const DRAW_EVERY_MS = 200
/** A live series' row may be told before its points: only what is missing after this long was missed. */
const LATE_MS = 1500
/** Half a screen is loaded on both sides of what is shown, and more as soon as half of that is used up. */
const PADDING = 0.5
const NEAR_THE_EDGE = PADDING / 2

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
 * otherwise extended by live points, with a restart where they are of another process, and thinned, without loading. A fall
 * of memory that may be a restart is a reason to load, too. Half a screen more is loaded on both sides and is fetched
 * again before it is used up, so that moving shows lines at once.
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
    setShown((before) => {
      const entries = [...loaded.current]
      const isSame =
        entries.length === before.points.size &&
        entries.every(([id, entry]) => before.points.get(id) === entry.points)
      const points = isSame ? before.points : new Map(entries.map(([id, entry]) => [id, entry.points]))
      const after = { ...before, points, ...change }
      const isNews = !isSame || after.isLoading !== before.isLoading || after.problem !== before.problem
      return isNews ? after : before
    })
  }, [])
  /** How often anything expired: what was asked for before that is stale when it arrives. */
  const expired = useRef(0)
  const expire = useCallback((isOld: (id: string, entry: Loaded) => boolean) => {
    const old = [...loaded.current].filter(([id, entry]) => isOld(id, entry))
    for (const [id, entry] of old) loaded.current.set(id, { ...entry, isStale: true })
    if (old.length === 0) return
    expired.current++
    setRound((count) => count + 1)
  }, [])

  const ids = series.map((one) => one.id).join('\n')
  const isBusy = useRef(false)
  /** What is to be shown now. */
  const wish = useRef('')
  const lastSpan = useRef(0)
  const missingIn = useEffectEvent((wanted: readonly string[]) =>
    wanted.filter((id) => {
      const one = series.find((candidate) => candidate.id === id)
      return !covers(loaded.current.get(id), view && aroundIt(view, one), width)
    }),
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round means that something is stale, or that there is time.
  useEffect(() => {
    if (width < 10) return
    const wanted = ids === '' ? [] : ids.split('\n')
    const missing = missingIn(wanted)
    for (const id of loaded.current.keys()) if (!wanted.includes(id)) loaded.current.delete(id)
    wish.current = `${ids} ${view?.from} ${view?.to}`
    const span = view ? view.to - view.from : 0
    const isMove = view !== null && Math.abs(span - lastSpan.current) <= 0.001 * span
    lastSpan.current = span
    if (missing.length === 0) {
      publish({ isLoading: false })
      return
    }
    // What is on its way comes first; then there is a round for what is missing by that time.
    if (isBusy.current) return
    const range = view && padded(view)
    const pixels = Math.min(4000, Math.round(range ? width * (1 + 2 * PADDING) : width))
    const load = async () => {
      isBusy.current = true
      const expiredBefore = expired.current
      const wishBefore = wish.current
      publish({ isLoading: true })
      const results = await Promise.allSettled(missing.map((id) => loadPoints(id, range, pixels)))
      isBusy.current = false
      let problem: string | null = null
      for (const [index, result] of results.entries()) {
        const id = missing[index]!
        if (result.status === 'rejected') {
          problem = result.reason instanceof Error ? result.reason.message : 'The points could not be loaded.'
          continue
        }
        const isStale = expired.current !== expiredBefore
        loaded.current.set(id, { ...arrived(result.value, loaded.current.get(id), range), isStale })
      }
      publish({ isLoading: false, problem })
      // What failed is not asked for again by itself, but for something else.
      if (problem === null || wish.current !== wishBefore) setRound((count) => count + 1)
    }
    const isFirst = missing.some((id) => !loaded.current.has(id))
    const timer = setTimeout(() => void load(), isFirst || isMove ? 0 : SETTLE_MS)
    return () => clearTimeout(timer)
  }, [ids, view, width, loadPoints, round, publish])

  useMissedSamples(series, loaded, expire)

  const thin = useEffectEvent((points: ChartPoints, range: ChartRange | null) =>
    thinnedPoints(points, range ? width * (1 + 2 * PADDING) : width),
  )
  useEffect(() => {
    if (!subscribeLive) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const fellAt = new Map<string, number>()
    const stop = subscribeLive(
      (id, live) => {
        const entry = loaded.current.get(id)
        if (!entry) return
        // A closer look at the past stays as it is; its end is loaded when somebody goes there.
        const isLater = entry.range !== null && (live.t[0] ?? 0) > entry.range.to
        const grown = isLater ? entry.points : extended(entry.points, live)
        const heard = entry.heard + live.t.length
        loaded.current.set(id, { ...entry, points: isLater ? grown : thin(grown, entry.range), heard })
        if (isLater) return
        if (hasFallenAnew(fellAt, id, entry.points, grown)) expire((one) => one === id)
        timer ??= setTimeout(() => {
          timer = undefined
          publish({})
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

/** A collector's saw falls all the time: the server is asked about falls of so much time once. */
const FALLS_EVERY_MS = 10_000

/** Has memory fallen with the newest points so that it may be a restart, and was nobody asked just before? */
function hasFallenAnew(
  fellAt: Map<string, number>,
  id: string,
  before: ChartPoints,
  now: ChartPoints,
): boolean {
  const last = before.t[before.t.length - 1]
  if (last === undefined || !mayHaveRestarted(now, last)) return false
  const asked = fellAt.get(id) ?? Number.NEGATIVE_INFINITY
  if (last - asked < FALLS_EVERY_MS) return false
  fellAt.set(id, last)
  return true
}

/** What was loaded, with the live points at its end that came in while it was on its way. */
function arrived(
  points: ChartPoints,
  before: Loaded | undefined,
  range: ChartRange | null,
): Omit<Loaded, 'isStale'> {
  const together = range === null && before ? withLiveEnd(points, before.points) : points
  return {
    stored: points.stored,
    heard: together.t.length - points.t.length,
    points: together,
    range,
  }
}

const padded = ({ from, to }: ChartRange): ChartRange => ({
  from: from - (to - from) * PADDING,
  to: to + (to - from) * PADDING,
})

/** The view with a part of what is beside it, as far as there are samples. */
function aroundIt({ from, to }: ChartRange, series: ChartSeries | undefined): ChartRange {
  const more = (to - from) * NEAR_THE_EDGE
  const first = Math.min(from, series?.from ?? from)
  const last = Math.max(to, series?.to ?? to)
  return { from: Math.max(from - more, first), to: Math.min(to + more, last) }
}

/** Is what was loaded fine enough for this view, and does it reach as far? */
function covers(entry: Loaded | undefined, view: ChartRange | null, width: number): boolean {
  if (!entry || entry.isStale) return false
  if (view === null) return entry.range === null
  const { range, points } = entry
  if (range !== null && (view.from < range.from || view.to > range.to)) return false
  // Up to two pixels for a step look as well as one; the next finer step is half as long.
  return points.step === 0 || points.step <= 2 * stepFor(view.to - view.from, width)
}
