import { UserError } from '#lib/errors/user-error'
import { bytes } from '#lib/units/quantity'
import { list, parsedJson, record } from '../series/json.ts'
import type { MetricSamples } from '../series/metrics.ts'
import { NumberColumn } from '../series/number-column.ts'

export const MATRIX_LABEL = 'Prometheus query_range answer'

/** What an answer of `/api/v1/query_range` holds. */
export interface Matrix {
  /** A series without a name (the result of an expression) is called `value`. */
  readonly metrics: readonly MetricSamples[]
  /** Pairs of time and value. */
  readonly lines: number
  /** Pairs without a finite value: NaN and ±Inf are no measure of memory. */
  readonly badLines: number
  /** Of Prometheus itself, in its words: hostile text. */
  readonly warnings: readonly string[]
}

/**
 * Reads a matrix: pairs of [seconds, "value"]. O(text).
 * @throws UserError series/no-samples · format/truncated
 */
export function readMatrix(text: string): Matrix {
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
  const warnings = [...list(answer.warnings), ...list(answer.infos)].map(String).slice(0, 5)
  return { metrics, lines, badLines: bad, warnings }
}

/** Metric and labels in one order, `rss{job="shop",pod="a"}`: names one series for good. */
export function seriesKey({ metric, labels }: Pick<MetricSamples, 'metric' | 'labels'>): string {
  const pairs = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return `${metric}{${pairs.join(',')}}`
}

/** A matrix that ends early is not JSON at all; where it ends is all there is to say. */
const truncated = (text: string) =>
  new UserError('format/truncated', { format: MATRIX_LABEL, offset: bytes(text.length) })

const strings = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(record(value)).map(([name, text]) => [name, String(text)]))
