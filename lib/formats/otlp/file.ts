import { UserError } from '#lib/errors/user-error'
import { bytes } from '#lib/units/quantity'
import type { ImportContext, SeriesFormat, SeriesImport } from '../series/format.ts'
import { parsedJson } from '../series/json.ts'
import { type DecodedMetrics, MetricTable } from '../series/metric-table.ts'
import { assembleMetrics } from '../series/metrics.ts'
import { readOtlp } from './index.ts'

const FORMAT = 'otlp-json'
const LABEL = 'OTLP metrics JSON'

/** OTLP's JSON in a file: one request, or one a line as the collector's file exporter writes them. */
export const otlpJson: SeriesFormat = {
  id: FORMAT,
  label: LABEL,
  recognises: (head) => /^\s*\{\s*"resourceMetrics"\s*:/.test(head),
  read: readFile,
}

function readFile(text: string, context: ImportContext): SeriesImport {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const isLines = lines.length > 1 && lines.every((line) => /^\s*\{\s*"resourceMetrics"/.test(line))
  const decoded = (isLines ? lines : [text]).map((one, i) => {
    const isLast = i > 0 && i === lines.length - 1
    // A collector that was stopped leaves its last line cut.
    return isLast && !one.trimEnd().endsWith('}')
      ? undefined
      : readOtlp(parsedJson(one, () => truncated(one)))
  })
  const whole = decoded.filter((one) => one !== undefined)
  const points = whole.reduce((sum, one) => sum + one.points, 0)
  const refused = whole.reduce((sum, one) => sum + one.refused, 0)
  const cut = decoded.length - whole.length
  return assembleMetrics(FORMAT, together(whole), { lines: points + cut, badLines: refused + cut }, context)
}

function together(requests: readonly DecodedMetrics[]) {
  const table = new MetricTable()
  for (const { metrics } of requests) {
    for (const { metric, labels, toolUnit, t, v } of metrics) {
      const column = table.of(metric, labels, toolUnit)
      const values = v.values()
      for (const [i, at] of t.values().entries()) table.push(column, at, values[i]!)
    }
  }
  return table.finish().metrics
}

const truncated = (text: string) =>
  new UserError('format/truncated', { format: LABEL, offset: bytes(text.length) })
