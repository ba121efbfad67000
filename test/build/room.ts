import { randomUUID } from 'node:crypto'
import { accessOf, asWriter, machineFromToken } from '#lib/auth/gate'
import { db } from '#lib/db/client'
import { runCommand } from '#lib/db/commands'
import { createDocument } from '#lib/db/documents'
import { inRoom } from '#lib/db/events'
import { presentInvestigation } from '#lib/db/presenters'
import { createApiToken } from '#lib/db/tokens'
import type { ReadAccess, WriteAccess } from '#lib/investigation/access'
import { type InvestigationId, UserId } from '#lib/investigation/ids'
import type { Role } from '#lib/investigation/roles'
import type { RoomState } from '#lib/investigation/room-state'
import type { CommandName, CommandReply, CommandSent } from '#lib/realtime/commands'

/** A team of four in a fresh room, with the access that the real gate gives to each, and a machine. */
export interface TestRoom {
  readonly id: InvestigationId
  readonly owner: WriteAccess
  readonly editor: WriteAccess
  readonly second: WriteAccess
  readonly viewer: ReadAccess
  readonly machine: WriteAccess
}

/** Rows of a person without a session: enough for the gate's `accessOf`. */
export async function buildPerson(name: string): Promise<{ userId: UserId; name: string }> {
  const id = `test-${randomUUID()}`
  await db().user.create({ data: { id, name, email: `${id}@test.invalid`, guest: true } })
  return { userId: UserId.parse(id), name }
}

/** Opens a room as its owner would. Needs `connectDatabase`. */
export async function buildRoom(title = 'Memory climbs'): Promise<TestRoom> {
  const team = `team-${randomUUID()}`
  const now = new Date()
  await db().organization.create({ data: { id: team, name: 'Team', slug: team, createdAt: now } })
  const join = async (name: string, role: Role) => {
    const person = await buildPerson(name)
    await db().member.create({
      data: { id: randomUUID(), organizationId: team, userId: person.userId, role, createdAt: now },
    })
    return person
  }
  const people = {
    owner: await join('Olga', 'owner'),
    editor: await join('Edu', 'editor'),
    second: await join('Sam', 'editor'),
    viewer: await join('Vera', 'viewer'),
  }
  const row = await db().$transaction(async (tx) => {
    const made = await tx.investigation.create({
      data: { teamId: team, title, createdBy: people.owner.userId },
    })
    // reason: the id of the row that was just made.
    await createDocument(tx, made.id as InvestigationId)
    return made
  })
  const access = async (person: { userId: UserId; name: string }): Promise<ReadAccess> => {
    const found = await accessOf(person, row.id)
    if (!found) throw new Error(`the gate does not let ${person.name} in`)
    return found
  }
  const owner = asWriter(await access(people.owner))
  await inRoom(owner, (_tx, emit) =>
    emit('investigation:opened', { investigation: presentInvestigation(row) }),
  )
  const { token } = await createApiToken(owner, 'deploy script')
  const machine = await machineFromToken(token)
  if (!machine) throw new Error('the gate does not let the machine in')
  return {
    id: owner.investigationId,
    owner,
    editor: asWriter(await access(people.editor)),
    second: asWriter(await access(people.second)),
    viewer: await access(people.viewer),
    machine,
  }
}

/** `runCommand` with a fresh key and a body that the compiler checks. */
export const command = <C extends CommandName>(
  access: WriteAccess,
  name: C,
  body: CommandSent<C>,
  key: string = randomUUID(),
): Promise<CommandReply<C>> => runCommand(access, key, name, body)

/** The user id of a person's access. */
export function idOf(access: ReadAccess): UserId {
  if (access.actor.kind !== 'person') throw new Error('a machine has no user id')
  return access.actor.userId
}

/** A capture row as an upload leaves it, without any file. */
export async function buildCapture(
  access: WriteAccess,
  state: string,
  rank: string,
): Promise<{ id: string; rank: string }> {
  const id = randomUUID()
  await db().capture.create({
    data: {
      id,
      investigationId: access.investigationId,
      label: `capture ${rank}`,
      fileName: 'dump.json',
      rank,
      state,
      size: 1n,
      createdBy: idOf(access),
    },
  })
  return { id, rank }
}

/** A series row without points. */
export async function buildSeries(access: WriteAccess, name = 'rss'): Promise<string> {
  const row = await db().series.create({
    data: {
      investigationId: access.investigationId,
      name,
      label: name,
      unit: 'bytes',
      source: 'file',
      createdBy: idOf(access),
    },
  })
  return row.id
}

/** The room before its first event, to replay a log from. */
export const emptyState = (like: RoomState): RoomState => ({
  seq: 0,
  investigation: like.investigation,
  members: [],
  formerNames: {},
  hypotheses: [],
  evidence: [],
  links: [],
  messages: [],
  marks: [],
  limits: [],
  captures: [],
  series: [],
  queries: [],
  checks: [],
  experiments: [],
  runs: [],
  sources: [],
  reminders: [],
})
