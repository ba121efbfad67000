import { randomUUID } from 'node:crypto'
import { UserError } from '#lib/errors/user-error'
import type { TeamAccess, TeamOwnerAccess } from '#lib/investigation/access'
import { TeamId, UserId } from '#lib/investigation/ids'
import { Role, strongest } from '#lib/investigation/roles'
import { db } from './client.ts'
import type { Tx } from './events.ts'
import { hint } from './hints.ts'
import { hashSecret, randomSecret } from './tokens.ts'

// Teams are better-auth's organizations: its tables, our rules.

export interface TeamMemberRow {
  readonly userId: UserId
  readonly name: string
  /** Null for a guest. */
  readonly email: string | null
  readonly role: Role
}
export interface TeamLinkRow {
  readonly id: string
  readonly role: Role
  readonly createdAt: number
  readonly expiresAt: number
  readonly expired: boolean
}
export interface TeamRow {
  readonly teamId: TeamId
  readonly name: string
  readonly members: readonly TeamMemberRow[]
}

/** Makes a team whose only member is its owner. For lib/auth, when somebody arrives and there is no team for her yet. */
export async function createTeam(ownerId: UserId, name: string): Promise<TeamId> {
  const id = TeamId.parse(randomUUID())
  const now = new Date()
  await db().organization.create({
    data: {
      id,
      name,
      slug: id,
      createdAt: now,
      members: { create: { id: randomUUID(), userId: ownerId, role: 'owner', createdAt: now } },
    },
  })
  return id
}

/** How many teams there are; 0 on a fresh installation. */
export const countTeams = (): Promise<number> => db().organization.count()

/** The team with its members, owners first, then by name. */
export async function loadTeam(access: TeamAccess): Promise<TeamRow> {
  const team = await db().organization.findUniqueOrThrow({
    where: { id: access.teamId },
    include: { members: { include: { user: true } } },
  })
  const members = team.members.map((row) => ({
    userId: UserId.parse(row.userId),
    name: row.user.name,
    email: row.user.guest ? null : row.user.email,
    role: Role.parse(row.role),
  }))
  const order: Record<Role, number> = { owner: 0, editor: 1, viewer: 2 }
  members.sort((a, b) => order[a.role] - order[b.role] || a.name.localeCompare(b.name, 'en'))
  return { teamId: access.teamId, name: team.name, members }
}

export async function renameTeam(access: TeamOwnerAccess, name: string): Promise<void> {
  await db().organization.update({ where: { id: access.teamId }, data: { name } })
}

/**
 * Gives a member another role; open rooms follow at once.
 * @throws UserError request/not-found · team/last-owner
 */
export async function changeMemberRole(access: TeamOwnerAccess, userId: string, role: Role): Promise<void> {
  await withOwners(access, async (tx) => {
    const { count } = await tx.member.updateMany({
      where: { organizationId: access.teamId, userId },
      data: { role },
    })
    if (count === 0) throw new UserError('request/not-found', { what: 'member' })
  })
}

/**
 * Takes a member out of the team; she leaves its open rooms at once. What she wrote stays.
 * @throws UserError request/not-found · team/last-owner
 */
export async function removeMember(access: TeamOwnerAccess, userId: string): Promise<void> {
  await withOwners(access, async (tx) => {
    const { count } = await tx.member.deleteMany({ where: { organizationId: access.teamId, userId } })
    if (count === 0) throw new UserError('request/not-found', { what: 'member' })
  })
}

/** Leaves the team oneself. @throws UserError team/last-owner */
export async function leaveTeam(access: TeamAccess): Promise<void> {
  await withOwners(access, (tx) =>
    tx.member.deleteMany({ where: { organizationId: access.teamId, userId: access.userId } }),
  )
}

/**
 * Changes members so that an owner is left at the end, or not at all. The team's row is locked: two owners who remove each
 * other at the same moment do not leave a team without one.
 */
async function withOwners(access: TeamAccess, change: (tx: Tx) => Promise<unknown>): Promise<void> {
  const organizationId = access.teamId
  await db().$transaction(async (tx) => {
    await tx.$queryRaw`select 1 from organization where id = ${organizationId} for update`
    await change(tx)
    const owners = await tx.member.count({ where: { organizationId, role: 'owner' } })
    if (owners === 0) throw new UserError('team/last-owner')
  })
  hint({ kind: 'access', investigationId: null, teamId: organizationId })
}

/** Makes a link by which anyone joins the team. The secret is in `path` ("/join/…") and nowhere else. */
export async function createTeamLink(
  access: TeamOwnerAccess,
  wish: { role: Role; expiresAt: number },
): Promise<{ path: string; row: TeamLinkRow }> {
  const secret = randomSecret()
  const row = await db().teamLink.create({
    data: {
      organizationId: access.teamId,
      role: wish.role,
      tokenHash: hashSecret(secret),
      createdBy: access.userId,
      expiresAt: new Date(wish.expiresAt),
    },
  })
  return { path: `/join/${secret}`, row: presentLink(row) }
}

/** The team's links that were not revoked, newest first. */
export async function listTeamLinks(access: TeamOwnerAccess): Promise<TeamLinkRow[]> {
  const rows = await db().teamLink.findMany({
    where: { organizationId: access.teamId, revokedAt: null },
    orderBy: { createdAt: 'desc' },
  })
  return rows.map(presentLink)
}

/** Nobody joins by this link any more; who has joined stays. @throws UserError request/not-found */
export async function revokeTeamLink(access: TeamOwnerAccess, linkId: string): Promise<void> {
  const { count } = await db().teamLink.updateMany({
    where: { id: linkId, organizationId: access.teamId },
    data: { revokedAt: new Date() },
  })
  if (count === 0) throw new UserError('request/not-found', { what: 'link' })
}

/** What a living team link opens, or null when it was revoked, has expired or never was. The secret is the proof. */
export async function findTeamLink(
  token: string,
): Promise<{ linkId: string; teamId: TeamId; teamName: string; role: Role } | null> {
  const row = await db().teamLink.findUnique({ where: { tokenHash: hashSecret(token) } })
  if (!row || row.revokedAt || row.expiresAt.getTime() <= Date.now()) return null
  const team = await db().organization.findUnique({ where: { id: row.organizationId } })
  if (!team) return null
  return {
    linkId: row.id,
    teamId: TeamId.parse(team.id),
    teamName: team.name,
    role: Role.parse(row.role),
  }
}

/**
 * Joins the team that a link opens. A member keeps the stronger of her roles.
 * @throws UserError access/link-ended
 */
export async function joinTeam(token: string, userId: UserId): Promise<TeamId> {
  const link = await findTeamLink(token)
  if (!link) throw new UserError('access/link-ended')
  const where = { organizationId_userId: { organizationId: link.teamId, userId } }
  const before = await db().member.findUnique({ where })
  const role = strongest(Role.safeParse(before?.role).data, link.role) ?? link.role
  await db().member.upsert({
    where,
    create: { id: randomUUID(), organizationId: link.teamId, userId, role, createdAt: new Date() },
    update: { role },
  })
  hint({ kind: 'access', investigationId: null, teamId: link.teamId })
  return link.teamId
}

interface StoredLink {
  readonly id: string
  readonly role: string
  readonly createdAt: Date
  readonly expiresAt: Date
}
const presentLink = (row: StoredLink): TeamLinkRow => ({
  id: row.id,
  role: Role.parse(row.role),
  createdAt: row.createdAt.getTime(),
  expiresAt: row.expiresAt.getTime(),
  expired: row.expiresAt.getTime() <= Date.now(),
})
