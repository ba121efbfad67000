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
import { isStartTime, liveProcess, startsAt, startTimesOf } from './live-processes.ts'

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

/** Samples of one series; which one that is shows when its life has a place beside the others of its name. */
export interface MetricBatch extends LiveBatch {
  /** Names its life among those that differ in nothing else ("pid 7"); '' when nothing does. */
  readonly life: string
}

/** A life that its sender says has ended. Epoch milliseconds. */
export interface LifeEnding {
  readonly process: string
  readonly life: string
  readonly at: number
}

/** What a request's metrics come to. `process` is what the labels say without a pid. */
export interface LiveMetrics {
  readonly batches: readonly MetricBatch[]
  readonly endings: readonly LifeEnding[]
  /** Wanted points, refused ones included. */
  readonly points: number
  readonly refused: number
  readonly problem?: string
  /** Series that their sender says have ended. */
  readonly ended: number
}

/**
 * Reads a request of Prometheus remote write 1.0 or OTLP metrics. Each set of labels is a series of its own, under a name
 * that depends on nothing else, so that the same sender feeds the same series again. Sets that differ in their pid alone are
 * lives of one name; who has which place is for lib/series/process-slots.ts to say.
 * @throws UserError upload/too-large · request/malformed
 */
export function liveMetrics(request: MetricsRequest): LiveMetrics {
  const { metrics, points, ...counts } = decoded(request)
  const starts = metrics.filter(({ metric }) => isStartTime(metric))
  const batches = new Map<string, MetricBatch>()
  let { refused, problem } = counts
  for (const one of metrics) {
    if (isStartTime(one.metric)) continue
    const { batch, outside } = batchOf(one, starts, request.nowMs)
    if (outside > 0)
      problem ??= `a time of ${one.metric.slice(0, 100)} is not between the year 2000 and tomorrow`
    refused += outside
    if (batch.samples.t.length === 0) continue
    const key = `${batch.name}\n${batch.process}\n${batch.life}`
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
    endings: endingsIn(counts.endings),
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
  if (isStartTime(metric)) return true
  const { known, unit, name } = meaningOf(metric)
  if (known && (unit === 'bytes' || COUNTS.has(name))) return true
  return wanted.metrics.some((one) =>
    one.endsWith('*') ? metric.startsWith(one.slice(0, -1)) : metric === one,
  )
}

const NO_CONTEXT = { nowMs: 0, zoneMinutes: 0, answers: {} } as const

function batchOf(
  one: MetricSamples,
  starts: readonly MetricSamples[],
  nowMs: number,
): { batch: MetricBatch; outside: number } {
  const { choice } = unitOf(one.metric, new Float64Array(0), NO_CONTEXT, one.toolUnit)
  const { unit, factor } = UNIT_CHOICES[choice]
  const { name, label } = meaningOf(one.metric)
  const { base, key, id } = liveProcess(one.labels)
  const times = one.t.values()
  const isTime = (t: number) => t >= YEAR_2000 && t <= nowMs + DAY_MS
  const t = times.filter(isTime)
  const v = one.v.values().filter((_, i) => isTime(times[i]!))
  for (let i = 0; i < v.length; i++) v[i] = v[i]! * factor
  // A pid or an id names the life. Without one, when the process was started does.
  const started = id === 0 ? startTimesOf(one.labels, starts) : undefined
  const pids = id > 0 ? new Float64Array(t.length).fill(id) : started && startsAt(started, t)
  const samples = pids ? { t, v, pids } : { t, v }
  return {
    batch: { name, label, process: base, life: key, unit, samples },
    outside: times.length - t.length,
  }
}

/** Of all series of a life that ended, the earliest moment. */
function endingsIn(endings: DecodedMetrics['endings']): LifeEnding[] {
  const found = new Map<string, LifeEnding>()
  for (const { labels, at } of endings) {
    const { base, key } = liveProcess(labels)
    const known = found.get(`${base}\n${key}`)
    if (key !== '' && !(known && known.at <= at))
      found.set(`${base}\n${key}`, { process: base, life: key, at })
  }
  return [...found.values()]
}
