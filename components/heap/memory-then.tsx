'use client' // Fetches.

import useSWR from 'swr'
import { useRoom, useRoomState } from '#components/room/room-context'
import { fetchPoints } from '#components/series/fetch-series'
import type { CaptureRow, SeriesRow } from '#lib/investigation/rows'

/** A sample further away than this says nothing about the moment of the capture, in milliseconds. */
const NEAR = 15 * 60_000

/** What the operating system said of the process when the capture was taken. */
export interface MemoryThen {
  readonly bytes: number
  /** When it was measured, epoch milliseconds. */
  readonly at: number
  /** Whose memory: the series as the room calls it. */
  readonly series: SeriesRow
  /** False: the room has one memory graph and the capture does not say of which process it is. */
  readonly isSameProcess: boolean
}

/**
 * The process's memory at the time of a capture, from the room's graph: the nearest sample of its own process's series,
 * or of the room's only memory series. Undefined while it is fetched and where the room does not know it.
 */
export function useMemoryThen(capture: CaptureRow): MemoryThen | undefined {
  const { investigationId } = useRoom()
  const series = useRoomState((state) => state.series)
  const at = capture.takenAt
  const chosen = at === null ? undefined : memorySeriesOf(series, capture)
  const key = chosen && at !== null ? ['memory-then', chosen.id, at, chosen.points] : null
  const { data } = useSWR(
    key,
    async () => {
      if (!chosen || at === null) return null
      const range = { from: at - NEAR, to: at + NEAR }
      const points = await fetchPoints(investigationId, chosen.id, range, 600)
      return nearest(points.t, points.v, at)
    },
    { revalidateOnFocus: false, shouldRetryOnError: false },
  )
  if (!data || !chosen) return undefined
  return { ...data, series: chosen, isSameProcess: isSame(chosen, capture) }
}

const isSame = (series: SeriesRow, capture: CaptureRow): boolean =>
  capture.process !== null && series.process === capture.process

/** The series that tells a capture's process's memory; undefined when several might and none is known to be it. */
export function memorySeriesOf(
  series: readonly SeriesRow[],
  capture: Pick<CaptureRow, 'process' | 'takenAt'>,
): SeriesRow | undefined {
  const at = capture.takenAt
  if (at === null) return undefined
  const memory = series.filter(
    ({ name, unit, from, to }) =>
      unit === 'bytes' &&
      (name === 'rss' || name === 'memory') &&
      from !== null &&
      to !== null &&
      at >= from - NEAR &&
      at <= to + NEAR,
  )
  const own = memory.find(({ process }) => capture.process !== null && process === capture.process)
  return own ?? (memory.length === 1 ? memory[0] : undefined)
}

/** The sample nearest to a moment, when it is near. Times ascend. */
export function nearest(
  times: readonly number[],
  values: readonly number[],
  at: number,
): { readonly at: number; readonly bytes: number } | null {
  let best: number | null = null
  for (const [index, time] of times.entries()) {
    const isNearer = best === null || Math.abs(time - at) < Math.abs((times[best] ?? 0) - at)
    if (isNearer && Number.isFinite(values[index])) best = index
  }
  const time = best === null ? undefined : times[best]
  const bytes = best === null ? undefined : values[best]
  if (time === undefined || bytes === undefined || Math.abs(time - at) > NEAR) return null
  return { at: time, bytes }
}
