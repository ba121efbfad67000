import { Fields } from '../pprof/wire.ts'
import { type DecodedMetrics, MetricTable } from '../series/metric-table.ts'

/**
 * A Prometheus remote write 1.0 request, unpacked: `WriteRequest` (prometheus/prompb/remote.proto). timeseries = 1 of
 * labels = 1 {name = 1, value = 2} and samples = 2 {value = 1 double, timestamp = 2 int64 ms}. Exemplars, histograms and
 * metadata are passed over. Undefined when the message stops short or is none.
 * @param keeps decides by name and labels, before samples are read
 */
export function readWriteRequest(
  data: Uint8Array,
  keeps: (metric: string, labels: Readonly<Record<string, string>>) => boolean = () => true,
): DecodedMetrics | undefined {
  const table = new MetricTable()
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const text = new TextDecoder()
  const request = new Fields(data, 0, data.length)
  while (request.next()) {
    if (request.field !== 1 || request.wire !== 2) continue
    const { labels, samples, isBroken } = partsOf(data, request.start, request.end, text)
    if (isBroken) return undefined
    const metric = labels.get('__name__') ?? ''
    labels.delete('__name__')
    const plain = Object.fromEntries(labels)
    if (metric === '' || !keeps(metric, plain)) continue
    for (const sample of samples) pushSample(table, view, data, { metric, labels: plain, ...sample })
  }
  return request.isBroken ? undefined : table.finish()
}

interface Range {
  readonly start: number
  readonly end: number
}

function partsOf(data: Uint8Array, start: number, end: number, text: TextDecoder) {
  const labels = new Map<string, string>()
  const samples: Range[] = []
  const fields = new Fields(data, start, end)
  while (fields.next()) {
    if (fields.wire !== 2) continue
    if (fields.field === 2) samples.push({ start: fields.start, end: fields.end })
    if (fields.field !== 1) continue
    const pair = ['', '']
    const label = new Fields(data, fields.start, fields.end)
    while (label.next()) {
      if (label.wire === 2 && (label.field === 1 || label.field === 2))
        pair[label.field - 1] = text.decode(data.subarray(label.start, label.end))
    }
    if (label.isBroken) return { labels, samples, isBroken: true }
    if (labels.size < 64) labels.set(pair[0]!.slice(0, 200), pair[1]!.slice(0, 500))
  }
  return { labels, samples, isBroken: fields.isBroken }
}

function pushSample(
  table: MetricTable,
  view: DataView,
  data: Uint8Array,
  one: { metric: string; labels: Readonly<Record<string, string>> } & Range,
): void {
  let value = 0
  let tMs = 0
  let isStale = false
  const fields = new Fields(data, one.start, one.end)
  while (fields.next()) {
    if (fields.field === 1 && fields.wire === 1) {
      value = view.getFloat64(fields.start, true)
      isStale = isStaleMarker(view, fields.start)
    } else if (fields.field === 2 && fields.wire === 0) tMs = fields.number
  }
  if (isStale) table.end(one.metric, one.labels, tMs)
  else if (fields.isBroken || !Number.isFinite(value)) table.refuse(1, 'a value that is not a finite number')
  else table.push(table.of(one.metric, one.labels), tMs, value)
}

/** The NaN that says "this series has ended" (prometheus/model/value: StaleNaN). */
const isStaleMarker = (view: DataView, at: number): boolean =>
  view.getUint32(at, true) === 2 && view.getUint32(at + 4, true) === 0x7ff00000
