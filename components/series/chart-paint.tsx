import type uPlot from 'uplot'
import { formatBytes } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import type { ChartMark, ChartPoints, ChartScene } from './chart-types.tsx'

/** Reads a CSS variable of the page's theme: a canvas does not inherit colours. */
export type Paint = (variable: string) => string

export const paintOf = (element: Element): Paint => {
  const style = getComputedStyle(element)
  return (variable) => style.getPropertyValue(variable).trim() || '#888'
}

const MARK_COLORS: Record<ChartMark['kind'], string> = {
  crash: '--growth',
  outage: '--warm',
  deploy: '--accent',
  restart: '--ink-3',
  note: '--managed',
}

interface Canvas {
  readonly plot: uPlot
  readonly paint: Paint
  /** CSS pixel in canvas pixels. */
  readonly px: number
}

const canvasOf = (plot: uPlot, paint: Paint): Canvas => ({
  plot,
  paint,
  px: plot.ctx.canvas.width / plot.width || 1,
})

/** Below the lines: phases, outages, the area above each limit, the brushed range. */
export function paintUnder(
  plot: uPlot,
  paint: Paint,
  scene: ChartScene,
  points: readonly ChartPoints[],
): void {
  const canvas = canvasOf(plot, paint)
  const { ctx, bbox } = plot
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  phases(canvas, points[0]?.phases ?? [])
  for (const mark of scene.marks) {
    if (mark.until !== null) band(canvas, mark.at, mark.until, paint(MARK_COLORS[mark.kind]), 0.1)
  }
  for (const limit of limitsOn(plot, scene)) {
    const y = plot.valToPos(limit.bytes, 'bytes', true)
    if (!(y > bbox.top)) continue
    ctx.globalAlpha = 0.5
    ctx.fillStyle = paint('--growth-soft')
    ctx.fillRect(bbox.left, bbox.top, bbox.width, y - bbox.top)
  }
  ctx.globalAlpha = 1
  if (scene.brushed) brush(canvas, scene.brushed.from, scene.brushed.to)
  ctx.restore()
}

/** Above the lines: limits, restarts, marks, captures. */
export function paintOver(
  plot: uPlot,
  paint: Paint,
  scene: ChartScene,
  points: readonly ChartPoints[],
): void {
  const canvas = canvasOf(plot, paint)
  const { ctx, bbox } = plot
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, 0, bbox.width, bbox.top + bbox.height)
  ctx.clip()
  ctx.font = `${11 * canvas.px}px "Inter Variable", system-ui, sans-serif`
  // uPlot's axes leave theirs behind.
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
  restarts(canvas, points)
  phaseNames(canvas, points[0]?.phases ?? [])
  for (const limit of limitsOn(plot, scene)) limitLine(canvas, limit.bytes, limit.label)
  const taken = labelRows(canvas)
  for (const mark of scene.marks) markLine(canvas, mark, taken)
  for (const capture of scene.captures) capturePin(canvas, capture.at, capture.label, taken)
  ctx.restore()
}

/** Without a memory line there is no memory axis to put a limit on. */
const limitsOn = (plot: uPlot, scene: ChartScene) => (plot.scales.bytes?.min == null ? [] : scene.limits)

const SHADES = [0, 0.05]

function phases(canvas: Canvas, list: ChartPoints['phases']): void {
  for (const [index, phase] of list.entries()) {
    band(canvas, phase.from, phase.to, canvas.paint('--accent'), SHADES[index % 2] ?? 0)
  }
}

/** At the lower edge, with a rim in the panel's colour, because lines may run through. */
function phaseNames({ plot, paint, px }: Canvas, list: ChartPoints['phases']): void {
  const { ctx, bbox } = plot
  ctx.strokeStyle = paint('--panel')
  ctx.fillStyle = paint('--ink-2')
  ctx.lineWidth = 3 * px
  for (const phase of list) {
    const x = Math.max(bbox.left, plot.valToPos(phase.from, 'x', true)) + 5 * px
    if (x > plot.valToPos(phase.to, 'x', true)) continue
    ctx.strokeText(phase.label, x, bbox.top + bbox.height - 6 * px)
    ctx.fillText(phase.label, x, bbox.top + bbox.height - 6 * px)
  }
}

function band({ plot }: Canvas, from: number, to: number, color: string, alpha: number): void {
  const { ctx, bbox } = plot
  const left = plot.valToPos(from, 'x', true)
  ctx.globalAlpha = alpha
  ctx.fillStyle = color
  ctx.fillRect(left, bbox.top, plot.valToPos(to, 'x', true) - left, bbox.height)
  ctx.globalAlpha = 1
}

function brush(canvas: Canvas, from: number, to: number): void {
  const color = canvas.paint('--accent')
  band(canvas, from, to, color, 0.09)
  for (const at of [from, to]) vertical(canvas, at, color, [])
}

