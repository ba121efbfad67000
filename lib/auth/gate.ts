import { NODE_ACTOR } from '#lib/db/events'
import { findShareLink } from '#lib/db/links'
import { standingOf, teamOf, teamsOf } from '#lib/db/people'
import { findSource, sourceTokenId } from '#lib/db/series-sources'
import { findToken } from '#lib/db/tokens'
import { UserError } from '#lib/errors/user-error'
import type {
  Actor,
  OwnerAccess,
  ReadAccess,
  TeamAccess,
  TeamOwnerAccess,
  TeamWriteAccess,
  WriteAccess,
} from '#lib/investigation/access'
import { InvestigationId, type TeamId, UserId } from '#lib/investigation/ids'
import { atLeast, type Role, strongest } from '#lib/investigation/roles'
import { auth } from './auth.ts'
import { refuseForeignOrigin } from './origin.ts'

/** A signed-in person, as a session cookie proves her. */
export interface SignedIn {
  readonly userId: UserId
  readonly name: string
  /** Came by one field or a share link and has no e-mail of her own yet. */
  readonly guest: boolean
  readonly sessionId: string
  /** The team that she looked at last. */
  readonly activeTeamId: TeamId | null
}
/** What a socket keeps of the person behind it. */
export type SocketUser = Pick<SignedIn, 'userId' | 'name'>

// ── From a request's headers: works in route handlers, sockets and tests alike ──────────────────────────────────────

/** The person that the session cookie names, or null. One query. */
export async function userFromHeaders(headers: Headers): Promise<SignedIn | null> {
  const found = await auth().api.getSession({ headers, query: { disableRefresh: true } })
  if (!found) return null
  return {
    userId: UserId.parse(found.user.id),
    name: found.user.name,
    guest: found.user.guest === true,
    sessionId: found.session.id,
    // reason: our own column, written from a membership (lib/db/teams.ts).
    activeTeamId: (found.session.activeOrganizationId ?? null) as TeamId | null,
  }
}

/**
 * What a person may do in an investigation: the stronger of her role in its team and of a share link that still lives.
 * Null when she may not even look, or when it does not exist: the two look the same.
 */
export async function accessOf(user: SocketUser, investigationId: string): Promise<ReadAccess | null> {
  const id = InvestigationId.safeParse(investigationId)
  if (!id.success) return null
  const standing = await standingOf(user.userId, id.data)
  const role = standing && strongest(standing.teamRole, standing.roomRole)
  if (!role) return null
  return prove(standing, { kind: 'person', userId: user.userId, name: user.name }, role)
}

/** What an API token opens: writing into its one investigation. Null when it is unknown or revoked. */
export async function machineFromToken(token: string): Promise<WriteAccess | null> {
  const scope = await findToken(token.trim().replace(/^Bearer\s+/i, ''))
  if (!scope) return null
  return asWriter(prove(scope, { kind: 'machine', tokenId: scope.tokenId, name: scope.name }, 'editor'))
}

/**
 * The right to look, for a person by cookie or a machine by `Authorization: Bearer`.
 * @throws UserError access/sign-in (nobody) · access/unknown (not hers, or not there)
 */
export async function readerFromHeaders(headers: Headers, investigationId: string): Promise<ReadAccess> {
  const bearer = headers.get('authorization')
  if (bearer) {
    const machine = await machineFromToken(bearer)
    if (!machine) throw new UserError('access/sign-in')
    if (machine.investigationId !== investigationId) throw new UserError('access/unknown')
    return machine
  }
  const user = await userFromHeaders(headers)
  if (!user) throw new UserError('access/sign-in')
  const access = await accessOf(user, investigationId)
  if (!access) throw new UserError('access/unknown')
  return access
}

/**
 * The right to look, for what is written down under the name of who looked. A request with a cookie must come from our own
 * pages: another site must not make her look.
 * @throws UserError access/sign-in · access/unknown · access/origin
 */
