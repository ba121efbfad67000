import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { z } from 'zod'
import { appendLive, type SeriesIdentity } from '#lib/db/series'
import { UserError } from '#lib/errors/user-error'
import { meaningOf, UNIT_CHOICES, unitOf } from '#lib/formats/series/quantities'
import { epochUnit, parseDate } from '#lib/formats/series/times'
import type { WriteAccess } from '#lib/investigation/access'
import type { Samples } from '#lib/series/samples'
import { services } from '#lib/services'
import { mebibytes } from '#lib/units/quantity'
import { readBody } from './body.ts'

const LARGEST_BODY = mebibytes(4)
/** One batch may feed this many series. */
const MOST_SERIES = 50
const DAY_MS = 86_400_000
const YEAR_2000 = 946_684_800_000

/** Per token: 20 requests and 200,000 lines in ten seconds. An agent that sends once a second stays far below. */
const requestsPerToken = new RateLimiterMemory({ points: 20, duration: 10, keyPrefix: 'ingest-requests' })
const linesPerToken = new RateLimiterMemory({ points: 200_000, duration: 10, keyPrefix: 'ingest-lines' })

const Line = z.object({
  /** Seconds, milliseconds, micro- or nanoseconds since 1970 (told by size), or an ISO time with a zone. */
  t: z.union([z.number(), z.string().max(40)]),
  series: z.string().trim().min(1).max(60),
  v: z.number(),
  process: z.string().trim().max(120).default(''),
  pid: z
    .int()
    .nonnegative()
    .max(2 ** 31)
    .default(0),
  unit: z.enum(['bytes', 'kib', 'mib', 'gib', 'count', 'ratio']).optional(),
})

/** What became of a batch. Sending it again is safe: known moments count as duplicates. */
export interface IngestAnswer {
  readonly accepted: number
  readonly duplicate: number
  readonly refused: number
  /** The first refused line, from 1, and why. */
  readonly firstProblem?: { readonly line: number; readonly why: string }
}

interface Batch extends SeriesIdentity {
  readonly t: number[]
  readonly v: number[]
  readonly pids: number[]
}

/**
 * `POST /api/ingest`: one JSON object per line, `{"t":…,"series":"rss","v":…,"process"?:…,"pid"?:…,"unit"?:…}`. Lines
 * that make no sense are counted and the others stored. Stored points are announced to everybody in the room.
 * @throws UserError upload/too-large · request/too-often
 */
export async function ingest(access: WriteAccess, request: Request): Promise<IngestAnswer> {
  const token = access.actor.kind === 'machine' ? access.actor.tokenId : access.actor.userId
  await spend(requestsPerToken, token, 1)
  const text = new TextDecoder().decode(await readBody(request, LARGEST_BODY))
  const lines = text.split('\n').map((line) => line.trim())
  await spend(linesPerToken, token, lines.length)

  const { batches, refused, firstProblem } = batchesOf(lines, Date.now())
  let accepted = 0
  let duplicate = 0
  for (const batch of batches.values()) {
    const appended = await appendLive(access, batch, samplesOf(batch))
    accepted += appended.accepted
    duplicate += appended.duplicates
    services().announcePoints(access.investigationId, appended.seriesId, batch.t, batch.v)
  }
  return { accepted, duplicate, refused, ...(firstProblem ? { firstProblem } : {}) }
}

function batchesOf(lines: readonly string[], nowMs: number) {
  const batches = new Map<string, Batch>()
  let refused = 0
  let firstProblem: IngestAnswer['firstProblem']
  const refuse = (index: number, why: string) => {
    refused++
    firstProblem ??= { line: index + 1, why }
  }
  for (const [index, text] of lines.entries()) {
    if (text === '') continue
    const line = Line.safeParse(json(text))
    if (!line.success) {
      refuse(index, problemOf(text, line.error))
      continue
    }
    const t = instantOf(line.data.t)
    if (!(t >= YEAR_2000 && t <= nowMs + DAY_MS)) {
      refuse(index, `the time ${JSON.stringify(line.data.t)} is not between the year 2000 and tomorrow`)
      continue
    }
    const key = `${line.data.series}\n${line.data.process}`
    const batch = batches.get(key) ?? (batches.size < MOST_SERIES ? batchFor(line.data) : undefined)
    if (!batch) {
      refuse(index, `one request may feed at most ${MOST_SERIES} series`)
      continue
    }
    batches.set(key, batch)
    batch.t.push(t)
    batch.v.push(line.data.v * factorOf(line.data))
    batch.pids.push(line.data.pid)
  }
  return { batches, refused, firstProblem }
}

const NO_CONTEXT = { nowMs: 0, zoneMinutes: 0, answers: {} } as const

type ParsedLine = z.output<typeof Line>

/** Live values are bytes or counts as the name says; tools that send KiB say so in the name or in `unit`. */
function choiceOf({ series, unit }: ParsedLine) {
  return unit ?? unitOf(series, new Float64Array(0), NO_CONTEXT).choice
}
const factorOf = (line: ParsedLine): number => UNIT_CHOICES[choiceOf(line)].factor

function batchFor(line: ParsedLine): Batch {
  const { name, label } = meaningOf(line.series)
  const { process } = line
  return {
    name,
    label: process === '' ? label : `${label} ${process}`,
    process,
    unit: UNIT_CHOICES[choiceOf(line)].unit,
    t: [],
    v: [],
    pids: [],
  }
}

const samplesOf = ({ t, v, pids }: Batch): Samples => {
  const columns = { t: Float64Array.from(t), v: Float64Array.from(v) }
  return pids.some((pid) => pid !== 0) ? { ...columns, pids: Float64Array.from(pids) } : columns
}

/** Epoch milliseconds, NaN when it is no time. */
function instantOf(t: number | string): number {
  if (typeof t === 'string') {
    const parsed = parseDate(t)
    return parsed?.offset === undefined ? Number.NaN : parsed.wall - parsed.offset * 60_000
  }
  const perUnit = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 }[epochUnit(t)]
  return Math.round(t * perUnit)
}

function problemOf(text: string, error: z.ZodError): string {
  if (json(text) === undefined) return 'the line is not JSON'
  const issue = error.issues[0]
  return issue ? `${issue.path.join('.') || 'the line'}: ${issue.message}` : 'the line is not a sample'
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function spend(limiter: RateLimiterMemory, token: string, points: number): Promise<void> {
  try {
    await limiter.consume(token, points)
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal
    throw new UserError('request/too-often', { seconds: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)) })
  }
}
