import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { roomChanged } from '#lib/db/room-changes'
import { hearRun } from '#lib/db/run-links'
import { appendAllLive } from '#lib/db/series-live'
import { UserError } from '#lib/errors/user-error'
import type { WriteAccess } from '#lib/investigation/access'
import { type LiveBatch, liveBatches } from '#lib/jobs/live-lines'
import { readingNode } from '#lib/jobs/shared-node'
import { services } from '#lib/services'
import { mebibytes } from '#lib/units/quantity'
import { readPlainBody, SMALL_BODY } from './body.ts'
import { LiveTelling } from './live-telling.ts'
import { runSamples, type StoredBatch } from './run-samples.ts'

const LARGEST_BODY = mebibytes(4)
/** A browser gets at most so many points of one batch pushed; what is older it loads (use-chart-points.tsx). */
const MOST_ANNOUNCED = 2_000

/** Per token: 20 requests and 200,000 lines in ten seconds. An agent that sends once a second stays far below. */
const requestsPerToken = new RateLimiterMemory({ points: 20, duration: 10, keyPrefix: 'ingest-requests' })
const linesPerToken = new RateLimiterMemory({ points: 200_000, duration: 10, keyPrefix: 'ingest-lines' })
/** Rows that grew, told to open rooms; forgets a series five seconds after its last points. */
const telling = new LiveTelling()

/** What became of a batch. Sending it again is safe: known moments count as duplicates. */
export interface IngestAnswer {
  readonly accepted: number
  readonly duplicate: number
  readonly refused: number
  /** The first refused line, from 1, and why. */
  readonly firstProblem?: { readonly line: number; readonly why: string }
  /** Why the samples of a series that make sense were refused all the same, the first of such series. */
  readonly seriesProblem?: { readonly series: string; readonly why: string }
  /** Why samples that name a run of an experiment are not part of it; they are stored in any case. */
  readonly runProblem?: string
}

/**
 * `POST /api/ingest`: one JSON object per line, `{"t":…,"series":"rss","v":…,"process"?:…,"pid"?:…,"unit"?:…,"run"?:…}`. Lines
 * that make no sense are counted and the others stored. Stored points are announced to everybody in the room. What names a
 * run of an experiment is linked to it.
 * @throws UserError upload/too-large · request/too-often
 */
export async function ingest(access: WriteAccess, request: Request): Promise<IngestAnswer> {
  const token = access.actor.kind === 'machine' ? access.actor.tokenId : access.actor.userId
  await spend(requestsPerToken, token, 1)
  const body = await readPlainBody(request, LARGEST_BODY)
  await spend(linesPerToken, token, lineCount(body))

  const isSmall = body.length < SMALL_BODY
  const { batches, ended, refused, firstProblem } = isSmall
    ? liveBatches(body, Date.now())
    : await readingNode().series.lines(body, Date.now())
  const {
    accepted,
    duplicate,
    stored,
    problem: seriesProblem,
    ...notStored
  } = await storeBatches(access, batches)
  const problems: string[] = []
  for (const heard of runSamples(stored, ended)) {
    const problem = await hearRun(access, heard)
    if (problem !== null) problems.push(problem)
  }
  return {
    accepted,
    duplicate,
    refused: refused + notStored.refused,
    ...(firstProblem && { firstProblem }),
    ...(seriesProblem && { seriesProblem: { ...seriesProblem, why: seriesProblem.why.message } }),
    ...(problems[0] !== undefined && { runProblem: problems[0] }),
  }
}

/** What storing came to. */
export interface StoredBatches {
  readonly accepted: number
  readonly duplicate: number
  /** Samples of series that the room does not take. */
  readonly refused: number
  /** The first series that the room does not take. */
  readonly problem?: { readonly series: string; readonly why: UserError }
  /** Those that name a run. */
  readonly stored: readonly StoredBatch[]
}

/**
 * Stores what a machine sent and announces it to everybody in the room. A series that the room does not take is refused and
 * the others are stored.
 * @throws UserError request/malformed when none of them is taken
 */
export async function storeBatches(
  access: WriteAccess,
  batches: readonly LiveBatch[],
): Promise<StoredBatches> {
  const stored: StoredBatch[] = []
  const refusals: { series: string; why: UserError }[] = []
  let refused = 0
  let accepted = 0
  let duplicate = 0
  const outcomes = await appendAllLive(access, batches)
  for (const [i, { samples, run, name, process, label }] of batches.entries()) {
    const outcome = outcomes[i]!
    if (outcome instanceof UserError) {
      refusals.push({ series: label, why: outcome })
      refused += samples.t.length
      continue
    }
    const { seriesId } = outcome
    accepted += outcome.accepted
    duplicate += outcome.duplicates
    if (run !== undefined) stored.push({ run, name, process, seriesId, t: samples.t })
    const newest = (column: Float64Array) => Array.from(column.subarray(-MOST_ANNOUNCED))
    const { t, v, pids } = samples
    services().announcePoints(access.investigationId, seriesId, newest(t), newest(v), pids && newest(pids))
    telling.grew(access, seriesId)
  }
  const [first] = refusals
  if (first && refusals.length === batches.length) throw first.why
  if (batches.length > 0) roomChanged(access.investigationId, 'series')
  return { accepted, duplicate, refused, stored, ...(first && { problem: first }) }
}

/** Takes one request from the token's budget. @throws UserError request/too-often */
export const spendRequest = (access: WriteAccess): Promise<void> =>
  spend(requestsPerToken, tokenOf(access), 1)
/** Takes so many samples from the token's budget. @throws UserError request/too-often */
export const spendPoints = (access: WriteAccess, points: number): Promise<void> =>
  spend(linesPerToken, tokenOf(access), points)

const tokenOf = ({ actor }: WriteAccess): string => (actor.kind === 'machine' ? actor.tokenId : actor.userId)

const NEWLINE = 10

function lineCount(body: Uint8Array): number {
  let count = 1
  for (let at = body.indexOf(NEWLINE); at >= 0; at = body.indexOf(NEWLINE, at + 1)) count++
  return count
}

async function spend(limiter: RateLimiterMemory, token: string, points: number): Promise<void> {
  try {
    await limiter.consume(token, points)
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal
    throw new UserError('request/too-often', { seconds: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)) })
  }
}
