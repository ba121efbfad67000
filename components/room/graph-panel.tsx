'use client' // A canvas with live points, gestures and other people's cursors.

import { useCallback, useEffect, useMemo, useState } from 'react'
import type { ChartRange, SubscribeLive } from '#components/series/chart-types'
import { fetchPoints, fetchReading } from '#components/series/fetch-series'
import { MemoryChart } from '#components/series/memory-chart'
import { Button } from '#components/ui/button'
import { EmptyState } from '#components/ui/empty-state'
import { useUploads } from '#components/uploads/uploads-context'
import { SeriesId } from '#lib/investigation/ids'
import type { SeriesRow } from '#lib/investigation/rows'
import type { SeriesReading } from '#lib/series/reading'
import { GraphBar } from './graph-bar.tsx'
import { LivesPanel } from './lives-panel.tsx'
import { usePresence, useRoom, useRoomLink, useRoomState, useSetPresence } from './room-context.tsx'
import { usePinRange } from './use-pin-brushed.tsx'
import { useReading } from './use-reading.tsx'
import { inReadingOrder, useShownSeries } from './use-shown-series.tsx'
import { useView } from './view.tsx'

/** The memory graph of the room with everything that people have put on it. */
export function GraphPanel() {
  const rows = useRoomState((state) => state.series)
  const series = useMemo(() => inReadingOrder(rows), [rows])
  const { shown, toggle } = useShownSeries(series)
  const drawn = useMemo(() => series.filter((row) => shown.has(row.id)), [series, shown])
  const { visible, brushed } = useView()
  const main = useReading(brushed ?? visible, undefined)
  const [areLivesWanted, wantLives] = useState(false)
  const hasLives = (main?.reading?.restarts.length ?? 0) > 0
  const mainId = main?.seriesId ?? null
  const showsLives = hasLives && areLivesWanted && mainId !== null
  return (
    <div className="grid h-full min-h-0 grid-cols-[minmax(0,1fr)] grid-rows-[auto_minmax(0,1fr)] border-line border-b bg-panel">
      <GraphBar
        series={series}
        shown={shown}
        onToggle={toggle}
        lives={hasLives ? { isOn: showsLives, onToggle: () => wantLives(!areLivesWanted) } : undefined}
      />
      {series.length === 0 ? (
        <NoGraph />
      ) : showsLives ? (
        <LivesPanel seriesId={mainId} range={brushed ?? visible} />
      ) : (
        <Chart shown={drawn} />
      )}
    </div>
  )
}

function Chart({ shown }: { shown: readonly SeriesRow[] }) {
  const { investigationId, canWrite } = useRoom()
  const view = useView()
  const limits = useRoomState((state) => state.limits)
  const marks = useRoomState((state) => state.marks)
  const captures = useCapturesOnGraph()
  const cursors = useCursors()
  const setPresence = useSetPresence()
  const subscribeLive = useLivePoints()
  const pinRange = usePinRange()
  const [height, measure] = useHeight()
  const loadPoints = useCallback(
    (seriesId: string, range: ChartRange | null, width: number) =>
      fetchPoints(investigationId, seriesId, range, width),
    [investigationId],
  )
  const loadReading = useCallback(
    async (seriesId: string, range: ChartRange) =>
      (await fetchReading(investigationId, range, seriesId)).reading,
    [investigationId],
  )
  const { spotlight, setBrushed } = view
  const focus = spotlight?.kind === 'range' && spotlight.range ? widened(spotlight.range) : null
  useEffect(() => {
    if (spotlight?.kind === 'range' && spotlight.range && spotlight.id !== '') setBrushed(spotlight.range)
  }, [spotlight, setBrushed])
  const pin = (range: ChartRange, reading: SeriesReading | null, mainId: string | undefined) => {
    const memory = shown.filter((row) => row.unit === 'bytes')
    pinRange(
      range,
      (memory.length > 0 ? memory : shown).map((row) => SeriesId.parse(row.id)),
      reading,
      mainId,
    )
  }
  return (
    <div ref={measure} className="min-h-0 overflow-hidden">
      <MemoryChart
        series={shown}
        loadPoints={loadPoints}
        loadReading={loadReading}
        subscribeLive={subscribeLive}
        limits={limits}
        marks={marks}
        captures={captures}
        cursors={cursors}
        onCursor={(t) => setPresence({ graphTime: t })}
        brushed={view.brushed}
        onBrush={setBrushed}
        onView={view.setVisible}
        focus={focus && spotlight ? { range: focus, nonce: spotlight.nonce } : null}
        onPinRange={canWrite ? pin : undefined}
        height={height}
      />
    </div>
  )
}

/** A moment is shown with a minute around it. */
const widened = ({ from, to }: ChartRange): ChartRange =>
  from === to ? { from: from - 60_000, to: to + 60_000 } : { from, to }

function NoGraph() {
  const { canWrite } = useRoom()
  const { choose } = useUploads()
  const { setDialog } = useView()
  return (
    <div className="min-h-0 overflow-y-auto">
      <EmptyState
        title="No memory graph yet"
        action={
          canWrite && (
            <span className="flex flex-wrap justify-center gap-2">
              <Button look="primary" onClick={choose}>
                Choose a file
              </Button>
              <Button onClick={() => setDialog('import')}>Paste samples</Button>
              <Button onClick={() => setDialog('prometheus')}>From Prometheus</Button>
              <Button onClick={() => setDialog('share')}>Send live points</Button>
            </span>
          )
        }
      >
        Drop a CSV, the output of <code className="num">ps</code> or <code className="num">pidstat -r</code>,
        or Prometheus text or JSON. A token sends live points.
      </EmptyState>
    </div>
  )
}

/** Captures with a time stand on the axis. */
function useCapturesOnGraph() {
  const captures = useRoomState((state) => state.captures)
  return useMemo(
    () =>
      captures.flatMap(({ id, label, takenAt }) => (takenAt === null ? [] : [{ id, label, at: takenAt }])),
    [captures],
  )
}

function useCursors() {
  const others = usePresence()
  return useMemo(
    () =>
      others.flatMap(({ userId, name, color, graphTime }) =>
        graphTime === null ? [] : [{ userId, name, color, t: graphTime }],
      ),
    [others],
  )
}

function useLivePoints(): SubscribeLive {
  const link = useRoomLink()
  return useCallback(
    (listener, onMissed) => {
      const deafen = link.onPoints(({ seriesId, ...points }) => listener(seriesId, points))
      let wasOnline = false
      let isLost = false
      const look = () => {
        const isOnline = link.status.getSnapshot().link === 'online'
        if (!isOnline) isLost = wasOnline
        else if (isLost) onMissed()
        if (isOnline) isLost = false
        wasOnline ||= isOnline
      }
      look()
      const leave = link.status.subscribe(look)
      return () => {
        deafen()
        leave()
      }
    },
    [link],
  )
}

/** The height that the layout gives, in CSS pixels; the canvas needs a number. */
function useHeight(): [number, (box: HTMLElement | null) => (() => void) | undefined] {
  const [height, setHeight] = useState(278)
  const measure = useCallback((box: HTMLElement | null) => {
    if (!box) return undefined
    const observer = new ResizeObserver(([entry]) => {
      const now = Math.floor(entry?.contentRect.height ?? 0)
      // Hidden on a phone: keep the last one.
      if (now > 0) setHeight(Math.max(140, now))
    })
    observer.observe(box)
    return () => observer.disconnect()
  }, [])
  return [height, measure]
}
