'use client' // Follows the rows of the room and the live points.

import useSWR from 'swr'
import { fetchReading } from '#components/series/fetch-series'
import { useRoom, useRoomState } from './room-context.tsx'
import { useAskedAgain } from './use-asked-again.tsx'
import type { TimeRange } from './view.tsx'

/** Live points come every second; the reading is asked again at most this often (ms). */
const REFRESH = 5000

/** The reading of a series (undefined: the main one); asked again when rows, range, limits, marks or live points change. */
export function useReading(range: TimeRange | null, seriesId: string | undefined) {
  const { investigationId } = useRoom()
  const series = useRoomState((state) => state.series)
  const limits = useRoomState((state) => state.limits)
  const marks = useRoomState((state) => state.marks)
  const hasSeries = series.some((row) => row.unit === 'bytes')
  const isWanted = hasSeries && (seriesId === undefined || series.some((row) => row.id === seriesId))
  const stamp = [...limits, ...marks].map(({ id, version }) => `${id}:${version}`).join()
  const { data, mutate } = useSWR(
    isWanted ? ['reading', investigationId, range?.from, range?.to, seriesId, stamp] : null,
    () => fetchReading(investigationId, range, seriesId),
    { keepPreviousData: true, revalidateOnFocus: false, dedupingInterval: 300 },
  )
  useAskedAgain(series.map(({ id, version }) => `${id}:${version}`).join(), mutate, REFRESH)
  return isWanted ? data : undefined
}
