import pg from 'pg'
import type { ReadAccess, TeamAccess, TeamWriteAccess } from '#lib/investigation/access'
import { InvestigationId, TeamId, UserId } from '#lib/investigation/ids'
import { MemberRow } from '#lib/investigation/rows'
import { database, db } from './client.ts'
import { inRoom } from './events.ts'
import { hint, hintRoom } from './hints.ts'

// What only the demo investigation needs of the database. Everything else in it is made as people make it.

/** An invented person of the demo. She has an account that nobody can sign in to. */
export interface DemoPerson {
  readonly userId: UserId
  readonly name: string
}

/**
 * Runs `work` while nobody else makes or removes this team's demo, on any node. On a connection of its own: if those who
 * wait sat on the pool's, the one who works could get none.
 */
export async function withDemoLock<R>({ teamId }: TeamAccess, work: () => Promise<R>): Promise<R> {
  const client = new pg.Client({ connectionString: database().url, application_name: 'leakroom-demo' })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [`demo:${teamId}`])
    return await work()
  } finally {
    await client.end() // ends the session and with it the lock
  }
}

/** The team's demo, or null. One that is not told to its end is being made, or its maker went down in the middle. */
export async function findDemo({
  teamId,
}: TeamAccess): Promise<{ id: InvestigationId; isTold: boolean } | null> {
  const row = await db().investigation.findFirst({
    where: { teamId, demo: true },
    select: { id: true, toldAt: true },
  })
  return row && { id: InvestigationId.parse(row.id), isTold: row.toldAt !== null }
}

/** From now on the demo is complete, and listed. */
export async function markTold(investigationId: InvestigationId): Promise<void> {
  await db().investigation.update({ where: { id: investigationId }, data: { toldAt: new Date() } })
}

/** A demo of which nothing was heard for so long is not being made any more. Making one takes about a second. */
const COMING_MS = 60_000

/** How it stands with a team's demo, for its home page: to be restored, on its way, or in the list. */
export async function demoStanding({ teamId }: TeamAccess): Promise<'none' | 'coming' | 'there'> {
  const row = await db().investigation.findFirst({ where: { teamId, demo: true } })
  if (!row) return 'none'
  if (row.toldAt) return 'there'
  return Date.now() - row.lastActivityAt.getTime() < COMING_MS ? 'coming' : 'none'
}

/** Demos that are not told to their end, of all teams, each with the person for whom it was being made. */
export async function untoldDemos(): Promise<{ teamId: TeamId; person: DemoPerson }[]> {
  const rows = await db().investigation.findMany({ where: { demo: true, toldAt: null } })
  const makers = await db().user.findMany({ where: { id: { in: rows.map((row) => row.createdBy) } } })
  const names = new Map(makers.map(({ id, name }) => [id, name]))
  return rows.flatMap(({ teamId, createdBy }) => {
    const name = names.get(createdBy)
    if (name === undefined) return []
    return [{ teamId: TeamId.parse(teamId), person: { userId: UserId.parse(createdBy), name } }]
  })
}

/** Removes the team's demo with everything in it. Any editor may: it is nobody's work, and can be restored. */
export async function removeDemo(access: TeamWriteAccess): Promise<void> {
  const investigationId = (await findDemo(access))?.id
  if (investigationId === undefined) return
  await db().investigation.delete({ where: { id: investigationId } })
  hint({ kind: 'access', investigationId, teamId: null })
  hintRoom(investigationId)
}

/** The accounts of the invented people: the same in every demo of this installation. */
export async function ensureDemoPeople(names: readonly string[]): Promise<DemoPerson[]> {
  const people = names.map((name) => ({
    userId: UserId.parse(`demo-${name.toLowerCase()}`),
    name,
  }))
  for (const { userId: id, name } of people) {
    // No account row and no session: there is nothing that a sign-in could check.
    const create = { id, name, email: `${name.toLowerCase()}@demo.invalid`, guest: true }
    await db().user.upsert({ where: { id }, create, update: {} })
  }
  return people
}

/** Lets an invented person into the demo, as an editor. `access` is the person's own. */
export async function joinDemo(access: ReadAccess, person: DemoPerson, at: Date): Promise<void> {
  const { investigationId } = access
  const { userId, name } = person
  await inRoom(
    access,
    async (tx, emit) => {
      await tx.roomMember.create({ data: { investigationId, userId, role: 'editor', createdAt: at } })
      await emit('member:joined', { member: MemberRow.parse({ userId, name, role: 'editor' }) })
    },
    at,
  )
}

/** The sequence number of the newest event. */
export async function headOf({ investigationId }: ReadAccess): Promise<number> {
  const room = await db().investigation.findUniqueOrThrow({ where: { id: investigationId } })
  return Number(room.headSeq)
}

/**
 * Moves everything that was told after `seq` to the time `at`: the events, the rows that they tell of, and the times of
 * making inside the payloads, so that events and rows still agree. For what was attached by functions that know one
 * time only, now. Series that came together are a millisecond apart: their time of making is their order on the page.
 * Only the seed may call it, before anybody is in the room.
 */
export async function retime({ investigationId }: ReadAccess, seq: number, at: Date): Promise<void> {
  const atMs = at.getTime()
  await db().$transaction([
    db().$executeRaw`
      update room_event set at = ${at}, payload =
        jsonb_set(jsonb_set(jsonb_set(payload,
          '{investigation,createdAt}', to_jsonb(${atMs}::bigint), false),
          '{capture,createdAt}', to_jsonb(${atMs}::bigint), false),
          '{series,createdAt}', to_jsonb(${atMs}::bigint + seq - ${seq}), false)
      where investigation_id = ${investigationId}::uuid and seq > ${seq}`,
    db().$executeRaw`
      update capture set created_at = ${at} where investigation_id = ${investigationId}::uuid and id in (
        select (payload->'capture'->>'id')::uuid from room_event
        where investigation_id = ${investigationId}::uuid and seq > ${seq})`,
    db().$executeRaw`
      update series set created_at = ${at}::timestamptz + (told.seq - ${seq}) * interval '1 millisecond'
      from room_event told
      where series.investigation_id = ${investigationId}::uuid and told.investigation_id = series.investigation_id
        and told.seq > ${seq} and told.type = 'series:added' and series.id = (told.payload->'series'->>'id')::uuid`,
    db().$executeRaw`
      update investigation set created_at = ${at} where id = ${investigationId}::uuid and ${seq} = 0`,
  ])
}
