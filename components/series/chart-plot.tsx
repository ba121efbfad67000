import uPlot from 'uplot'
import {
  byteAxis,
  byteLabels,
  byteSteps,
  countLabels,
  type Joined,
  joinSeries,
  timeLabels,
} from './chart-data.tsx'
import { type DragMode, listenToGestures } from './chart-gestures.tsx'
import { paintOf, paintOver, paintUnder } from './chart-paint.tsx'
import type { ChartPoints, ChartRange, ChartScene, ChartSeries } from './chart-types.tsx'
import { seriesColor } from './series-colors.tsx'

/** What the plot asks of its owner. Read at the moment of use, so that they may change between renders. */
export interface PlotOwner {
  scene(): ChartScene
  mode(): DragMode
  /** A person changed what is shown; null is everything. */
  onView(range: ChartRange | null): void
  onBrush(range: ChartRange | null): void
  onHover(t: number | null): void
  /** After every drawing: overlays that are no part of the canvas move along. */
  onDrawn(): void
}

export interface MemoryPlot {
  readonly plot: uPlot
  /** Points per series, in the order of the series that the plot was made with. */
  show(points: readonly (ChartPoints | undefined)[], view: ChartRange | null): void
  visible(): ChartRange
  resize(width: number, height: number): void
  repaint(): void
  destroy(): void
}

/** Pixels from the left edge of the plot's area. */
export const leftOf = (plot: uPlot, t: number): number => plot.valToPos(t, 'x')

/** uPlot with our axes, drawings and gestures. Owns no data but what is shown. */
export function createPlot(
  host: HTMLElement,
  series: readonly ChartSeries[],
  size: { readonly width: number; readonly height: number },
  owner: PlotOwner,
): MemoryPlot {
  let shown: readonly ChartPoints[] = []
  let joined: { of: readonly (ChartPoints | undefined)[]; table: Joined } = { of: [], table: [[]] }
  /** Joined once for the same points: moving the graph must not build its table anew for every frame. */
  const tableOf = (points: readonly (ChartPoints | undefined)[]): Joined => {
    const isSame = points.length === joined.of.length && points.every((one, i) => one === joined.of[i])
    if (!isSame) joined = { of: points, table: joinSeries(points) }
    return joined.table
  }
  const paint = paintOf(host)
  const visible = (): ChartRange => ({ from: plot.scales.x?.min ?? 0, to: plot.scales.x?.max ?? 1 })
  const limits = () => owner.scene().limits.map((limit) => limit.bytes)
  const counts = series.some((one) => one.unit !== 'bytes')

  const options: uPlot.Options = {
    ...size,
    ms: 1,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, y: false, points: { size: 6 } },
    padding: [6, counts ? 4 : 14, 0, 0],
    scales: {
      x: { time: true },
      bytes: { range: (_, min, max) => byteAxis(finite(min), finite(max), limits()) },
      count: { range: (_, min, max) => [0, Math.max(1, (finite(max) ?? 1) * 1.1, finite(min) ?? 0)] },
    },
    axes: [
      { ...axis(paint), size: 28, space: 90, values: (_, splits) => timeLabels(splits) },
      {
        ...axis(paint),
        scale: 'bytes',
        size: 66,
        incrs: byteSteps(),
        space: 38,
        values: (_, splits) => byteLabels(splits),
      },
      {
        ...axis(paint),
        show: counts,
        scale: 'count',
        side: 1,
        size: 52,
        grid: { show: false },
        values: (_, splits) => countLabels(splits),
      },
    ],
    series: [
      {},
      ...series.map(
        (one): uPlot.Series => ({
          label: one.label,
          scale: one.unit === 'bytes' ? 'bytes' : 'count',
          stroke: () => paint(seriesColor(one, series)),
          width: one.unit === 'bytes' ? 1.75 : 1.25,
          points: { show: (_, __, from, to) => to - from < 40 },
          ...(one.unit === 'bytes' ? {} : { dash: [5, 3] }),
        }),
      ),
    ],
    hooks: {
      drawClear: [(self) => paintUnder(self, paint, owner.scene(), shown)],
      draw: [
        (self) => {
          paintOver(self, paint, owner.scene(), shown)
          owner.onDrawn()
        },
      ],
    },
  }
  const plot = new uPlot(options, [[], ...series.map(() => [])], host)
  const deafen = listenToGestures(plot, {
    mode: owner.mode,
    visible,
    onView: (range) => owner.onView(range),
    onReset: () => owner.onView(null),
    onBrush: owner.onBrush,
    onHover: owner.onHover,
  })
  const retheme = watchTheme(() => plot.redraw(false, true))
  return {
    plot,
    visible,
    show(points, view) {
      shown = points.filter((one) => one !== undefined)
      plot.batch(() => {
        const table = tableOf(points)
        // uPlot's own table is this very object while nothing changed.
        if (plot.data !== table || view === null) plot.setData(table, view === null)
        if (view) plot.setScale('x', { min: view.from, max: view.to })
      })
    },
    resize: (width, height) => plot.setSize({ width, height }),
    repaint: () => plot.redraw(false),
    destroy() {
      retheme()
      deafen()
      plot.destroy()
    },
  }
}

/** uPlot gives null or infinity where a scale has no data. */
const finite = (value: number | null): number | null =>
  value !== null && Number.isFinite(value) ? value : null

function axis(paint: (variable: string) => string): uPlot.Axis {
  return {
    stroke: () => paint('--ink-3'),
    font: '11px "Inter Variable", system-ui, sans-serif',
    grid: { stroke: () => paint('--line'), width: 1 },
    ticks: { show: false },
  }
}

/** Calls back when the theme changes: by the switch (an attribute) or by the system. */
function watchTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class'] })
  const system = window.matchMedia('(prefers-color-scheme: dark)')
  system.addEventListener('change', changed)
  return () => {
    observer.disconnect()
    system.removeEventListener('change', changed)
  }
}
