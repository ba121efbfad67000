'use client' // A canvas, and gestures on it.

import 'uplot/dist/uPlot.min.css'
import { Hand, Maximize2, ScanSearch, SquareDashedMousePointer } from 'lucide-react'
import {
  type KeyboardEvent,
  useCallback,
  useEffect,
  useEffectEvent,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react'
import type { SeriesReading } from '#lib/series/reading'
import { type DragMode, panned, zoomed } from './chart-gestures.tsx'
import { BrushCard, CursorLines } from './chart-overlay.tsx'
import { createPlot, leftOf, type MemoryPlot } from './chart-plot.tsx'
import type {
  ChartCapture,
  ChartCursor,
  ChartLimit,
  ChartMark,
  ChartRange,
  ChartSeries,
  LoadPoints,
  LoadReading,
  SubscribeLive,
} from './chart-types.tsx'
import { describeChart } from './describe-chart.tsx'
import { useChartPoints } from './use-chart-points.tsx'

export interface MemoryChartProps {
  /** The lines to draw, in a stable order. */
  readonly series: readonly ChartSeries[]
  /** Keep its identity between renders (useCallback): a new function loads everything again. */
  readonly loadPoints: LoadPoints
  readonly loadReading: LoadReading
  readonly subscribeLive?: SubscribeLive
  readonly limits?: readonly ChartLimit[]
  readonly marks?: readonly ChartMark[]
  readonly captures?: readonly ChartCapture[]
  readonly cursors?: readonly ChartCursor[]
  /** Where this person points, in data time; null when she leaves. Called at most once per frame. */
  readonly onCursor?: (t: number | null) => void
  readonly brushed: ChartRange | null
  readonly onBrush: (range: ChartRange | null) => void
  /** What is shown after each change: null is everything. */
  readonly onView?: (range: ChartRange | null) => void
  /** Change it to bring a range into view (a pin's link). */
  readonly focus?: { readonly range: ChartRange; readonly nonce: number } | null
  /** Absent for viewers. `reading` is that of the range, `seriesId` the series that it is of. */
  readonly onPinRange?:
    | ((range: ChartRange, reading: SeriesReading | null, seriesId: string | undefined) => void)
    | undefined
  /** CSS pixels. */
  readonly height?: number
}

const NONE: readonly never[] = []
const MODES = [
  { mode: 'zoom', label: 'Drag zooms', icon: ScanSearch },
  { mode: 'pan', label: 'Drag moves', icon: Hand },
  { mode: 'brush', label: 'Drag selects a range (or hold Shift)', icon: SquareDashedMousePointer },
] as const

/**
 * The memory graph: lines with limits, marks, restarts, phases, captures, teammates' cursors and a brushed range.
 * Arrow keys move, + and − zoom, 0 shows everything, B selects what is shown, Escape clears the selection.
 */
export function MemoryChart(props: MemoryChartProps) {
  const { series, loadPoints, loadReading, subscribeLive, brushed, height = 278 } = props
  const { limits = NONE, marks = NONE, captures = NONE, cursors = NONE } = props
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<MemoryPlot | null>(null)
  const [width, setWidth] = useState(0)
  const [view, setView] = useState<ChartRange | null>(props.focus?.range ?? null)
  const [mode, setMode] = useState<DragMode>('zoom')
  // Overlays are placed by the plot's scales: each drawing counts up and places them anew.
  const [, setDrawn] = useState(0)
  const { points, problem, isLoading } = useChartPoints(series, view, width, loadPoints, subscribeLive)
  const description = useId()

  const changeView = useEffectEvent((range: ChartRange | null) => {
    const kept = range && withinReason(range)
    setView(kept)
    props.onView?.(kept)
  })
  const scene = useEffectEvent(() => ({ limits, marks, captures, brushed }))
  const currentMode = useEffectEvent(() => mode)
  const changeBrush = useEffectEvent((range: ChartRange | null) => props.onBrush(range))
  const hover = useEffectEvent((t: number | null) => props.onCursor?.(t))
  const drawAll = useEffectEvent(() =>
    plot.current?.show(
      series.map((one) => points.get(one.id)),
      view,
    ),
  )

  useResize(host, setWidth)
  const lines = series.map((one) => `${one.id}:${one.unit}:${one.name}`).join(' ')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `lines` stands for the series; a plot is made per set of lines.
  useEffect(() => {
    if (!host.current || width === 0) return
    const frame = oncePerFrame()
    const made = createPlot(
      host.current,
      series,
      { width, height },
      {
        scene: () => scene(),
        mode: () => currentMode(),
        onView: (range) => changeView(range),
        onBrush: (range) => changeBrush(range),
        onHover: (t) => frame.run(() => hover(t)),
        onDrawn: () => setDrawn((count) => count + 1),
      },
    )
    plot.current = made
    drawAll()
    return () => {
      frame.cancel()
      plot.current = null
      made.destroy()
    }
  }, [lines, width > 0])
  useEffect(() => {
    if (width > 0) plot.current?.resize(width, height)
  }, [width, height])
  // biome-ignore lint/correctness/useExhaustiveDependencies: new points or another view are the reason to draw.
  useEffect(() => drawAll(), [points, view])
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the scene shows is the reason to repaint.
  useEffect(() => plot.current?.repaint(), [limits, marks, captures, brushed])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new nonce is the wish, whatever the range.
  useEffect(() => {
    if (props.focus) changeView(roundAbout(props.focus.range))
  }, [props.focus?.nonce])

  const main = mainSeries(series)
  const reading = useBrushReading(main?.id, brushed, loadReading)
  const left = useCallback((t: number) => {
    const shown = plot.current?.plot
    if (!shown) return null
    const x = leftOf(shown, t)
    return x >= 0 && x <= shown.over.clientWidth ? x : null
  }, [])
  const words = useMemo(
    () => describeChart(series, points, { limits, marks, captures }),
    [series, points, limits, marks, captures],
  )
  const onKey = (event: KeyboardEvent) => {
    const change = plot.current && keyChange(event, plot.current.visible())
    if (change === undefined || change === null) return
    event.preventDefault()
    event.stopPropagation()
    if (change.kind === 'view') changeViewNow(change.range)
    else props.onBrush(change.range)
  }
  const changeViewNow = (range: ChartRange | null) => {
    const kept = range && withinReason(range)
    setView(kept)
    props.onView?.(kept)
  }
  const area = plot.current?.plot.over
  const brushLeft = brushed && area && plot.current ? besideRange(plot.current, brushed, area.clientWidth) : 0

  return (
    <section aria-label="Memory graph" className="group/chart relative bg-panel">
      <div className="absolute right-16 bottom-9 z-10 flex gap-0.5 rounded-md border border-line bg-panel opacity-0 transition-opacity focus-within:opacity-100 group-hover/chart:opacity-100 [@media(hover:none)]:opacity-90">
        {MODES.map(({ mode: offered, label, icon: Icon }) => (
          <button
            key={offered}
            type="button"
            aria-label={label}
            title={label}
            aria-pressed={mode === offered}
            onClick={() => setMode(offered)}
            className="rounded p-1 text-ink-3 hover:bg-sunken hover:text-ink aria-pressed:bg-accent-soft aria-pressed:text-accent"
          >
            <Icon size={14} aria-hidden />
          </button>
        ))}
        <button
          type="button"
          aria-label="Show everything"
          title="Show everything (0)"
          disabled={view === null}
          onClick={() => changeViewNow(null)}
          className="rounded p-1 text-ink-3 hover:bg-sunken hover:text-ink disabled:opacity-40"
        >
          <Maximize2 size={14} aria-hidden />
        </button>
      </div>
      <div
        ref={host}
        role="application"
        aria-label="Memory over time. Arrow keys move, plus and minus zoom, 0 shows everything, B selects."
        aria-describedby={description}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes keys: arrows, + − 0 B Escape.
        tabIndex={0}
        onKeyDown={onKey}
        data-testid="memory-chart"
        className="w-full overflow-hidden outline-offset-[-2px]"
        style={{ height }}
      />
      {area && (
        <div
          className="pointer-events-none absolute overflow-hidden"
          style={{
            left: area.offsetLeft,
            top: area.offsetTop,
            width: area.clientWidth,
            height: area.clientHeight,
          }}
        >
          <CursorLines cursors={cursors} left={left} />
        </div>
      )}
      {brushed && area && (
        <div className="absolute top-0" style={{ left: area.offsetLeft }}>
          <BrushCard
            left={brushLeft}
            reading={reading}
            label={main?.label ?? ''}
            onClear={() => props.onBrush(null)}
            onPin={props.onPinRange && (() => props.onPinRange?.(brushed, reading ?? null, main?.id))}
          />
        </div>
      )}
      <p id={description} className="sr-only">
        {words}
      </p>
      {isLoading && points.size === 0 && series.length > 0 && (
        <p className="absolute inset-0 grid place-items-center text-ink-3">Loading the graph…</p>
      )}
      {problem && (
        <p
          role="alert"
          className="absolute bottom-8 left-20 rounded bg-growth-soft px-2 py-1 text-xs text-growth"
        >
          {problem}
        </p>
      )}
    </section>
  )
}

/** The series whose range is read and pinned: RSS, or the first one of memory. */
export const mainSeries = (series: readonly ChartSeries[]): ChartSeries | undefined =>
  series.find((one) => one.name === 'rss') ?? series.find((one) => one.unit === 'bytes')

const SHORTEST_VIEW_MS = 50
function withinReason({ from, to }: ChartRange): ChartRange {
  const missing = Math.max(0, SHORTEST_VIEW_MS - (to - from)) / 2
  return { from: Math.round(from - missing), to: Math.round(to + missing) }
}

const CARD_PX = 290
/** Where the card covers least of the range: right of it, left of it, else at the right edge. */
function besideRange({ plot }: MemoryPlot, range: ChartRange, width: number): number {
  const [start, end] = [leftOf(plot, range.from), leftOf(plot, range.to)]
  if (end + CARD_PX + 8 <= width) return Math.max(0, end + 8)
  return start >= CARD_PX + 8 ? start - CARD_PX - 8 : Math.max(0, width - CARD_PX)
}

/** A pinned range with its surroundings. */
const roundAbout = ({ from, to }: ChartRange): ChartRange => ({
  from: from - (to - from) / 3,
  to: to + (to - from) / 3,
})

type KeyChange = { readonly kind: 'view' | 'brush'; readonly range: ChartRange | null }

/** What a key means to the graph; undefined when it means nothing. Exported for its test. */
export function keyChange(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>,
  shown: ChartRange,
): KeyChange | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined
  const middle = (shown.from + shown.to) / 2
  switch (event.key) {
    case 'ArrowLeft':
      return { kind: 'view', range: panned(shown, -0.2) }
    case 'ArrowRight':
      return { kind: 'view', range: panned(shown, 0.2) }
    case '+':
    case '=':
      return { kind: 'view', range: zoomed(shown, 0.7, middle) }
    case '-':
      return { kind: 'view', range: zoomed(shown, 1 / 0.7, middle) }
    case '0':
      return { kind: 'view', range: null }
    case 'b':
    case 'B':
      return { kind: 'brush', range: { from: Math.round(shown.from), to: Math.round(shown.to) } }
    case 'Escape':
      return { kind: 'brush', range: null }
    default:
      return undefined
  }
}

