import { list, record } from '../series/json.ts'
import { type DecodedMetrics, MetricTable } from '../series/metric-table.ts'
import type { UnitChoice } from '../series/quantities.ts'

/** UCUM units of memory, as OTLP writes them. */
const UNITS = new Map<string, UnitChoice>([
  ['By', 'bytes'],
  ['KiBy', 'kib'],
  ['MiBy', 'mib'],
  ['GiBy', 'gib'],
  ['1', 'count'],
])
/** `process.memory.usage` is an UpDownCounter: a sum. Deltas of sums are no levels. */
const DELTA = new Set<unknown>([1, '1', 'AGGREGATION_TEMPORALITY_DELTA'])
const NO_VALUE = 1

type Labels = Readonly<Record<string, string>>

/**
 * An OTLP metrics request (its JSON form, or `otlpMessage`'s objects): gauges and cumulative sums of numbers. Labels are
 * the resource's attributes and the point's own. Histograms and summaries are passed over.
 * @param keeps decides by name and labels
 */
export function readOtlp(
  request: unknown,
  keeps: (metric: string, labels: Labels) => boolean = () => true,
): DecodedMetrics {
  const table = new MetricTable()
  for (const entry of list(record(request).resourceMetrics)) {
    const { resource, scopeMetrics } = record(entry)
    const shared = attributesOf(record(resource).attributes)
    for (const scope of list(scopeMetrics)) {
      for (const metric of list(record(scope).metrics)) readMetric(table, record(metric), shared, keeps)
    }
  }
  return table.finish()
}

function readMetric(
  table: MetricTable,
  metric: Readonly<Record<string, unknown>>,
  shared: ReadonlyMap<string, string>,
  keeps: (metric: string, labels: Labels) => boolean,
): void {
  const { name, unit, gauge, sum } = metric
  if (typeof name !== 'string' || name === '') return
  const { dataPoints, aggregationTemporality } = record(gauge ?? sum)
  const points = list(dataPoints)
    .map((point) => ({ point: record(point), labels: labelsOf(shared, point) }))
    .filter(({ labels }) => keeps(name, labels))
  if (sum !== undefined && DELTA.has(aggregationTemporality) && points.length > 0) {
    const shown = name.slice(0, 100)
    table.refuse(points.length, `${shown} comes as differences: export it with cumulative temporality`)
    return
  }
  const toolUnit = typeof unit === 'string' ? UNITS.get(unit) : undefined
  for (const { point, labels } of points) {
    const { timeUnixNano, asDouble, asInt, flags } = point
    const value = Number(asDouble ?? asInt ?? Number.NaN)
    const nanos = Number(timeUnixNano ?? Number.NaN)
    if ((Number(flags ?? 0) & NO_VALUE) !== 0) table.end(name, labels, nanos / 1e6)
    else if (!Number.isFinite(value)) table.refuse(1, 'a value that is not a finite number')
    else if (!(nanos > 0)) table.refuse(1, 'a point without timeUnixNano')
    else table.push(table.of(name, labels, toolUnit), nanos / 1e6, value)
  }
}

const labelsOf = (shared: ReadonlyMap<string, string>, point: unknown): Labels =>
  Object.fromEntries([...shared, ...attributesOf(record(point).attributes)])

function attributesOf(attributes: unknown): Map<string, string> {
  const found = new Map<string, string>()
  for (const attribute of list(attributes).slice(0, 64)) {
    const { key, value } = record(attribute)
    const { stringValue, intValue, doubleValue, boolValue } = record(value)
    const scalar = stringValue ?? intValue ?? doubleValue ?? boolValue
    if (typeof key === 'string' && scalar !== undefined)
      found.set(key.slice(0, 200), String(scalar).slice(0, 500))
  }
  return found
}
