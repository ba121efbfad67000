import { Fields } from '../pprof/wire.ts'

/** What a field holds: a scalar, or a message of the named kind. */
type Kind = 'text' | 'varint' | 'double' | 'fixed64' | 'sfixed64' | MessageName
interface Field {
  readonly name: string
  readonly kind: Kind
  readonly isRepeated?: boolean
}

/** opentelemetry-proto v1: metrics/v1/metrics.proto, resource/v1, common/v1; the fields that are read. */
const MESSAGES = {
  request: { 1: { name: 'resourceMetrics', kind: 'resourceMetrics', isRepeated: true } },
  resourceMetrics: {
    1: { name: 'resource', kind: 'resource' },
    2: { name: 'scopeMetrics', kind: 'scopeMetrics', isRepeated: true },
  },
  resource: { 1: { name: 'attributes', kind: 'attribute', isRepeated: true } },
  scopeMetrics: { 2: { name: 'metrics', kind: 'metric', isRepeated: true } },
  metric: {
    1: { name: 'name', kind: 'text' },
    3: { name: 'unit', kind: 'text' },
    5: { name: 'gauge', kind: 'points' },
    7: { name: 'sum', kind: 'points' },
  },
  points: {
    1: { name: 'dataPoints', kind: 'point', isRepeated: true },
    2: { name: 'aggregationTemporality', kind: 'varint' },
  },
  point: {
    3: { name: 'timeUnixNano', kind: 'fixed64' },
    4: { name: 'asDouble', kind: 'double' },
    6: { name: 'asInt', kind: 'sfixed64' },
    7: { name: 'attributes', kind: 'attribute', isRepeated: true },
    8: { name: 'flags', kind: 'varint' },
  },
  attribute: { 1: { name: 'key', kind: 'text' }, 2: { name: 'value', kind: 'value' } },
  // Lists and maps inside of a value are passed over: they name no process.
  value: {
    1: { name: 'stringValue', kind: 'text' },
    2: { name: 'boolValue', kind: 'varint' },
    3: { name: 'intValue', kind: 'varint' },
    4: { name: 'doubleValue', kind: 'double' },
  },
} as const satisfies Record<string, Record<number, { name: string; kind: string; isRepeated?: boolean }>>
type MessageName = keyof typeof MESSAGES

const fieldOf = (message: MessageName, number: number): Field | undefined => {
  const fields: Readonly<Record<number, Field>> = MESSAGES[message]
  return fields[number]
}

/**
 * An ExportMetricsServiceRequest in protobuf, as the objects that its JSON form has (64-bit numbers as numbers). Undefined
 * when it stops short or is none.
 */
export function otlpMessage(data: Uint8Array): Record<string, unknown> | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  return messageIn({ data, view, text: new TextDecoder() }, 'request', 0, data.length)
}

interface Source {
  readonly data: Uint8Array
  readonly view: DataView
  readonly text: TextDecoder
}

const WIRE: Readonly<Partial<Record<Kind, number>>> = { varint: 0, double: 1, fixed64: 1, sfixed64: 1 }

function messageIn(
  source: Source,
  name: MessageName,
  start: number,
  end: number,
): Record<string, unknown> | undefined {
  const made: Record<string, unknown> = {}
  const lists = new Map<string, unknown[]>()
  const fields = new Fields(source.data, start, end)
  while (fields.next()) {
    const field = fieldOf(name, fields.field)
    if (!field || fields.wire !== (WIRE[field.kind] ?? 2)) continue
    const value = valueIn(source, field.kind, fields)
    if (value === undefined) return undefined
    if (!field.isRepeated) made[field.name] = value
    else {
      const list = lists.get(field.name)
      if (list) list.push(value)
      else lists.set(field.name, [value])
    }
  }
  for (const [key, list] of lists) made[key] = list
  return fields.isBroken ? undefined : made
}

function valueIn({ data, view, text }: Source, kind: Kind, fields: Fields): unknown {
  const { start, end } = fields
  if (kind === 'text') return text.decode(data.subarray(start, Math.min(end, start + 1000)))
  if (kind === 'double') return view.getFloat64(start, true)
  if (kind === 'fixed64') return Number(view.getBigUint64(start, true))
  if (kind === 'varint' || kind === 'sfixed64') return fields.number
  return messageIn({ data, view, text }, kind, start, end)
}
