import { gunzipSync } from 'node:zlib'
import { UserError } from '#lib/errors/user-error'
import { readOtlp } from '#lib/formats/otlp/index'
import { otlpMessage } from '#lib/formats/otlp/message'
import { readWriteRequest } from '#lib/formats/remote-write/index'
import { unpackSnappy } from '#lib/formats/remote-write/snappy'
import type { DecodedMetrics } from '#lib/formats/series/metric-table'
import type { MetricSamples } from '#lib/formats/series/metrics'
import { meaningOf, UNIT_CHOICES, unitOf } from '#lib/formats/series/quantities'
import { bytes, mebibytes } from '#lib/units/quantity'
import type { LiveBatch } from './live-lines.ts'

/** What a packed body may come to. */
const MOST_UNPACKED = mebibytes(16)
/** One request may feed this many series. */
const MOST_SERIES = 200
const DAY_MS = 86_400_000
const YEAR_2000 = 946_684_800_000

export type MetricsProtocol = 'remote-write' | 'otlp-json' | 'otlp-protobuf'

/** What of a sender's metrics is wanted; nothing said: memory. */
export interface Wanted {
  /** Names beside those of memory; a `*` at the end stands for anything. */
  readonly metrics: readonly string[]
  /** Labels that have to be there, with their values. */
  readonly labels: readonly (readonly [string, string])[]
}

export interface MetricsRequest {
  readonly protocol: MetricsProtocol
  readonly body: Uint8Array<ArrayBuffer>
  /** Content-Encoding: gzip. */
  readonly isGzip: boolean
  readonly nowMs: number
  readonly wanted: Wanted
}

/** What a request's metrics come to. */
export interface LiveMetrics {
  readonly batches: readonly LiveBatch[]
  /** Wanted points, refused ones included. */
  readonly points: number
  readonly refused: number
  readonly problem?: string
  /** Series that their sender says have ended. */
  readonly ended: number
}

/**
 * Reads a request of Prometheus remote write 1.0 or OTLP metrics. Each set of labels is a series of its own, under a name
 * that depends on nothing else, so that the same sender feeds the same series again; a process with a new pid is a new
 * series, because several workers of one job report side by side.
 * @throws UserError upload/too-large · request/malformed
 */
export function liveMetrics(request: MetricsRequest): LiveMetrics {
  const { metrics, points, ...counts } = decoded(request)
  const batches = new Map<string, LiveBatch>()
  let { refused, problem } = counts
  for (const one of metrics) {
    const { batch, outside } = batchOf(one, request.nowMs)
    if (outside > 0)
      problem ??= `a time of ${one.metric.slice(0, 100)} is not between the year 2000 and tomorrow`
    refused += outside
    if (batch.samples.t.length === 0) continue
    const key = `${batch.name}\n${batch.process}`
    // Two units of one name: they cannot both be it.
    if (batches.has(key) || batches.size >= MOST_SERIES) {
      refused += batch.samples.t.length
      problem ??= batches.has(key)
        ? `${one.metric.slice(0, 100)} comes twice with the same labels`
        : `one request may feed at most ${MOST_SERIES} series`
      continue
    }
    batches.set(key, batch)
  }
  return {
    batches: [...batches.values()],
    points,
    refused,
    ended: counts.ended,
    ...(problem === undefined ? {} : { problem }),
  }
}

function decoded({ protocol, body, isGzip, wanted }: MetricsRequest): DecodedMetrics {
  const keeps = (metric: string, labels: Readonly<Record<string, string>>) => isWanted(metric, labels, wanted)
  if (protocol === 'remote-write') {
    const plain = unpackSnappy(body, MOST_UNPACKED)
    if (plain === 'too-large') throw new UserError('upload/too-large', tooLarge(body))
    if (plain === 'broken') throw malformed('the body is not a Snappy block')
    return readWriteRequest(plain, keeps) ?? refuse('the body is not a remote write 1.0 request')
  }
  const plain = isGzip ? unzipped(body) : body
  const request = protocol === 'otlp-json' ? json(plain) : otlpMessage(plain)
  return readOtlp(request ?? refuse('the body is not an OTLP metrics request'), keeps)
}

