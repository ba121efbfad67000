import { UserError } from '#lib/errors/user-error'
import { bytes } from '#lib/units/quantity'
import type { ImportContext, SeriesFormat, SeriesImport } from '../series/format.ts'
import { list, parsedJson, record } from '../series/json.ts'
import { assembleMetrics, type MetricSamples } from '../series/metrics.ts'
import { NumberColumn } from '../series/number-column.ts'

const FORMAT = 'prometheus-range'
const LABEL = 'Prometheus query_range answer'

/** The JSON of `/api/v1/query_range`: a matrix of [seconds, "value"] pairs. */
export const prometheusRange: SeriesFormat = {
  id: FORMAT,
  label: LABEL,
  recognises: (head) =>
    /^\s*\{/.test(head) && /"resultType"\s*:\s*"|"status"\s*:\s*"(success|error)"/.test(head),
  read: readRange,
}

function readRange(text: string, context: ImportContext): SeriesImport {
  const answer = record(parsedJson(text, () => truncated(text)))
  if (answer.status === 'error') {
    throw new UserError('series/no-samples', { why: `Prometheus answered “${String(answer.error)}”.` })
  }
  const data = record(answer.data)
  if (data.resultType !== 'matrix') {
    const why = `this is a ${String(data.resultType)}, the values of one moment. Ask /api/v1/query_range for a range.`
    throw new UserError('series/no-samples', { why })
  }
  const metrics: MetricSamples[] = []
  let lines = 0
  let bad = 0
  for (const entry of list(data.result)) {
    const { metric, values } = record(entry)
    const { __name__: name, ...labels } = strings(metric)
    const one = { metric: name ?? 'value', labels, t: new NumberColumn(), v: new NumberColumn() }
    for (const pair of list(values)) {
      lines++
      const [seconds, value] = list(pair)
      const number = typeof value === 'string' ? Number(value) : Number.NaN
      if (typeof seconds !== 'number' || !Number.isFinite(number)) {
        bad++
        continue
      }
      one.t.push(Math.round(seconds * 1000))
      one.v.push(number)
    }
    metrics.push(one)
  }
  return assembleMetrics(FORMAT, metrics, { lines, badLines: bad }, context)
}

/** A matrix that ends early is not JSON at all; where it ends is all there is to say. */
const truncated = (text: string) =>
  new UserError('format/truncated', { format: LABEL, offset: bytes(text.length) })

const strings = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(record(value)).map(([name, text]) => [name, String(text)]))
