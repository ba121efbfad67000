'use client' // Reads what is brushed.

import { useCallback } from 'react'
import { fetchReading } from '#components/series/fetch-series'
import { say } from '#components/ui/toasts'
import type { SeriesId } from '#lib/investigation/ids'
import type { SeriesReading } from '#lib/series/reading'
import { quoted } from '#lib/series/stale'
import { clock, day, sameDay } from './clock-time.tsx'
import { usePin } from './pin.tsx'
import { useRoom, useRoomLink } from './room-context.tsx'
import { extentOf } from './series-extent.tsx'
import { type TimeRange, useView } from './view.tsx'

/** "Mon, 23 Nov 19:40–23:50" */
export function rangeWords({ from, to }: TimeRange): string {
  return sameDay(from, to)
    ? `${day(from)} ${clock(from)}–${clock(to)}`
    : `${day(from)} ${clock(from)} – ${day(to)} ${clock(to)}`
}

/** A range's pin says when, and begins with what the reading says of it. */
export function rangeTitle(range: TimeRange, words: string): string {
  const first = words.split(/ \(|[.:;](?:\s|$)/)[0]?.trim() ?? ''
  return `${rangeWords(range)}${first ? `: ${first}` : ''}`.slice(0, 200)
}

/** Pins a range of the graph, with what one of its series reads there, so that it can be told later when that changes. */
export function usePinRange(): (
  range: TimeRange,
  seriesIds: readonly SeriesId[],
  reading: SeriesReading | null,
  ofSeries: string | undefined,
) => void {
  const { openPin } = usePin()
  return useCallback(
    (range, seriesIds, reading, ofSeries) => {
      if (seriesIds.length === 0) return
      const quote = reading && quoted(reading)
      const seriesId = seriesIds.find((id) => id === ofSeries)
      openPin(
        {
          kind: 'series-range',
          seriesIds: seriesIds.slice(0, 20),
          from: range.from,
          to: range.to,
          reading: quote?.words ?? '',
          ...(quote &&
            seriesId && {
              quoted: { seriesId, version: quote.version, samples: quote.samples, restarts: quote.restarts },
            }),
        },
        rangeTitle(range, quote?.words ?? ''),
      )
    },
    [openPin],
  )
}

/** P without a row or a chart in focus: pins what is brushed, or says how to brush. */
export function usePinBrushed(): () => void {
  const { investigationId } = useRoom()
  const { brushed, visible } = useView()
  const link = useRoomLink()
  const pinRange = usePinRange()
  return useCallback(async () => {
    const { series } = link.state.getSnapshot()
    const range = brushed ?? visible ?? extentOf(series)
    if (!range || series.length === 0) {
      say.done('Brush a range of the graph, or choose a row, a capture or a message: P pins it.')
      return
    }
    const main = await fetchReading(investigationId, range).catch(() => null)
    const memory = series.filter((row) => row.unit === 'bytes')
    const chosen = memory.find((row) => row.id === main?.seriesId) ?? memory[0] ?? series[0]
    if (chosen) pinRange(range, [chosen.id], main?.reading ?? null, main?.seriesId ?? undefined)
  }, [brushed, visible, link, investigationId, pinRange])
}
