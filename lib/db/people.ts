import { UserError } from '#lib/errors/user-error'
import type { TeamAccess } from '#lib/investigation/access'
import type { InvestigationId, TeamId, UserId } from '#lib/investigation/ids'
import { Role } from '#lib/investigation/roles'
import { Prisma } from '#prisma/generated/client'
import { database, db } from './client.ts'

// What the gate (lib/auth/gate.ts) runs on: these reads come before any access exists, so they take none. Nothing but
// lib/auth may call the functions of this file that ask for a user's roles.

/** A person's standing in one investigation. A role is undefined when that way in does not exist or has ended. */
export interface Standing {
  readonly investigationId: InvestigationId
  readonly teamId: TeamId
  /** The seeded story? */
  readonly demo: boolean
  readonly teamRole: Role | undefined
  /** By a share link that is neither revoked nor expired, or added to this room only. */
  readonly roomRole: Role | undefined
}

/**
 * Looks up both ways into an investigation in one round trip. Null when the investigation does not exist. A share link
 * counts only while it lives: revoking or expiry ends the access of everybody who came by it at once.
 */
export async function standingOf(userId: string, investigationId: string): Promise<Standing | null> {
  const rows = await db().$queryRaw<
    {
      id: InvestigationId
      team_id: TeamId
      demo: boolean
      team_role: string | null
      room_role: string | null
    }[]
  >`
    select i.id, i.team_id, i.demo, m.role as team_role, case
      when rm.share_link_id is null or (l.revoked_at is null and (l.expires_at is null or l.expires_at > now()))
      then rm.role end as room_role
    from investigation i
    left join member m on m.organization_id = i.team_id and m.user_id = ${userId}
    left join room_member rm on rm.investigation_id = i.id and rm.user_id = ${userId}
    left join share_link l on l.id = rm.share_link_id
    where i.id = ${investigationId}::uuid`
  const row = rows[0]
  if (!row) return null
  return {
    investigationId: row.id,
    teamId: row.team_id,
    demo: row.demo,
    teamRole: readRole(row.team_role),
    roomRole: readRole(row.room_role),
  }
}

/** The team that an investigation belongs to; null when it is gone. */
export async function teamOf(investigationId: InvestigationId): Promise<TeamId | null> {
  const row = await db().investigation.findUnique({
    where: { id: investigationId },
    select: { teamId: true },
  })
  // reason: our own column, written from a team's access (lib/db/investigations.ts).
  return (row?.teamId ?? null) as TeamId | null
}

/** The teams of a person with her role in each, oldest first. */
export async function teamsOf(userId: string): Promise<{ teamId: TeamId; name: string; role: Role }[]> {
  const rows = await db().member.findMany({
    where: { userId },
    select: { role: true, organization: { select: { id: true, name: true } } },
    orderBy: { createdAt: 'asc' },
  })
  return rows.flatMap((row) => {
    const role = readRole(row.role)
    // reason: ids of stored rows are what the brand stands for.
    return role ? [{ teamId: row.organization.id as TeamId, name: row.organization.name, role }] : []
  })
}

/** How many people have an account here; 0 is a fresh installation. */
export const countPeople = (): Promise<number> => db().user.count()

/** What the settings page shows of a person. `email` is null for a guest, whose stored address is a placeholder. */
export interface Person {
  readonly userId: UserId
  readonly name: string
  readonly email: string | null
  readonly guest: boolean
}
export async function loadPerson(userId: UserId): Promise<Person | null> {
  const row = await db().user.findUnique({ where: { id: userId } })
  return row && { userId, name: row.name, email: row.guest ? null : row.email, guest: row.guest }
}

/** Marks a person as one who came by name alone: she has no address or password of her own yet. */
export async function markGuest(userId: UserId): Promise<void> {
  await db().user.update({ where: { id: userId }, data: { guest: true } })
}

/** The name that others see from now on. What has been written keeps the old one. */
export async function renamePerson(userId: UserId, name: string): Promise<void> {
  await db().user.update({ where: { id: userId }, data: { name } })
}

/**
 * Gives a person an address to sign in with; a guest becomes a full account.
 * @throws UserError account/email-taken
 */
export async function setEmail(userId: UserId, email: string): Promise<void> {
  const address = email.toLowerCase()
  try {
    await db().user.update({ where: { id: userId }, data: { email: address, guest: false } })
  } catch (error) {
    if (isUniqueViolation(error)) throw new UserError('account/email-taken')
    throw error
  }
}

/** The team that a session shows from now on. */
export async function rememberTeam(sessionId: string, access: TeamAccess): Promise<void> {
  await db().session.updateMany({
    where: { id: sessionId, userId: access.userId },
    data: { activeOrganizationId: access.teamId },
  })
}

/**
 * Runs `work` while no other node or request runs one under the same name. Holds one connection of the pool meanwhile.
 */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  const client = await database().pool.connect()
  try {
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [name])
    return await work()
  } finally {
    // Ends the session's lock too should the unlock itself not get through.
    await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [name]).then(
      () => client.release(),
      () => client.release(true),
    )
  }
}

const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002'

/** A stored role; undefined for anything that is none of ours. */
const readRole = (value: string | null): Role | undefined => Role.safeParse(value).data