function vertical({ plot, px }: Canvas, at: number, color: string, dash: readonly number[], from = 0): void {
  const { ctx, bbox } = plot
  const x = Math.round(plot.valToPos(at, 'x', true))
  ctx.strokeStyle = color
  ctx.lineWidth = px
  ctx.setLineDash(dash.map((length) => length * px))
  ctx.beginPath()
  ctx.moveTo(x, bbox.top + from * px)
  ctx.lineTo(x, bbox.top + bbox.height)
  ctx.stroke()
  ctx.setLineDash([])
}

function restarts(canvas: Canvas, points: readonly ChartPoints[]): void {
  const { plot, paint, px } = canvas
  const { ctx, bbox } = plot
  let lastLabel = Number.NEGATIVE_INFINITY
  for (const restart of points.flatMap((one) => one.restarts)) {
    const x = plot.valToPos(restart.at, 'x', true)
    if (x < bbox.left || x > bbox.left + bbox.width) continue
    vertical(canvas, restart.at, paint('--ink-3'), [2, 3], 16)
    if (x - lastLabel < 90 * px) continue
    lastLabel = x
    ctx.fillStyle = paint('--ink-3')
    const words = restart.because === 'fall' ? 'restart?' : 'restart'
    ctx.fillText(words, x + 4 * px, bbox.top + bbox.height - 18 * px)
  }
}

function limitLine({ plot, paint, px }: Canvas, size: number, label: string): void {
  const { ctx, bbox } = plot
  const y = Math.round(plot.valToPos(size, 'bytes', true))
  const words = `${label}, ${formatBytes(bytes(size))}`
  ctx.fillStyle = paint('--growth')
  if (!(y >= bbox.top)) {
    // Far above what is shown: named at the edge, so that nobody thinks that it is missing.
    const right = bbox.left + bbox.width - 110 * px
    // A narrow graph has its marks' labels up there.
    if (bbox.width < 500 * px) ctx.fillText(`↑ ${words}`, bbox.left + 6 * px, bbox.top + bbox.height / 2)
    else ctx.fillText(`↑ ${words}`, right - ctx.measureText(words).width, bbox.top + 12 * px)
    return
  }
  ctx.strokeStyle = paint('--growth')
  ctx.lineWidth = px
  ctx.setLineDash([4 * px, 3 * px])
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.setLineDash([])
  ctx.fillText(words, bbox.left + 6 * px, y - 5 * px)
}

type Label = readonly [from: number, to: number]

/** Rows for labels below the top, each with the labels that stand in it: three, and as many as two fifths of the graph hold. */
function labelRows({ plot, px }: Canvas): Label[][] {
  const fitting = Math.floor((0.4 * plot.bbox.height) / px / 17)
  return Array.from({ length: Math.max(3, Math.min(6, fitting)) }, () => [])
}

/** The first row where this label covers no other one; the last one where it would in all. */
function freeRow(x: number, width: number, rows: Label[][]): number {
  const free = rows.findIndex((labels) => labels.every(([from, to]) => x + width < from || to < x))
  const row = free === -1 ? rows.length - 1 : free
  rows[row]?.push([x, x + width])
  return row
}

const short = (label: string): string => (label.length > 24 ? `${label.slice(0, 23)}…` : label)

function markLine(canvas: Canvas, mark: ChartMark, taken: Label[][]): void {
  const { plot, paint, px } = canvas
  const { ctx, bbox } = plot
  const color = paint(MARK_COLORS[mark.kind])
  const x = plot.valToPos(mark.at, 'x', true)
  const words = short(mark.label)
  const width = ctx.measureText(words).width + 18 * px
  const left = startOfLabel(canvas, x, width)
  const row = freeRow(left, width, taken)
  const y = bbox.top + (12 + 15 * row) * px
  vertical(canvas, mark.at, color, mark.kind === 'crash' ? [] : [5, 3])
  ctx.fillStyle = color
  ctx.beginPath()
  ctx.arc(x, y - 4 * px, 4 * px, 0, 2 * Math.PI)
  ctx.fill()
  ctx.fillText(words, left < x ? left + 8 * px : x + 8 * px, y)
}

function capturePin(canvas: Canvas, at: number, label: string, taken: Label[][]): void {
  const { plot, paint, px } = canvas
  const { ctx, bbox } = plot
  const x = plot.valToPos(at, 'x', true)
  const words = short(label)
  const width = ctx.measureText(words).width + 12 * px
  const left = startOfLabel(canvas, x, width)
  const row = freeRow(left, width, taken)
  const top = bbox.top + (2 + 17 * row) * px
  const corner = 3 * px
  vertical(canvas, at, paint('--ink'), [1, 2])
  ctx.fillStyle = paint('--ink')
  ctx.beginPath()
  ctx.roundRect(left, top, width, 15 * px, left < x ? [corner, 0, 0, corner] : [0, corner, corner, 0])
  ctx.fill()
  ctx.fillStyle = paint('--bg')
  ctx.fillText(words, left + 6 * px, top + 11 * px)
}

/** Labels stand right of their line, and left of it where they would leave the graph. */
function startOfLabel({ plot }: Canvas, x: number, width: number): number {
  const { left, width: room } = plot.bbox
  return x + width > left + room && x - width > left ? x - width : x
}
