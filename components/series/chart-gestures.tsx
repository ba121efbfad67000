import type uPlot from 'uplot'
import type { ChartRange } from './chart-types.tsx'

/** What a plain drag does. Shift always brushes, Alt always pans. */
export type DragMode = 'zoom' | 'pan' | 'brush'

export interface GestureHandlers {
  mode(): DragMode
  /** Shown now. */
  visible(): ChartRange
  /** While fingers or wheel move, and at the end. */
  onView(range: ChartRange): void
  onReset(): void
  onBrush(range: ChartRange | null): void
  onHover(t: number | null): void
}

const SMALLEST_DRAG_PX = 4

/** Range `zoom` times as long, with the moment `at` staying where it is. */
export function zoomed({ from, to }: ChartRange, zoom: number, at: number): ChartRange {
  return { from: at - (at - from) * zoom, to: at + (to - at) * zoom }
}
/** Moved by a share of its length. */
export function panned({ from, to }: ChartRange, share: number): ChartRange {
  const shift = (to - from) * share
  return { from: from + shift, to: to + shift }
}

/** Mouse, pen and fingers on the plot: drag, wheel, pinch, double click. Returns the way to stop listening. */
export function listenToGestures(plot: uPlot, handlers: GestureHandlers): () => void {
  const area = plot.over
  area.style.touchAction = 'pan-y'
  const stop = new AbortController()
  const { signal } = stop
  const pointers = new Map<number, number>()
  let drag: { mode: DragMode; startX: number; start: ChartRange } | null = null

  const xOf = (event: { clientX: number }) => event.clientX - area.getBoundingClientRect().left
  const timeAt = (x: number) => plot.posToVal(x, 'x')
  const between = (a: number, b: number): ChartRange => ({
    from: Math.round(timeAt(Math.min(a, b))),
    to: Math.round(timeAt(Math.max(a, b))),
  })
  const select = (a: number, b: number) =>
    plot.setSelect({ left: Math.min(a, b), width: Math.abs(b - a), top: 0, height: area.clientHeight }, false)
  const unselect = () => plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false)

  area.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button > 1) return
      pointers.set(event.pointerId, xOf(event))
      area.setPointerCapture(event.pointerId)
      if (pointers.size === 2) {
        drag = null
        unselect()
        return
      }
      const mode = event.shiftKey ? 'brush' : event.altKey || event.button === 1 ? 'pan' : handlers.mode()
      drag = { mode, startX: xOf(event), start: handlers.visible() }
    },
    { signal },
  )
  area.addEventListener(
    'pointermove',
    (event) => {
      const x = xOf(event)
      handlers.onHover(timeAt(x))
      const before = pointers.get(event.pointerId)
      if (before === undefined) return
      if (pointers.size === 2) {
        pinch(event.pointerId, before, x)
        pointers.set(event.pointerId, x)
        return
      }
      if (!drag || Math.abs(x - drag.startX) < SMALLEST_DRAG_PX) return
      if (drag.mode === 'pan') handlers.onView(panned(drag.start, (drag.startX - x) / area.clientWidth))
      else select(drag.startX, x)
    },
    { signal },
  )
  const pinch = (id: number, before: number, x: number) => {
    const other = [...pointers].find(([pointer]) => pointer !== id)?.[1]
    if (other === undefined || Math.abs(x - other) < 8) return
    const zoom = Math.abs(before - other) / Math.abs(x - other)
    handlers.onView(zoomed(handlers.visible(), Math.min(2, Math.max(0.5, zoom)), timeAt(other)))
  }
  const release = (event: PointerEvent) => {
    pointers.delete(event.pointerId)
    if (!drag) return
    const { mode, startX } = drag
    const x = xOf(event)
    drag = null
    unselect()
    if (event.type === 'pointercancel') return
    const isClick = Math.abs(x - startX) < SMALLEST_DRAG_PX
    if (isClick && mode === 'brush') handlers.onBrush(null)
    if (isClick || mode === 'pan') return
    if (mode === 'zoom') handlers.onView(between(startX, x))
    else handlers.onBrush(between(startX, x))
  }
  area.addEventListener('pointerup', release, { signal })
  area.addEventListener('pointercancel', release, { signal })
  area.addEventListener('pointerleave', () => handlers.onHover(null), { signal })
  area.addEventListener('dblclick', () => handlers.onReset(), { signal })
  area.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault()
      const sideways = event.shiftKey ? event.deltaY : event.deltaX
      if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
        handlers.onView(panned(handlers.visible(), sideways / 1000))
        return
      }
      const zoom = Math.exp(Math.max(-120, Math.min(120, event.deltaY)) * 0.003)
      handlers.onView(zoomed(handlers.visible(), zoom, timeAt(xOf(event))))
    },
    { signal, passive: false },
  )
  return () => stop.abort()
}
