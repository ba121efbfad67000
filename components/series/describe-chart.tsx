import { formatValue } from '#lib/formats/series/preview'
import { formatBytes, formatDuration } from '#lib/units/format'
import { bytes, milliseconds } from '#lib/units/quantity'
import type { ChartCapture, ChartLimit, ChartMark, ChartPoints, ChartSeries } from './chart-types.tsx'

/** What a graph shows, in sentences: a canvas says nothing to a screen reader. */
export function describeChart(
  series: readonly ChartSeries[],
  points: ReadonlyMap<string, ChartPoints>,
  scene: {
    readonly limits: readonly ChartLimit[]
    readonly marks: readonly ChartMark[]
    readonly captures: readonly ChartCapture[]
  },
): string {
  if (series.length === 0) return 'No series is shown.'
  const said = series.map((one) => describeSeries(one, points.get(one.id)))
  for (const limit of scene.limits) said.push(`Limit ${limit.label} at ${formatBytes(bytes(limit.bytes))}.`)
  if (scene.marks.length > 0)
    said.push(`Marks: ${scene.marks.map((mark) => `${mark.kind}, ${mark.label}`).join('; ')}.`)
  if (scene.captures.length > 0)
    said.push(`Captures: ${scene.captures.map((capture) => capture.label).join('; ')}.`)
  return said.join(' ')
}

function describeSeries(series: ChartSeries, points: ChartPoints | undefined): string {
  const first = points?.v[0]
  const last = points?.v[points.v.length - 1]
  if (!points || first === undefined || last === undefined) return `${series.label}: no samples here.`
  const span = points.t[points.t.length - 1]! - points.t[0]!
  const highest = points.v.reduce((a, b) => Math.max(a, b), first)
  const say = (value: number) => formatValue(value, series.unit)
  const restarts = points.restarts.length
  const again = restarts === 0 ? '' : ` ${restarts === 1 ? 'One restart' : `${restarts} restarts`}.`
  return `${series.label}: from ${say(first)} to ${say(last)} in ${formatDuration(milliseconds(span))}, highest ${say(highest)}.${again}`
}