/** The reading of the brushed range; undefined while it is on its way. */
function useBrushReading(
  seriesId: string | undefined,
  range: ChartRange | null,
  loadReading: LoadReading,
): SeriesReading | null | undefined {
  const [found, setFound] = useState<{ key: string; reading: SeriesReading | null } | null>(null)
  const key = range && seriesId ? `${seriesId} ${range.from} ${range.to}` : ''
  useEffect(() => {
    const [id, from, to] = key.split(' ')
    if (!id) return
    let isCurrent = true
    loadReading(id, { from: Number(from), to: Number(to) }).then(
      (reading) => isCurrent && setFound({ key, reading }),
      () => isCurrent && setFound({ key, reading: null }),
    )
    return () => {
      isCurrent = false
    }
  }, [key, loadReading])
  return found?.key === key ? found.reading : undefined
}

function useResize(host: React.RefObject<HTMLDivElement | null>, onWidth: (width: number) => void): void {
  useEffect(() => {
    if (!host.current) return
    const observer = new ResizeObserver((entries) => {
      const width = entries[entries.length - 1]?.contentRect.width ?? 0
      onWidth(Math.floor(width))
    })
    observer.observe(host.current)
    return () => observer.disconnect()
  }, [host, onWidth])
}

/** Runs the last of many calls at the next frame. */
function oncePerFrame(): { run(work: () => void): void; cancel(): void } {
  let next: (() => void) | null = null
  let frame = 0
  return {
    run(work) {
      next = work
      frame ||= requestAnimationFrame(() => {
        frame = 0
        next?.()
      })
    },
    cancel: () => cancelAnimationFrame(frame),
  }
}