export async function witnessFromHeaders(headers: Headers, investigationId: string): Promise<ReadAccess> {
  if (!headers.has('authorization')) refuseForeignOrigin(headers)
  return readerFromHeaders(headers, investigationId)
}

/**
 * The right to change. A request with a cookie must come from our own pages.
 * @throws UserError access/sign-in · access/unknown · access/read-only · access/origin
 */
export async function writerFromHeaders(headers: Headers, investigationId: string): Promise<WriteAccess> {
  // A bearer token is never sent by a browser on its own: only cookies need the check.
  if (!headers.has('authorization')) refuseForeignOrigin(headers)
  return asWriter(await readerFromHeaders(headers, investigationId))
}

/** The right to what only owners do. @throws as `writerFromHeaders`, and UserError access/owner-only */
export async function ownerFromHeaders(headers: Headers, investigationId: string): Promise<OwnerAccess> {
  return asOwner(await writerFromHeaders(headers, investigationId))
}

/** Membership of a team; without `teamId` of the one that she looked at last, or her first. */
export async function teamFromHeaders(headers: Headers, teamId?: string): Promise<TeamAccess> {
  const user = await userFromHeaders(headers)
  if (!user) throw new UserError('access/sign-in')
  const access = await teamAccessOf(user, teamId ?? user.activeTeamId, teamId === undefined)
  if (!access) throw new UserError('access/unknown')
  return access
}

/**
 * A person's access to a team, or null. With `orFirst`, when `teamId` is not (or no longer) hers, her oldest team stands
 * in for it.
 */
export async function teamAccessOf(
  user: SocketUser,
  teamId: string | null,
  orFirst = false,
): Promise<TeamAccess | null> {
  const teams = await teamsOf(user.userId)
  const team = teams.find((mine) => mine.teamId === teamId) ?? (orFirst ? teams[0] : undefined)
  if (!team) return null
  return proveTeam({ teamId: team.teamId, userId: user.userId, userName: user.name, role: team.role })
}

/**
 * The access that a living share link gives to `user`, before she is in the room: joinRoom (lib/db/links.ts) takes it and
 * makes it last.
 * @throws UserError access/link-ended for a link that has expired, was revoked or never was: they look the same.
 */
export async function accessByLink(
  user: SocketUser,
  token: string,
): Promise<{ access: ReadAccess; linkId: string }> {
  const link = await findShareLink(token)
  if (!link) throw new UserError('access/link-ended')
  const standing = await standingOf(user.userId, link.investigationId)
  const role = strongest(standing?.teamRole, strongest(standing?.roomRole, link.role))
  if (!standing || !role) throw new UserError('access/link-ended')
  const actor: Actor = { kind: 'person', userId: user.userId, name: user.name }
  return { access: prove(standing, actor, role), linkId: link.linkId }
}

/**
 * Lets an invented person of the demo act in the demo, so that the story is told with the functions that people use.
 * @throws Error for any other investigation: a bug.
 */
export async function seedAccess(investigationId: InvestigationId, person: SocketUser): Promise<WriteAccess> {
  const standing = await standingOf(person.userId, investigationId)
  if (!standing?.demo) throw new Error(`${investigationId} is not the demo`)
  return asWriter(prove(standing, { kind: 'person', userId: person.userId, name: person.name }, 'editor'))
}

/**
 * What a source opens: writing what it fetches into the room whose writer added it. Null when it was removed. As with a
 * token, who added it may have left since.
 */
export async function accessOfSource(sourceId: string): Promise<WriteAccess | null> {
  const source = await findSource(sourceId)
  if (!source) return null
  return asWriter(
    prove(source, { kind: 'machine', tokenId: sourceTokenId(sourceId), name: source.host }, 'editor'),
  )
}

/**
 * The right to look for the node's own work, which carries on what people of the room began: a check, a reading that they
 * wait for. Null when the investigation is gone. What is read goes only into that investigation.
 */
export async function nodeReader(investigationId: InvestigationId): Promise<ReadAccess | null> {
  const teamId = await teamOf(investigationId)
  return teamId === null ? null : prove({ investigationId, teamId }, NODE_ACTOR, 'viewer')
}

