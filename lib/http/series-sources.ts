import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { z } from 'zod'
import { authSecret } from '#lib/auth/secret'
import { runCommand } from '#lib/db/commands'
import { env } from '#lib/env'
import { UserError } from '#lib/errors/user-error'
import type { SourcePreview } from '#lib/formats/prometheus-range/preview'
import type { WriteAccess } from '#lib/investigation/access'
import { SourceId } from '#lib/investigation/ids'
import { hostOf, SOURCE_LIMITS, type SourceRow, SourceUrl } from '#lib/investigation/sources'
import { readingNode } from '#lib/jobs/shared-node'
import { type SourceMatrix, sourceMatrix } from '#lib/jobs/source-matrix'
import { policyOf } from '#lib/sources/addresses'
import { askMoment, askRange, type PrometheusAccess, plainWords } from '#lib/sources/prometheus'
import { seal } from '#lib/sources/sealed'
import { sourceSlots } from '#lib/sources/slots'
import { nextWindow, pointsAtATime, type RangeWindow } from '#lib/sources/windows'
import { mebibytes } from '#lib/units/quantity'
import { SMALL_BODY } from './body.ts'
import { actorKey } from './limits.ts'
import { jsonOf, parsed } from './respond.ts'
import { livesIn, startTimesQuery } from './source-lives.ts'
import { MOST_PREVIEWED, previewedSeries } from './source-preview.ts'

/** Looking at a Prometheus makes this server connect to where a person says: she may, but not in a loop. */
const PREVIEWS = { points: 20, duration: 60 }

// Next's bundles share it, so that the budget is one.
const KEY = Symbol.for('leakroom.source-previews')
const shared = globalThis as { [KEY]?: RateLimiterMemory }
const limiter = (): RateLimiterMemory => (shared[KEY] ??= new RateLimiterMemory(PREVIEWS))

/** The values of one moment, of as many series as anybody chooses from. */
const LARGEST_MOMENT = mebibytes(1)

const Ask = z.object({
  url: z.string().max(1000),
  query: z.string().trim().min(1).max(SOURCE_LIMITS.query),
  stepSeconds: z.int().min(SOURCE_LIMITS.stepSeconds.least).max(SOURCE_LIMITS.stepSeconds.most),
  /** Where the range begins, epoch milliseconds. */
  from: z.number().min(0).max(8.64e15),
  /** The value of the header: "Bearer …" or "Basic …". */
  authorization: z
    .string()
    .trim()
    .max(4096)
    .regex(/^[\x21-\x7e][\x20-\x7e]*$/)
    .nullable()
    .default(null),
})
type Ask = z.infer<typeof Ask>

/**
 * `POST /api/investigations/:id/sources/preview`: what a query answers, and how it would read. Nothing is stored.
 * @throws UserError source/* · request/malformed · request/too-often
 */
export async function previewSource(access: WriteAccess, request: Request): Promise<SourcePreview> {
  const asked = parsed(Ask, await jsonOf(request), 'source')
  const url = urlOf(asked)
  await spend(access)
  const prometheus: PrometheusAccess = {
    url,
    policy: policyOf(env()),
    signal: request.signal,
    ...(asked.authorization === null ? {} : { authorization: asked.authorization }),
  }
  return sourceSlots().run(request.signal, () => preview(prometheus, asked, Date.now()))
}

/** The newest part of the range, at the size that one answer may have. */
async function preview(prometheus: PrometheusAccess, asked: Ask, nowMs: number): Promise<SourcePreview> {
  const { query, from } = asked
  const host = hostOf(prometheus.url)
  const stepMs = asked.stepSeconds * 1000
  const count = await seriesNow(prometheus, query, nowMs)
  const points = pointsAtATime(count)
  const whole = nextWindow({ from, reachedAt: null, nowMs, stepMs, points: Number.MAX_SAFE_INTEGER })
  if (!whole) throw new UserError('source/range', { why: 'it begins later than now' })
  const window = { start: Math.max(whole.start, whole.end - (points - 1) * stepMs), end: whole.end }
  const matrix = await readAnswer(await askRange(prometheus, query, window, stepMs))
  if (matrix.series.length === 0) throw new UserError('source/nothing', { host })
  if (matrix.series.length > MOST_PREVIEWED) {
    throw new UserError('source/too-many-series', { series: matrix.series.length, limit: MOST_PREVIEWED })
  }
  return {
    series: previewedSeries(matrix, query),
    window,
    isWhole: window.start === whole.start,
    samples: matrix.lines,
    badSamples: matrix.badLines,
    warnings: matrix.warnings.map(plainWords),
    startTimes: await hasStartTimes(prometheus, matrix, window, stepMs),
  }
}

