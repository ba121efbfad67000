import { UserError } from '#lib/errors/user-error'
import type { RoomEventType } from '#lib/investigation/events'
import { deedOf, type TimelineNames } from '#lib/investigation/timeline'
import { type EventRow, presentEvent } from '../events.ts'
import type { CommandContext } from './context.ts'

/** Where the log tells of a row: the events that raise its version, and the path of its id inside them. */
interface Told {
  readonly types: readonly RoomEventType[]
  /** Path inside the payload → value there. */
  readonly where: readonly { readonly path: string[]; readonly equals: string }[]
}

/** How the log tells of each kind of row that has a version. */
export const told = {
  investigation: (id: string): Told => ({
    types: ['investigation:opened', 'investigation:changed'],
    where: [{ path: ['investigation', 'id'], equals: id }],
  }),
  hypothesis: (id: string): Told => ({
    types: ['hypothesis:added', 'hypothesis:changed', 'hypothesis:status-changed'],
    where: [{ path: ['hypothesis', 'id'], equals: id }],
  }),
  check: (id: string): Told => ({
    types: ['check:added', 'check:changed'],
    where: [{ path: ['check', 'id'], equals: id }],
  }),
  link: (evidenceId: string, hypothesisId: string): Told => ({
    types: ['evidence:linked'],
    where: [
      { path: ['link', 'evidenceId'], equals: evidenceId },
      { path: ['link', 'hypothesisId'], equals: hypothesisId },
    ],
  }),
  message: (id: string): Told => ({
    types: ['message:posted', 'message:changed'],
    where: [{ path: ['message', 'id'], equals: id }],
  }),
  mark: (id: string): Told => ({
    types: ['mark:added', 'mark:changed'],
    where: [{ path: ['mark', 'id'], equals: id }],
  }),
  query: (id: string): Told => ({
    types: ['query:saved'],
    where: [{ path: ['query', 'id'], equals: id }],
  }),
  source: (id: string): Told => ({
    types: ['source:added', 'source:changed'],
    where: [{ path: ['source', 'id'], equals: id }],
  }),
  experiment: (id: string): Told => ({
    types: ['experiment:added', 'experiment:changed', 'experiment:concluded', 'run:added'],
    where: [{ path: ['experiment', 'id'], equals: id }],
  }),
  run: (id: string): Told => ({
    types: ['run:changed'],
    where: [{ path: ['run', 'id'], equals: id }],
  }),
  ledgerEntry: (id: string): Told => ({
    types: ['ledger:marked'],
    where: [{ path: ['entry', 'id'], equals: id }],
  }),
  capture: (id: string): Told => ({
    types: ['capture:added', 'capture:changed'],
    where: [{ path: ['capture', 'id'], equals: id }],
  }),
} as const

/** The newest event of the room that tells of a row, or null. Reads the room's log backwards until it meets one. */
export const newestEventAbout = (
  { tx, access }: CommandContext,
  { types, where }: Told,
): Promise<EventRow | null> =>
  tx.roomEvent.findFirst({
    where: {
      investigationId: access.investigationId,
      type: { in: [...types] },
      AND: where.map((payload) => ({ payload })),
    },
    orderBy: { seq: 'desc' },
  })

/**
 * Refuses a stale version. The error names who won and what they did, from the log, and carries the row as it stands
 * now with the time of the change, so that the page can show it and offer to decide again.
 *
 * @throws UserError row/conflict
 */
export async function requireVersion<R extends { readonly version: number }>(
  context: CommandContext,
  row: R,
  version: number,
  about: Told,
  present: (row: R) => unknown,
): Promise<void> {
  if (row.version === version) return
  const stored = await newestEventAbout(context, about)
  const event = stored && presentEvent(stored)
  const change = event ? deedOf(event, await namesFor(context)) : 'it was changed'
  const winner = event?.actorName ?? 'Somebody'
  throw new UserError('row/conflict', { winner, change }).carrying({
    row: present(row),
    winner,
    winnerId: event?.actorId ?? null,
    change,
    at: event?.at ?? null,
  })
}

/** The names that the wording of a change may need. Only on the rare way of a conflict: reads the room's titles. */
export async function namesFor({ tx, access }: CommandContext): Promise<TimelineNames> {
  const where = { investigationId: access.investigationId }
  const [members, guests, hypotheses, evidence] = [
    await tx.member.findMany({ where: { organizationId: access.teamId }, include: { user: true } }),
    await tx.roomMember.findMany({ where, include: { user: true } }),
    await tx.hypothesis.findMany({ where, select: { id: true, title: true } }),
    await tx.evidence.findMany({ where, select: { id: true, title: true } }),
  ]
  const people = new Map([...members, ...guests].map(({ user }) => [user.id, user.name]))
  const titles = new Map([...hypotheses, ...evidence].map((row) => [row.id, row.title]))
  return {
    person: (id) => people.get(id),
    hypothesis: (id) => titles.get(id),
    evidence: (id) => titles.get(id),
  }
}
