'use client' // Fetches, and follows live points.

import { useCallback, useEffect, useMemo, useRef } from 'react'
import useSWR from 'swr'
import { useRoom, useSeriesPoints } from '#components/room/room-context'
import { fetchPoints, fetchReading } from '#components/series/fetch-series'
import type { RunRow } from '#lib/investigation/experiments'
import type { SeriesReading } from '#lib/series/reading'
import { nameOfRun } from './experiment-words.tsx'
import { lineOf, type OverlayLine } from './overlay-chart.tsx'

/** Points per run: a picture needs no more. */
const WIDTH = 240
/** A running run is fetched again at most this often (ms). */
const LINES_EVERY = 2_000
const READING_EVERY = 4_000

type Measured = RunRow & {
  readonly memorySeriesId: NonNullable<RunRow['memorySeriesId']>
  readonly from: number
}

const isMeasured = (run: RunRow): run is Measured => run.memorySeriesId !== null && run.from !== null

/** Every run that has a graph as a line from its start; those that run are followed. In the order of the runs. */
export function useRunLines(runs: readonly RunRow[]): readonly OverlayLine[] {
  const { investigationId } = useRoom()
  const measured = useMemo(() => runs.filter(isMeasured), [runs])
  const done = measured.filter(({ state }) => state === 'done')
  const running = measured.filter(({ state }) => state === 'running')
  const load = (of: readonly Measured[]) => Promise.all(of.map((run) => loadLine(investigationId, run)))
  const key = (of: readonly Measured[]) =>
    of.length === 0
      ? null
      : [
          'run-lines',
          investigationId,
          ...of.map(({ memorySeriesId, from, to }) => `${memorySeriesId}:${from}:${to}`),
        ]
  const finished = useSWR(key(done), () => load(done), { keepPreviousData: true, revalidateOnFocus: false })
  const live = useSWR(key(running), () => load(running), { keepPreviousData: true, revalidateOnFocus: false })
  useThrottledPoints(running.length > 0 ? live.mutate : undefined, LINES_EVERY)
  return useMemo(() => {
    const byRun = new Map<string, OverlayLine>()
    for (const line of [...(finished.data ?? []), ...(live.data ?? [])]) byRun.set(line.id, line)
    return measured.flatMap((run) => byRun.get(run.id) ?? [])
  }, [measured, finished.data, live.data])
}

async function loadLine(investigationId: string, run: Measured): Promise<OverlayLine> {
  const { id, condition, memorySeriesId, from } = run
  const named = { id, condition, name: nameOfRun(run) }
  try {
    const points = await fetchPoints(
      investigationId,
      memorySeriesId,
      { from, to: run.to ?? Date.now() },
      WIDTH,
    )
    return lineOf(named, points, from)
  } catch {
    // One graph that is gone must not take the others with it.
    return { ...named, t: [], v: [] }
  }
}

/** What a run says while it runs; undefined before the first answer, and of any other run. */
export function useLiveReading(run: RunRow): SeriesReading | null | undefined {
  const { investigationId } = useRoom()
  const { memorySeriesId, from, state } = run
  const isLive = state === 'running' && memorySeriesId !== null && from !== null
  const { data, mutate } = useSWR(
    isLive ? ['run-reading', investigationId, memorySeriesId, from] : null,
    () => fetchReading(investigationId, { from: from ?? 0, to: Date.now() }, memorySeriesId ?? undefined),
    { keepPreviousData: true, revalidateOnFocus: false },
  )
  useThrottledPoints(isLive ? mutate : undefined, READING_EVERY)
  return isLive ? data?.reading : undefined
}

/** Calls `refresh` after new points, at most once in `everyMs`. */
function useThrottledPoints(refresh: (() => Promise<unknown>) | undefined, everyMs: number) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const wanted = useRef(refresh)
  useEffect(() => {
    wanted.current = refresh
  })
  useEffect(() => () => clearTimeout(timer.current), [])
  useSeriesPoints(
    useCallback(() => {
      if (!wanted.current) return
      timer.current ??= setTimeout(() => {
        timer.current = undefined
        void wanted.current?.()
      }, everyMs)
    }, [everyMs]),
  )
}