// ── Narrowing ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** @throws UserError access/read-only */
export function asWriter(access: ReadAccess): WriteAccess {
  if (!atLeast(access.role, 'editor')) throw new UserError('access/read-only')
  // reason: the gate; the role was checked in the line above.
  return access as WriteAccess
}

/** @throws UserError access/owner-only */
export function asOwner(access: ReadAccess): OwnerAccess {
  if (access.role !== 'owner') throw new UserError('access/owner-only')
  // reason: the gate; the role was checked in the line above.
  return access as OwnerAccess
}

/** @throws UserError access/read-only */
export function asTeamWriter(access: TeamAccess): TeamWriteAccess {
  if (!atLeast(access.role, 'editor')) throw new UserError('access/read-only')
  // reason: the gate; the role was checked in the line above.
  return access as TeamWriteAccess
}

/** @throws UserError access/owner-only */
export function asTeamOwner(access: TeamAccess): TeamOwnerAccess {
  if (access.role !== 'owner') throw new UserError('access/owner-only')
  // reason: the gate; the role was checked in the line above.
  return access as TeamOwnerAccess
}

// ── In Next's server components, actions and route handlers ─────────────────────────────────────────────────────────

/** The person behind the current request, or null. */
export const currentUser = async (): Promise<SignedIn | null> => userFromHeaders(await requestHeaders())

/** As `readerFromHeaders`, for the current request. Pages wrap it in `forPage` (lib/auth/pages.ts). */
export const requireReader = async (investigationId: string): Promise<ReadAccess> =>
  readerFromHeaders(await requestHeaders(), investigationId)
/** As `witnessFromHeaders`, for the current request. */
export const requireWitness = async (investigationId: string): Promise<ReadAccess> =>
  witnessFromHeaders(await requestHeaders(), investigationId)
/** As `writerFromHeaders`, for the current request. */
export const requireWriter = async (investigationId: string): Promise<WriteAccess> =>
  writerFromHeaders(await requestHeaders(), investigationId)
/** As `ownerFromHeaders`, for the current request. */
export const requireOwner = async (investigationId: string): Promise<OwnerAccess> =>
  ownerFromHeaders(await requestHeaders(), investigationId)

/** As `teamFromHeaders`, for the current request. */
export const requireTeam = async (teamId?: string): Promise<TeamAccess> =>
  teamFromHeaders(await requestHeaders(), teamId)
/** @throws as `requireTeam`, and UserError access/read-only · access/origin */
export async function requireTeamWriter(teamId?: string): Promise<TeamWriteAccess> {
  const headers = await requestHeaders()
  refuseForeignOrigin(headers)
  return asTeamWriter(await teamFromHeaders(headers, teamId))
}
/** @throws as `requireTeam`, and UserError access/owner-only · access/origin */
export async function requireTeamOwner(teamId?: string): Promise<TeamOwnerAccess> {
  const headers = await requestHeaders()
  refuseForeignOrigin(headers)
  return asTeamOwner(await teamFromHeaders(headers, teamId))
}

/**
 * Next's headers of the current request. Imported when asked for: the socket server and tests load this file without
 * Next, and outside its bundler the bare `next/headers` does not resolve (the package has no exports map).
 */
export async function requestHeaders(): Promise<Headers> {
  const { headers } = await import('next/headers.js')
  return headers()
}

// ── The only two places where a proof is made ───────────────────────────────────────────────────────────────────────

const prove = (
  where: { investigationId: InvestigationId; teamId: TeamId },
  actor: Actor,
  role: Role,
): ReadAccess =>
  // reason: the gate. The brand is what this file exists to give; its callers have just read the role.
  Object.freeze({ investigationId: where.investigationId, teamId: where.teamId, actor, role }) as ReadAccess

const proveTeam = (membership: {
  teamId: TeamId
  userId: UserId
  userName: string
  role: Role
}): TeamAccess =>
  // reason: as above, for a membership that was read from its row.
  Object.freeze({ ...membership }) as TeamAccess
