import type { Logger } from 'pino'
import { nodeReader } from '#lib/auth/gate'
import {
  claimChecks,
  holdCheck,
  loadCheckableRows,
  releaseChecks,
  roomsToCheck,
  type StandingCheck,
  storeFinding,
} from '#lib/db/checks'
import { UserError } from '#lib/errors/user-error'
import { untested } from '#lib/hypotheses/check-bounds'
import type { CheckFinding, CheckPredicate } from '#lib/hypotheses/checks'
import type { InvestigationId } from '#lib/investigation/ids'
import type { Concluder } from '#lib/jobs/conclusions'
import { CheckedRoom } from './checked-room.ts'

/** Live samples come every second: what is made of them is made again at most this often … */
const LIVE_EVERY_MS = 15_000
/** … and so that it takes at most a twentieth of the time. */
const SHARE_OF_TIME = 20
/** Other numbers in the same state are told at most this often. */
const SAME_STATE_EVERY_MS = 60_000
/** What failed is tried again after this. */
const AGAIN_AFTER_MS = 20_000

/** What became of a room's checks. */
export interface Evaluated {
  /** Those whose state or words changed. */
  readonly told: number
  /** Those that wait: for samples to come, or because they failed. */
  readonly waiting: number
}

/**
 * Evaluates the checks of a room whose captures, series, marks or experiments changed since they were evaluated last, and
 * tells the room what changed. Any number of nodes may call it at once: each check is in the hands of one. Null when there
 * was nothing to take. Heavy readings run in the worker threads.
 *
 * @param failed is told what could not be evaluated; the check keeps what it had and is tried again
 */
export async function evaluateChecks(
  investigationId: InvestigationId,
  failed: (error: unknown) => void,
  now: Date = new Date(),
): Promise<Evaluated | null> {
  const claimed = await claimChecks(investigationId, now)
  if (!claimed) return null
  const settled: string[] = []
  let told = 0
  try {
    const access = await nodeReader(investigationId)
    if (!access) return null
    const room = new CheckedRoom(access, await loadCheckableRows(investigationId))
    for (const check of claimed.checks) {
      const done = await evaluateOne(room, check, failed, now)
      if (done !== 'waits') settled.push(check.row.id)
      if (done === 'told') told++
    }
  } finally {
    await releaseChecks(claimed, settled)
  }
  return { told, waiting: claimed.checks.length - settled.length }
}

async function evaluateOne(
  room: CheckedRoom,
  check: StandingCheck,
  failed: (error: unknown) => void,
  now: Date,
): Promise<'told' | 'same' | 'waits'> {
  const { predicate, outcome } = check.row
  const stamp = room.stampOf(predicate)
  if (stamp === check.stamp) return 'same'
  const isHeld = check.notBefore !== null && check.notBefore > now.getTime()
  if (isHeld) return 'waits'
  const later = (ms: number) => new Date(now.getTime() + ms)
  const begun = performance.now()
  let found: CheckFinding
  try {
    found = await room.find(predicate)
  } catch (error) {
    failed(error)
    // Nobody shall look at "being tested" for ever; what was found before is better than no answer.
    if (outcome === null && error instanceof UserError) {
      const sentence = untested(`It could not be tested: ${error.message}`, 'Nothing: it is tried again.')
      const again = { stamp: '', now, notBefore: later(AGAIN_AFTER_MS) }
      await storeFinding(room.access.investigationId, check, sentence, again)
    } else await holdCheck(check, later(AGAIN_AFTER_MS))
    return 'waits'
  }
  const took = performance.now() - begun
  const isLive = LIVE.has(predicate.kind)
  const notBefore = isLive ? later(Math.max(LIVE_EVERY_MS, SHARE_OF_TIME * took)) : null
  const isNoNews =
    isLive && outcome?.state === found.state && now.getTime() < outcome.at + SAME_STATE_EVERY_MS
  if (isNoNews) {
    if (notBefore) await holdCheck(check, notBefore)
    return 'waits'
  }
  const isTold = await storeFinding(room.access.investigationId, check, found, { stamp, now, notBefore })
  return isTold ? 'told' : 'same'
}

/** Kinds that samples change. */
const LIVE: ReadonlySet<CheckPredicate['kind']> = new Set(['place', 'outages', 'rate', 'per-thousand'])

/** Checks as conclusions of what changes in a room (lib/jobs/conclusions.ts). */
export const checkConcluder = (log: Pick<Logger, 'warn'>): Concluder => ({
  what: 'evaluating checks',
  on: ['capture', 'series', 'run', 'conclusion', 'check'],
  conclude: (investigationId) => evaluateChecks(investigationId, warned(log, investigationId)),
})

/**
 * Looks at every room in which something changed since its checks were looked at: what a node that went down left, what
 * other nodes were told, and what had to wait. Every node does it, and none what another has in hand.
 */
export async function sweepChecks(log: Pick<Logger, 'warn'>, now: Date = new Date()): Promise<void> {
  for (const investigationId of await roomsToCheck(now))
    await evaluateChecks(investigationId, warned(log, investigationId), now)
}

const warned = (log: Pick<Logger, 'warn'>, investigationId: InvestigationId) => (error: unknown) =>
  log.warn({ err: error, investigationId }, 'a check could not be evaluated now')
