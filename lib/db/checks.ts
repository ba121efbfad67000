import { CHECK_LIMITS, CHECK_VERSION, type CheckFinding, type CheckOutcome } from '#lib/hypotheses/checks'
import type { CheckRow } from '#lib/investigation/checks'
import type { ExperimentRow, RunRow } from '#lib/investigation/experiments'
import { InvestigationId } from '#lib/investigation/ids'
import { ORDER } from '#lib/investigation/room-state'
import type { CaptureRow, MarkRow, SeriesRow } from '#lib/investigation/rows'
import { db } from './client.ts'
import { inRoomAsNode } from './events.ts'
import {
  presentCapture,
  presentCheck,
  presentExperiment,
  presentMark,
  presentRun,
  presentSeries,
} from './presenters.ts'

// Checks are evaluated by any node, for people who began them (docs/checks.md).

/** A check as an evaluation works with it. */
export interface StandingCheck {
  readonly row: CheckRow
  /** Raised by every outcome that is stored. */
  readonly evaluation: number
  /** Of what the outcome was made; '' before the first. */
  readonly stamp: string
  /** Epoch milliseconds; null: any time. */
  readonly notBefore: number | null
}

/** The checks of a room in the hands of one node. */
export interface ClaimedChecks {
  readonly investigationId: InvestigationId
  readonly checks: readonly StandingCheck[]
  /** How the room stood before they were looked at. */
  readonly seen: string
  readonly until: Date
}

/** A node that went down gives its checks free after this. */
const CLAIM_MS = 3 * 60_000

/** Rooms in which something happened since their checks were looked at. One query; every room with checks is compared. */
export async function roomsToCheck(now: Date): Promise<InvestigationId[]> {
  const rows = await db().$queryRaw<{ id: string }[]>`
    select i.id from investigation i where exists (
      select from hypothesis_check c where c.investigation_id = i.id
        and (c.claimed_until is null or c.claimed_until < ${now})
        and (c.not_before is null or c.not_before <= ${now})
        and c.seen <> concat(i.head_seq, ':',
          (select coalesce(sum(s.version), 0) from series s where s.investigation_id = i.id)))`
  return rows.map(({ id }) => InvestigationId.parse(id))
}

/** Takes the room's checks that no other node holds; null when there are none. */
export async function claimChecks(
  investigationId: InvestigationId,
  now: Date,
): Promise<ClaimedChecks | null> {
  const seen = await standOf(investigationId)
  const until = new Date(now.getTime() + CLAIM_MS)
  const rows = await db().hypothesisCheck.updateManyAndReturn({
    where: { investigationId, OR: [{ claimedUntil: null }, { claimedUntil: { lt: now } }] },
    data: { claimedUntil: until },
  })
  if (rows.length === 0) return null
  return {
    investigationId,
    seen,
    until,
    checks: rows.map(({ evaluation, stamp, notBefore, ...row }) => ({
      row: presentCheck({ ...row, evaluation, stamp, notBefore }),
      evaluation,
      stamp,
      notBefore: notBefore?.getTime() ?? null,
    })),
  }
}

/** What changes whenever anything does that a check could depend on: the log, and samples, which the log leaves out. */
async function standOf(investigationId: InvestigationId): Promise<string> {
  const [row] = await db().$queryRaw<{ stand: string }[]>`
    select concat(i.head_seq, ':',
      (select coalesce(sum(s.version), 0) from series s where s.investigation_id = i.id)) as stand
    from investigation i where i.id = ${investigationId}::uuid`
  return row?.stand ?? ''
}

/** Gives claimed checks free. `settled`: ids of those that are up to date with what the room had. */
export async function releaseChecks(
  { investigationId, seen, until }: ClaimedChecks,
  settled: readonly string[],
): Promise<void> {
  const held = { investigationId, claimedUntil: until }
  await db().hypothesisCheck.updateMany({ where: { ...held, id: { in: [...settled] } }, data: { seen } })
  await db().hypothesisCheck.updateMany({ where: held, data: { claimedUntil: null } })
}

/** Not to be evaluated again before then. */
export async function holdCheck({ row, evaluation }: StandingCheck, notBefore: Date): Promise<void> {
  await db().hypothesisCheck.updateMany({ where: { id: row.id, evaluation }, data: { notBefore } })
}

/**
 * Keeps what a check came to, and tells the room when state or words are other than before. Compare and set: an outcome that
 * was made from an older check, or beside another node's, is dropped.
 * @returns whether it was told
 */
export async function storeFinding(
  investigationId: InvestigationId,
  { row, evaluation }: StandingCheck,
  found: CheckFinding,
  { stamp, now, notBefore }: { stamp: string; now: Date; notBefore: Date | null },
): Promise<boolean> {
  const where = { id: row.id, evaluation }
  const before = row.outcome
  if (before && isSame(before, found, now.getTime())) {
    await db().hypothesisCheck.updateMany({ where, data: { stamp, notBefore } })
    return false
  }
  const outcome: CheckOutcome = {
    ...found,
    words: found.words.slice(0, CHECK_LIMITS.words),
    missing: found.missing?.slice(0, CHECK_LIMITS.words) ?? null,
    evidence: [...found.evidence],
    methods: [...found.methods],
    version: CHECK_VERSION,
    at: now.getTime(),
  }
  return inRoomAsNode(investigationId, async (tx, emit) => {
    const { count } = await tx.hypothesisCheck.updateMany({
      where,
      data: { outcome, stamp, notBefore, evaluation: { increment: 1 } },
    })
    if (count === 0) return false
    const check = presentCheck(await tx.hypothesisCheck.findUniqueOrThrow({ where: { id: row.id } }))
    await emit('check:evaluated', { check, from: before?.state ?? null })
    return true
  })
}

/** The same to whoever reads it: a range that goes on with live samples is no news. */
function isSame(before: CheckOutcome, found: CheckFinding, now: number): boolean {
  const gist = ({ state, words, missing, evidence, methods }: CheckOutcome | CheckFinding) =>
    JSON.stringify([state, words, missing, evidence.map(evidenceKey), methods])
  const isPast = before.decidableAt !== null && before.decidableAt < now && found.decidableAt !== null
  return before.version === CHECK_VERSION && gist(before) === gist(found) && !isPast
}

const evidenceKey = (one: CheckFinding['evidence'][number]): string =>
  one.kind === 'range'
    ? `range ${one.seriesIds.join()}`
    : one.kind === 'captures'
      ? one.captureIds.join()
      : one.experimentId

/** The rows that checks are made of. */
export interface CheckableRows {
  /** In the room's order. */
  readonly captures: readonly CaptureRow[]
  readonly series: readonly SeriesRow[]
  readonly marks: readonly MarkRow[]
  readonly experiments: readonly ExperimentRow[]
  readonly runs: readonly RunRow[]
}

/** Five queries. */
export async function loadCheckableRows(investigationId: InvestigationId): Promise<CheckableRows> {
  const where = { investigationId }
  const [captures, series, marks, experiments, runs] = await Promise.all([
    db().capture.findMany({ where }),
    db().series.findMany({ where }),
    db().mark.findMany({ where }),
    db().experiment.findMany({ where }),
    db().experimentRun.findMany({ where: { experiment: where } }),
  ])
  return {
    captures: captures.map(presentCapture).sort(ORDER.captures),
    series: series.map(presentSeries).sort(ORDER.series),
    marks: marks.map(presentMark).sort(ORDER.marks),
    experiments: experiments.map(presentExperiment),
    runs: runs.map(presentRun),
  }
}
