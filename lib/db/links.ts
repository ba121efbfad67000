import { UserError } from '#lib/errors/user-error'
import type { ReadAccess, WriteAccess } from '#lib/investigation/access'
import { InvestigationId, UserId } from '#lib/investigation/ids'
import { atLeast, RoomRole } from '#lib/investigation/roles'
import type { Prisma } from '#prisma/generated/client'
import { db } from './client.ts'
import { type Emit, inRoom, inRoomAsNode, type Tx } from './events.ts'
import { hint } from './hints.ts'
import { hashSecret, mayEnd, randomSecret } from './tokens.ts'

/** A share link as a list shows it: never the secret. Times are epoch milliseconds. */
export interface ShareLinkRow {
  readonly id: string
  readonly role: RoomRole
  readonly createdBy: UserId
  readonly createdAt: number
  /** Null: until it is revoked. */
  readonly expiresAt: number | null
  readonly expired: boolean
  /** How many people are in the room by this link. */
  readonly people: number
}

/**
 * Makes a link to this one room. The secret is in `path` ("/share/…", put the page's origin before it) and nowhere else.
 * @throws UserError link/role for more than one's own role · row/person-needed for a machine
 */
export async function createShareLink(
  access: WriteAccess,
  wish: { role: RoomRole; expiresAt: number | null },
): Promise<{ path: string; row: ShareLinkRow }> {
  const { actor } = access
  if (actor.kind !== 'person') throw new UserError('row/person-needed')
  if (!atLeast(access.role, wish.role)) throw new UserError('link/role', { role: wish.role })
  const secret = randomSecret()
  const stored = await inRoom(access, async (tx, emit) => {
    await emit('share:created', { role: wish.role, expiresAt: wish.expiresAt })
    return tx.shareLink.create({
      data: {
        investigationId: access.investigationId,
        role: wish.role,
        tokenHash: hashSecret(secret),
        createdBy: actor.userId,
        expiresAt: wish.expiresAt === null ? null : new Date(wish.expiresAt),
      },
    })
  })
  return { path: `/share/${secret}`, row: presentLink(stored, 0) }
}

/** The links that were not revoked, newest first; expired ones say so. */
export async function listShareLinks(access: WriteAccess): Promise<ShareLinkRow[]> {
  const rows = await db().shareLink.findMany({
    where: { investigationId: access.investigationId, revokedAt: null },
    include: { _count: { select: { members: true } } },
    orderBy: { createdAt: 'desc' },
  })
  return rows.map((row) => presentLink(row, row._count.members))
}

/**
 * Ends a link and, at once, the access of everybody who came by it; people who are also in the team stay. Editors may end
 * the links that they made, owners all. Ending it twice changes nothing.
 * @throws UserError request/not-found · access/owner-only
 */
export async function revokeShareLink(access: WriteAccess, linkId: string): Promise<void> {
  const { investigationId } = access
  const link = await db().shareLink.findFirst({ where: { id: linkId, investigationId } })
  if (!link) throw new UserError('request/not-found', { what: 'link' })
  if (!mayEnd(access, link.createdBy)) throw new UserError('access/owner-only')
  if (link.revokedAt) return
  await inRoom(access, async (tx, emit) => {
    const { count } = await tx.shareLink.updateMany({
      where: { id: linkId, revokedAt: null },
      data: { revokedAt: new Date() },
    })
    if (count === 0) return
    await emit('share:revoked', { role: link.role })
    await letGo(tx, emit, access, { shareLinkId: linkId })
  })
  hint({ kind: 'access', investigationId, teamId: null })
}

/** Takes guests out of a room and tells it; of those who are in its team too, nothing changes for anybody. */
async function letGo(
  tx: Tx,
  emit: Emit,
  room: { readonly investigationId: string; readonly teamId: string },
  which: Prisma.RoomMemberWhereInput,
): Promise<void> {
  const where = { investigationId: room.investigationId, ...which }
  const guests = await tx.roomMember.findMany({ where, include: { user: { select: { name: true } } } })
  await tx.roomMember.deleteMany({ where })
  const userIds = guests.map(({ userId }) => userId)
  const ofTeam = await tx.member.findMany({
    where: { organizationId: room.teamId, userId: { in: userIds } },
    select: { userId: true },
  })
  const stays = new Set(ofTeam.map(({ userId }) => userId))
  for (const { userId, user } of guests)
    if (!stays.has(userId)) await emit('member:left', { userId: UserId.parse(userId), name: user.name })
}