const malformed = (where: string) => new UserError('request/malformed', { where })
function refuse(where: string): never {
  throw malformed(where)
}
const tooLarge = (body: Uint8Array) => ({
  size: bytes(Math.max(body.length, MOST_UNPACKED)),
  limit: MOST_UNPACKED,
})

function unzipped(body: Uint8Array): Uint8Array {
  try {
    return gunzipSync(body, { maxOutputLength: MOST_UNPACKED })
  } catch (error) {
    const isTooLarge = error instanceof RangeError
    throw isTooLarge ? new UserError('upload/too-large', tooLarge(body)) : malformed('the body is not gzip')
  }
}

function json(body: Uint8Array): object | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body))
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** Counts that belong to memory; those of requests come once per path and status and are only taken when asked for. */
const COUNTS = new Set(['heap-live-slots', 'gc-count'])

function isWanted(metric: string, labels: Readonly<Record<string, string>>, wanted: Wanted): boolean {
  if (!wanted.labels.every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value))
    return false
  const { known, unit, name } = meaningOf(metric)
  if (known && (unit === 'bytes' || COUNTS.has(name))) return true
  return wanted.metrics.some((one) =>
    one.endsWith('*') ? metric.startsWith(one.slice(0, -1)) : metric === one,
  )
}

const NO_CONTEXT = { nowMs: 0, zoneMinutes: 0, answers: {} } as const

function batchOf(one: MetricSamples, nowMs: number): { batch: LiveBatch; outside: number } {
  const { choice } = unitOf(one.metric, new Float64Array(0), NO_CONTEXT, one.toolUnit)
  const { unit, factor } = UNIT_CHOICES[choice]
  const { name, label } = meaningOf(one.metric)
  const process = liveProcess(one.labels)
  const times = one.t.values()
  const isTime = (t: number) => t >= YEAR_2000 && t <= nowMs + DAY_MS
  const t = times.filter(isTime)
  const v = one.v.values().filter((_, i) => isTime(times[i]!))
  for (let i = 0; i < v.length; i++) v[i] = v[i]! * factor
  const pid = pidOf(one.labels)
  const samples = pid > 0 ? { t, v, pids: new Float64Array(t.length).fill(pid) } : { t, v }
  const shown = process === '' ? label : `${label} ${process}`
  return { batch: { name, label: shown, process, unit, samples }, outside: times.length - t.length }
}

/** Labels whose value alone says whose memory it is, in the order in which they are shown. */
const TELLING = [
  ...['process', 'process_name', 'process.executable.name', 'service.name', 'job', 'app', 'service'],
  ...[
    'k8s.pod.name',
    'pod',
    'k8s.container.name',
    'container.name',
    'container',
    'name',
    'instance',
    'host.name',
  ],
]
const PIDS = ['process.pid', 'process_id', 'pid']
/** Attributes of a resource that say how it is made, not which it is. */
const ABOUT =
  /^(telemetry\.|os\.|host\.(arch|id)|process\.(command|runtime|executable|owner|parent)|service\.version|service\.instance\.id)/

const pidOf = (labels: Readonly<Record<string, string>>): number => {
  const pid = Number(PIDS.map((name) => labels[name]).find((value) => value !== undefined) ?? 0)
  return Number.isInteger(pid) && pid > 0 && pid < 2 ** 31 ? pid : 0
}

/** "shop · a:9100 · pid 7 · space=old": all labels that may tell two series apart, at most 120 characters. */
function liveProcess(labels: Readonly<Record<string, string>>): string {
  const told = TELLING.flatMap((name) => labels[name] || [])
  const pid = pidOf(labels)
  const hasPid = pid > 0 ? [`pid ${pid}`] : []
  const rest = Object.entries(labels)
    .filter(
      ([name, value]) => value !== '' && !TELLING.includes(name) && !PIDS.includes(name) && !ABOUT.test(name),
    )
    .map(([name, value]) => `${name}=${value}`)
    .sort()
  // Without a pid, instances of one service are told apart by their id alone.
  const instance = pid > 0 ? [] : (labels['service.instance.id'] ?? [])
  const whole = [...new Set(told), ...hasPid, ...rest].concat(instance).join(' · ')
  return whole.length <= 120 ? whole : `${whole.slice(0, 110)}…${hashOf(whole)}`
}

/** FNV-1a of 32 bits, eight hexadecimal digits: keeps two long names apart that begin alike. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
