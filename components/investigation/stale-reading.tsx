'use client' // Asks what the range reads now.

import useSWR from 'swr'
import { useRoom, useRoomState } from '#components/room/room-context'
import { fetchReading } from '#components/series/fetch-series'
import type { EvidenceRef } from '#lib/investigation/rows'
import { isStale, type Staleness } from '#lib/series/stale'

const WHY: Record<Staleness, string> = {
  data: 'Samples came into this range since it was pinned.',
  restarts: 'Restarts in this range are counted differently now.',
  method: 'Readings are made by another method now.',
  words: 'This range reads differently now.',
}

/** Below a pinned range whose quoted reading no longer stands: why, and what it reads now. Nothing while it stands. */
export function StaleReading({ quote }: { quote: Extract<EvidenceRef, { kind: 'series-range' }> }) {
  const { investigationId } = useRoom()
  const { quoted, reading, from, to } = quote
  const row = useRoomState((state) => state.series.find((one) => one.id === quoted?.seriesId))
  // Asked again while samples still come into the range, and never for what lies behind it.
  const seenTo = Math.min(to, row?.to ?? to)
  const { data } = useSWR(
    quoted && row ? ['quoted', investigationId, from, to, quoted.seriesId, seenTo] : null,
    () => fetchReading(investigationId, { from, to }, quoted?.seriesId),
    { keepPreviousData: true, revalidateOnFocus: false },
  )
  if (!quoted || !data?.reading) return null
  const why = isStale({ ...quoted, words: reading }, data.reading)
  if (!why) return null
  return (
    <p className="mt-0.5 text-warm text-xs">
      {WHY[why]} Now: {data.reading.reading.words}
    </p>
  )
}