/**
 * Tells the rooms of guests whose link has expired that they are gone. Their access ended by itself with the link; this
 * makes the member lists of open pages and the timeline say so. For a sweep, once a minute is enough.
 * @returns how many rooms were told
 */
export async function letExpiredGo(now: Date = new Date()): Promise<number> {
  const expired = { shareLink: { expiresAt: { lte: now } } } satisfies Prisma.RoomMemberWhereInput
  const rooms = await db().investigation.findMany({
    where: { members: { some: expired } },
    select: { id: true, teamId: true },
  })
  for (const { id, teamId } of rooms) {
    const investigationId = InvestigationId.parse(id)
    await inRoomAsNode(investigationId, (tx, emit) => letGo(tx, emit, { investigationId, teamId }, expired))
    hint({ kind: 'access', investigationId, teamId: null })
  }
  return rooms.length
}

/** The rows of people who are in a room by no link, or by one that is neither revoked nor expired at `now`. */
export const byLivingLink = (now: Date) =>
  ({
    OR: [
      { shareLinkId: null },
      { shareLink: { revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] } },
    ],
  }) satisfies Prisma.RoomMemberWhereInput

/** What a living link opens. */
export interface OpenLink {
  readonly linkId: string
  readonly investigationId: InvestigationId
  readonly title: string
  readonly role: RoomRole
}

/** The link with this secret, or null when it was revoked, has expired or never was. Holding the secret is the proof. */
export async function findShareLink(token: string): Promise<OpenLink | null> {
  const row = await db().shareLink.findUnique({
    where: { tokenHash: hashSecret(token) },
    include: { investigation: { select: { title: true } } },
  })
  if (!row || row.revokedAt || hasEnded(row.expiresAt)) return null
  return {
    linkId: row.id,
    // reason: ids of stored rows are what the brand stands for.
    investigationId: row.investigationId as InvestigationId,
    title: row.investigation.title,
    role: RoomRole.parse(row.role),
  }
}

/**
 * Makes what a link gives last: the person is a member of this room from now on, and the room is told. `access` comes from
 * `accessByLink` (lib/auth/gate.ts). Somebody who already has at least that role by the team, or by a link that still
 * lives, stays as she is.
 */
export async function joinRoom(access: ReadAccess, linkId: string): Promise<void> {
  const { actor, investigationId } = access
  if (actor.kind !== 'person') throw new UserError('row/person-needed')
  const { userId, name } = actor
  await inRoom(access, async (tx, emit) => {
    const link = await tx.shareLink.findUniqueOrThrow({ where: { id: linkId } })
    // Under the room's lock, so that a link that is being revoked at this moment lets nobody in afterwards.
    if (link.revokedAt || hasEnded(link.expiresAt)) throw new UserError('access/link-ended')
    const role = RoomRole.parse(link.role)
    const inTeam = await tx.member.findFirst({ where: { organizationId: access.teamId, userId } })
    if (inTeam) return
    const before = await tx.roomMember.findUnique({
      where: { investigationId_userId: { investigationId, userId } },
      include: { shareLink: true },
    })
    const stillIn = before && !before.shareLink?.revokedAt && !hasEnded(before.shareLink?.expiresAt ?? null)
    if (stillIn && atLeast(RoomRole.parse(before.role), role)) return
    await tx.roomMember.upsert({
      where: { investigationId_userId: { investigationId, userId } },
      create: { investigationId, userId, role, shareLinkId: linkId },
      update: { role, shareLinkId: linkId },
    })
    await emit('member:joined', { member: { userId, name, role } })
  })
  hint({ kind: 'access', investigationId, teamId: null })
}

const hasEnded = (expiresAt: Date | null): boolean => expiresAt !== null && expiresAt.getTime() <= Date.now()

interface StoredLink {
  readonly id: string
  readonly role: string
  readonly createdBy: string
  readonly createdAt: Date
  readonly expiresAt: Date | null
}
const presentLink = (row: StoredLink, people: number): ShareLinkRow => ({
  id: row.id,
  role: RoomRole.parse(row.role),
  createdBy: UserId.parse(row.createdBy),
  createdAt: row.createdAt.getTime(),
  expiresAt: row.expiresAt?.getTime() ?? null,
  expired: hasEnded(row.expiresAt),
  people,
})