/** How many series the query answers at this moment. A cheap question: whatever is wrong shows here already. */
async function seriesNow(prometheus: PrometheusAccess, query: string, nowMs: number): Promise<number> {
  const limit = LARGEST_MOMENT
  const body = await askMoment({ ...prometheus, limit }, query, nowMs).catch((error: unknown) => {
    if (!(error instanceof UserError) || error.code !== 'source/too-large') throw error
    throw new UserError('source/too-many-series', { series: MOST_PREVIEWED + 1, limit: MOST_PREVIEWED })
  })
  const answer = MomentAnswer.safeParse(jsonIn(body))
  const host = hostOf(prometheus.url)
  if (!answer.success) throw new UserError('source/not-prometheus', { host, what: 'Something else' })
  if (answer.data.status === 'error') {
    throw new UserError('source/query-refused', { host, why: plainWords(answer.data.error) })
  }
  const { resultType, result } = answer.data.data
  if (resultType === 'vector') return Array.isArray(result) ? result.length : 0
  if (resultType === 'scalar') return 1
  const why = `it answers a ${plainWords(resultType)}; a graph needs a value for each moment, so leave out the [range] or put it into rate(…)`
  throw new UserError('source/query-refused', { host, why })
}

const MomentAnswer = z.discriminatedUnion('status', [
  z.object({ status: z.literal('success'), data: z.object({ resultType: z.string(), result: z.unknown() }) }),
  z.object({ status: z.literal('error'), error: z.string().default('') }),
])

function jsonIn(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}

/** Are restarts known of any of these series? Nothing depends on it, so that no answer means no. */
async function hasStartTimes(
  prometheus: PrometheusAccess,
  matrix: SourceMatrix,
  { end }: RangeWindow,
  stepMs: number,
): Promise<boolean> {
  const query = startTimesQuery(matrix.series)
  if (query === undefined || matrix.series.every(({ samples }) => samples.pids)) return false
  try {
    const lifeOf = livesIn(
      await readAnswer(await askRange(prometheus, query, { start: end - stepMs, end }, stepMs)),
    )
    return matrix.series.some((one) => lifeOf(one) !== undefined)
  } catch (error) {
    if (error instanceof UserError) return false
    throw error
  }
}

/** An answer's series, read in a worker thread unless it is small. @throws as `sourceMatrix`, and read/* */
export const readAnswer = async (body: Uint8Array<ArrayBuffer>): Promise<SourceMatrix> =>
  body.length < SMALL_BODY ? sourceMatrix(body) : readingNode().series.matrix(body)

const Add = Ask.extend({
  id: SourceId,
  /** Of the intent: sent again, it adds nothing. */
  key: z.uuid(),
})

/**
 * `POST /api/investigations/:id/sources`: adds a source. What it is asked with is sealed here and never leaves the server
 * again; everything else is the command's business (`source:add`).
 * @throws UserError source/* · request/malformed · row/person-needed · room/full
 */
export async function addSource(access: WriteAccess, request: Request): Promise<SourceRow> {
  const body = await jsonOf(request)
  const { id, key, authorization, ...asked } = parsed(Add, body, 'source')
  const url = urlOf(asked)
  const sealed = authorization === null ? null : seal(authorization, authSecret(), { sourceId: id, url })
  // reason: an object, as the line above has found; what is in it the command's own schema says.
  return runCommand(access, key, 'source:add', { ...(body as object), url, authorization: sealed })
}

function urlOf({ url }: { url: string }): string {
  const read = SourceUrl.safeParse(url)
  if (read.success) return read.data
  throw new UserError('source/url', { why: read.error.issues[0]?.message ?? 'it is none' })
}

async function spend({ actor }: WriteAccess): Promise<void> {
  try {
    await limiter().consume(actorKey(actor))
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal
    throw new UserError('request/too-often', { seconds: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)) })
  }
}
