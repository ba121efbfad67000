import { z } from 'zod'
import { slotsOf } from '#lib/db/process-slots'
import { UserError } from '#lib/errors/user-error'
import type { WriteAccess } from '#lib/investigation/access'
import type { LiveBatch } from '#lib/jobs/live-lines'
import {
  type LifeEnding,
  type LiveMetrics,
  liveMetrics,
  type MetricBatch,
  type MetricsProtocol,
  type Wanted,
} from '#lib/jobs/live-metrics'
import { nameOfSlot } from '#lib/jobs/live-processes'
import { readingNode } from '#lib/jobs/shared-node'
import type { Sighting } from '#lib/series/process-slots'
import { cleanSamples } from '#lib/series/samples'
import { mebibytes } from '#lib/units/quantity'
import { readBody, SMALL_BODY } from './body.ts'
import { spendPoints, spendRequest, storeBatches } from './ingest.ts'
import { parsed } from './respond.ts'

const LARGEST_BODY = mebibytes(4)

const Query = z.object({
  /** Metrics beside those of memory. */
  metric: z.array(z.string().min(1).max(200)).max(50),
  /** `name=value` */
  label: z.array(z.string().regex(/^[^=]{1,200}=.{0,500}$/s)).max(20),
})

/** What became of a request. */
interface Taken extends Pick<LiveMetrics, 'points' | 'refused' | 'problem' | 'ended'> {
  readonly accepted: number
  readonly duplicate: number
}

/**
 * `POST /api/ingest/remote-write`: Prometheus remote write 1.0. Of 2.0 the answer is 415, after which senders fall back.
 * What memory is is told by the metric's name; `?metric=NAME` takes more, `?label=NAME=VALUE` takes less.
 * @throws UserError ingest/other-protocol · upload/too-large · request/malformed · request/too-often
 */
export async function ingestRemoteWrite(access: WriteAccess, request: Request): Promise<Taken> {
  const type = request.headers.get('content-type') ?? ''
  const encoding = request.headers.get('content-encoding') ?? 'snappy'
  if (/proto=io\.prometheus\.write\.v2/.test(type) || encoding !== 'snappy') {
    throw new UserError('ingest/other-protocol', { reads: 'Prometheus remote write 1.0, packed with Snappy' })
  }
  return take(access, request, 'remote-write')
}

/**
 * `POST /api/ingest/otlp/v1/metrics`: OTLP/HTTP, JSON or protobuf, plain or gzip. Answers in the same form; points that
 * were refused are a partial success, as the protocol says.
 * @throws UserError ingest/other-protocol · upload/too-large · request/malformed · request/too-often
 */
export async function ingestOtlp(access: WriteAccess, request: Request): Promise<Response> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]!.trim()
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  const isJson = type === 'application/json'
  if ((!isJson && type !== 'application/x-protobuf') || !['gzip', 'identity'].includes(encoding)) {
    throw new UserError('ingest/other-protocol', { reads: 'OTLP/HTTP as JSON or protobuf, plain or gzip' })
  }
  const taken = await take(access, request, isJson ? 'otlp-json' : 'otlp-protobuf', encoding === 'gzip')
  const headers = { 'Content-Type': type, 'Cache-Control': 'no-store' }
  return new Response(isJson ? jsonAnswer(taken) : protobufAnswer(taken), { headers })
}

async function take(
  access: WriteAccess,
  request: Request,
  protocol: MetricsProtocol,
  isGzip = false,
): Promise<Taken> {
  const wanted = wantedBy(request)
  await spendRequest(access)
  const body = await readBody(request, LARGEST_BODY)
  const isSmall = body.length < SMALL_BODY / 8
  const asked = { protocol, body, isGzip, nowMs: Date.now(), wanted }
  const { batches, endings, ...told } = isSmall
    ? liveMetrics(asked)
    : await readingNode().series.metrics(asked)
  await spendPoints(access, told.points)
  const { accepted, duplicate, ...notStored } = await storeBatches(
    access,
    await inTheirPlaces(access, batches, endings),
  )
  const problem = told.problem ?? notStored.problem?.why.message
  return {
    ...told,
    ...{ accepted, duplicate, refused: told.refused + notStored.refused },
    ...(problem !== undefined && { problem }),
  }
}

/** Processes that differ in their pid alone: one after the other they are lives of one series, side by side they are several. */
async function inTheirPlaces(
  access: WriteAccess,
  batches: readonly MetricBatch[],
  endings: readonly LifeEnding[],
): Promise<LiveBatch[]> {
  const sightings = new Map<string, Map<string, Sighting>>()
  const see = (process: string, seen: Sighting) => {
    const lives = sightings.get(process) ?? new Map<string, Sighting>()
    sightings.set(process, lives)
    const known = lives.get(seen.key)
    lives.set(
      seen.key,
      known
        ? {
            ...seen,
            from: Math.min(known.from, seen.from),
            to: Math.max(known.to, seen.to),
            ended: seen.ended && seen.to >= known.to,
          }
        : seen,
    )
  }
  for (const { process, life: key, samples } of batches) {
    if (key === '') continue
    const { t } = cleanSamples(samples)
    see(process, { key, from: t[0]!, to: t[t.length - 1]!, ended: false })
  }
  for (const { process, life: key, at } of endings) see(process, { key, from: at, to: at, ended: true })
  const named = new Map([...sightings].map(([process, lives]) => [process, [...lives.values()]]))
  const slots = await slotsOf(access, named)
  return batches.map(({ life, process, label, ...batch }) => {
    const at = named.get(process)?.findIndex(({ key }) => key === life) ?? -1
    const name = nameOfSlot(process, at < 0 ? 0 : (slots.get(process)?.[at] ?? 0))
    return { ...batch, process: name, label: name === '' ? label : `${label} ${name}` }
  })
}

function wantedBy(request: Request): Wanted {
  const query = new URL(request.url).searchParams
  const { metric, label } = parsed(
    Query,
    { metric: query.getAll('metric'), label: query.getAll('label') },
    'query',
  )
  const pairs = label.map((one) => {
    const at = one.indexOf('=')
    return [one.slice(0, at), one.slice(at + 1)] as const
  })
  return { metrics: metric, labels: pairs }
}

function jsonAnswer({ refused, problem }: Taken): string {
  if (refused === 0) return '{}'
  return JSON.stringify({
    partialSuccess: { rejectedDataPoints: String(refused), errorMessage: problem ?? '' },
  })
}

/** ExportMetricsServiceResponse: partial_success = 1 {rejected_data_points = 1 int64, error_message = 2 string}. */
function protobufAnswer({ refused, problem }: Taken): Uint8Array<ArrayBuffer> {
  if (refused === 0) return new Uint8Array(0)
  const words = new TextEncoder().encode(problem ?? '')
  const inner = [0x08, ...varint(refused), 0x12, ...varint(words.length), ...words]
  return Uint8Array.from([0x0a, ...varint(inner.length), ...inner])
}

function varint(value: number): number[] {
  const made: number[] = []
  let rest = value
  while (rest >= 0x80) {
    made.push((rest % 0x80) + 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return [...made, rest]
}
