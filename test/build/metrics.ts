// Prometheus remote write and OTLP requests, written here and not with the product's reader.

const number = (value: number | bigint): number[] => {
  const made: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest >= 0x80n; rest >>= 7n) made.push(Number(rest & 0x7fn) | 0x80)
  return [...made, Number(rest)]
}
export const varint = (id: number, value: number | bigint): number[] => [...number(id << 3), ...number(value)]
export const fixed64 = (id: number, bits: bigint): number[] => {
  const eight = new Uint8Array(8)
  new DataView(eight.buffer).setBigUint64(0, BigInt.asUintN(64, bits), true)
  return [...number((id << 3) | 1), ...eight]
}
const bitsOf = (value: number): bigint => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  return view.getBigUint64(0)
}
export const field = (id: number, content: readonly number[]): number[] => [
  ...number((id << 3) | 2),
  ...number(content.length),
  ...content,
]
export const text = (id: number, words: string): number[] => field(id, [...new TextEncoder().encode(words)])

export interface WrittenSeries {
  readonly labels: Readonly<Record<string, string>>
  /** Milliseconds and value; a bigint gives the value's bits. */
  readonly samples: readonly (readonly [number, number | bigint])[]
}

/** prometheus.WriteRequest, not packed. */
export function writeRequest(list: readonly WrittenSeries[]): Uint8Array<ArrayBuffer> {
  const parts = list.map(({ labels, samples }) => {
    const pairs = Object.entries(labels).flatMap(([name, value]) =>
      field(1, [...text(1, name), ...text(2, value)]),
    )
    const values = samples.flatMap(([ms, value]) =>
      field(2, [...fixed64(1, typeof value === 'bigint' ? value : bitsOf(value)), ...varint(2, ms)]),
    )
    return Uint8Array.from(field(1, [...pairs, ...values]))
  })
  return new Uint8Array(Buffer.concat(parts))
}

/** A Snappy block: greedy copies of four bytes and more within 2 KiB, literals of at most 60 bytes. */
export function packSnappy(plain: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = number(plain.length)
  const seen = new Map<number, number>()
  let literal: number[] = []
  const flush = () => {
    if (literal.length > 0) out.push((literal.length - 1) << 2, ...literal)
    literal = []
  }
  for (let at = 0; at < plain.length; ) {
    const key =
      at + 4 <= plain.length ? Buffer.from(plain.buffer, plain.byteOffset + at, 4).readInt32LE() : -1
    const before = at + 4 <= plain.length ? seen.get(key) : undefined
    seen.set(key, at)
    const offset = at - (before ?? at)
    let length = 0
    while (
      before !== undefined &&
      length < 64 &&
      plain[before + length] === plain[at + length] &&
      at + length < plain.length
    )
      length++
    if (length >= 4 && offset > 0 && offset < 65_536) {
      flush()
      out.push(((length - 1) << 2) | 2, offset & 0xff, offset >> 8)
      at += length
      continue
    }
    literal.push(plain[at++]!)
    if (literal.length === 60) flush()
  }
  flush()
  return Uint8Array.from(out)
}

/** One point of one service with pid 7, in both forms. */
export function otlpRequest({
  service,
  metric,
  unit,
  tMs,
  value,
  temporality = 2,
  flags = 0,
}: {
  service: string
  metric: string
  unit: string
  tMs: number
  value: number
  temporality?: number
  flags?: number
}): { json: object; protobuf: Uint8Array<ArrayBuffer> } {
  const nanos = BigInt(tMs) * 1_000_000n
  const json = {
    resourceMetrics: [
      {
        resource: {
          attributes: [
            { key: 'service.name', value: { stringValue: service } },
            { key: 'process.pid', value: { intValue: '7' } },
          ],
        },
        scopeMetrics: [
          {
            metrics: [
              {
                name: metric,
                unit,
                sum: {
                  aggregationTemporality: temporality,
                  dataPoints: [{ timeUnixNano: String(nanos), asInt: String(value), flags }],
                },
              },
            ],
          },
        ],
      },
    ],
  }
  const point = [...fixed64(3, nanos), ...fixed64(6, BigInt(value)), ...(flags ? varint(8, flags) : [])]
  const sum = [...field(1, point), ...varint(2, temporality), ...varint(3, 0)]
  const resource = [
    ...field(1, [...text(1, 'service.name'), ...field(2, text(1, service))]),
    ...field(1, [...text(1, 'process.pid'), ...field(2, varint(3, 7))]),
  ]
  const metrics = [...text(1, metric), ...text(2, 'words'), ...text(3, unit), ...field(7, sum)]
  const protobuf = field(1, [...field(1, resource), ...field(2, field(2, metrics))])
  return { json, protobuf: Uint8Array.from(protobuf) }
}
