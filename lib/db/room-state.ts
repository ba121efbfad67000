import type { ReadAccess } from '#lib/investigation/access'
import { Role, strongest } from '#lib/investigation/roles'
import { ORDER, type RoomState } from '#lib/investigation/room-state'
import { MemberRow, type MessageRow } from '#lib/investigation/rows'
import { db } from './client.ts'
import type { Tx } from './events.ts'
import { byLivingLink } from './links.ts'
import {
  presentCapture,
  presentCheck,
  presentEvidence,
  presentExperiment,
  presentHypothesis,
  presentInvestigation,
  presentLimit,
  presentLink,
  presentMark,
  presentMessage,
  presentQuery,
  presentReminder,
  presentRun,
  presentSeries,
  presentSource,
} from './presenters.ts'

/** Messages that come with the state, and in one page of older ones. */
export const MESSAGE_PAGE = 100

/**
 * All rows of the room as they stood at one moment: a repeatable-read transaction, so that `seq` and every row belong
 * together and a browser can tail the log from there. Eleven queries over one connection.
 *
 * @throws Error when the investigation is gone: the gate has seen it a moment ago.
 */
export async function loadRoomState(access: ReadAccess): Promise<RoomState> {
  return db().$transaction((tx) => readRoomState(tx, access), {
    isolationLevel: 'RepeatableRead',
    timeout: 15_000,
    maxWait: 10_000,
  })
}

async function readRoomState(tx: Tx, access: ReadAccess): Promise<RoomState> {
  const { investigationId } = access
  const where = { investigationId }
  // One after the other: a transaction is one connection, and PostgreSQL answers on it in turn.
  const room = await tx.investigation.findUniqueOrThrow({ where: { id: investigationId } })
  const hypotheses = await tx.hypothesis.findMany({ where, include: { confidence: true } })
  const evidence = await tx.evidence.findMany({ where })
  const links = await tx.evidenceLink.findMany({ where: { hypothesis: where } })
  const messages = await tx.message.findMany({ where, orderBy: { seq: 'desc' }, take: MESSAGE_PAGE })
  const marks = await tx.mark.findMany({ where })
  const limits = await tx.limitLine.findMany({ where })
  const captures = await tx.capture.findMany({ where })
  const series = await tx.series.findMany({ where })
  const queries = await tx.savedQuery.findMany({ where })
  const experiments = await tx.experiment.findMany({ where })
  const runs = await tx.experimentRun.findMany({ where: { experiment: where } })
  const sources = await tx.seriesSource.findMany({ where })
  const checks = await tx.hypothesisCheck.findMany({ where })
  const reminders = await tx.reminder.findMany({ where })
  return {
    seq: Number(room.headSeq),
    investigation: presentInvestigation(room),
    ...(await peopleOf(tx, access)),
    hypotheses: hypotheses.map(presentHypothesis).sort(ORDER.hypotheses),
    evidence: evidence.map(presentEvidence).sort(ORDER.evidence),
    links: links.map(presentLink).sort(ORDER.links),
    messages: messages.map(presentMessage).sort(ORDER.messages),
    marks: marks.map(presentMark).sort(ORDER.marks),
    limits: limits.map(presentLimit).sort(ORDER.limits),
    captures: captures.map(presentCapture).sort(ORDER.captures),
    series: series.map(presentSeries).sort(ORDER.series),
    queries: queries.map(presentQuery).sort(ORDER.queries),
    experiments: experiments.map(presentExperiment).sort(ORDER.experiments),
    runs: runs.map(presentRun).sort(ORDER.runs),
    sources: sources.map(presentSource).sort(ORDER.sources),
    checks: checks.map(presentCheck).sort(ORDER.checks),
    reminders: reminders.map(presentReminder).sort(ORDER.reminders),
  }
}

/** Who is in the room, and the names of those who were: for when a team's members changed, which no room's log tells. */
export const loadPeople = (access: ReadAccess): Promise<RoomPeople> =>
  db().$transaction((tx) => peopleOf(tx, access), { isolationLevel: 'RepeatableRead' })

type RoomPeople = Pick<RoomState, 'members' | 'formerNames'>
async function peopleOf(tx: Tx, access: ReadAccess): Promise<RoomPeople> {
  const members = await membersOf(tx, access)
  return { members, formerNames: await formerNamesOf(tx, access, members) }
}

/**
 * Everybody who wrote anything that the page shows and is no member any more. Machines are not among the users and so not
 * in here.
 */
async function formerNamesOf(
  tx: Tx,
  { investigationId }: ReadAccess,
  members: readonly MemberRow[],
): Promise<Record<string, string>> {
  const rows = await tx.$queryRaw<{ id: string; name: string }[]>`
    select id, name from "user" where id <> all(${members.map(({ userId }) => userId as string)}) and id in (
      select author_id from message where investigation_id = ${investigationId}::uuid
      union select created_by from hypothesis where investigation_id = ${investigationId}::uuid
      union select owner_id from hypothesis where investigation_id = ${investigationId}::uuid
      union select c.user_id from confidence c join hypothesis h on h.id = c.hypothesis_id
        where h.investigation_id = ${investigationId}::uuid
      union select created_by from evidence where investigation_id = ${investigationId}::uuid
      union select l.created_by from evidence_link l join hypothesis h on h.id = l.hypothesis_id
        where h.investigation_id = ${investigationId}::uuid
      union select created_by from mark where investigation_id = ${investigationId}::uuid
      union select created_by from hypothesis_check where investigation_id = ${investigationId}::uuid
      union select created_by from saved_query where investigation_id = ${investigationId}::uuid
      union select created_by from experiment where investigation_id = ${investigationId}::uuid
      union select r.excluded->>'by' from experiment_run r join experiment e on e.id = r.experiment_id
        where e.investigation_id = ${investigationId}::uuid
      union select w->>'by' from experiment e, jsonb_array_elements(e.waived) w
        where e.investigation_id = ${investigationId}::uuid
      union select created_by from capture where investigation_id = ${investigationId}::uuid
      union select created_by from series_source where investigation_id = ${investigationId}::uuid
      union select created_by from series where investigation_id = ${investigationId}::uuid)`
  return Object.fromEntries(rows.map(({ id, name }) => [id, name]))
}

/**
 * The people of the room: those of its team, and those who came by a share link that still lives. One who is both has the
 * stronger role.
 */
async function membersOf(tx: Tx, { investigationId, teamId }: ReadAccess): Promise<MemberRow[]> {
  const people = { include: { user: { select: { name: true } } } } as const
  const ofTeam = await tx.member.findMany({ where: { organizationId: teamId }, ...people })
  const ofRoom = await tx.roomMember.findMany({
    where: { investigationId, ...byLivingLink(new Date()) },
    ...people,
  })
  const members = new Map<string, MemberRow>()
  for (const { userId, user, role } of [...ofTeam, ...ofRoom]) {
    const known = Role.catch('viewer').parse(role)
    const stronger = strongest(members.get(userId)?.role, known)
    members.set(userId, MemberRow.parse({ userId, name: user.name, role: stronger }))
  }
  return [...members.values()].sort(ORDER.members)
}

/** Up to 100 messages before `seq`, oldest first: scrolling the discussion back. */
export async function messagesBefore(access: ReadAccess, seq: number): Promise<MessageRow[]> {
  const rows = await db().message.findMany({
    where: { investigationId: access.investigationId, seq: { lt: BigInt(seq) } },
    orderBy: { seq: 'desc' },
    take: MESSAGE_PAGE,
  })
  return rows.map(presentMessage).sort(ORDER.messages)
}
