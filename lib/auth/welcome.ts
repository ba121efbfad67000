import { randomBytes, randomUUID } from 'node:crypto'
import { APIError } from 'better-auth/api'
import { findShareLink, joinRoom } from '#lib/db/links'
import { alone, countPeople, markGuest, setEmail } from '#lib/db/people'
import { countTeams, createTeam, findTeamLink, joinTeam } from '#lib/db/teams'
import { env } from '#lib/env'
import { UserError } from '#lib/errors/user-error'
import type { TeamOwnerAccess } from '#lib/investigation/access'
import { type InvestigationId, type TeamId, UserId } from '#lib/investigation/ids'
import { auth } from './auth.ts'
import {
  accessByLink,
  asTeamOwner,
  type SignedIn,
  type SocketUser,
  teamAccessOf,
  userFromHeaders,
} from './gate.ts'
import { take } from './limits.ts'

// How people come in: by name as the first visitor, by a team link, by a room's share link. Accounts are made here only;
// better-auth's own sign-up is closed (auth.ts, OPEN_AUTH_PATHS).

/** Name of the lock that the first of everything is made under. */
const FIRST = 'leakroom:first'

/** Somebody who has just come in: who she is now, and the `Set-Cookie` values that keep her signed in. */
export interface Arrival {
  readonly user: SocketUser
  readonly cookies: readonly string[]
}

/** What a full account signs in with. */
export interface Credentials {
  readonly email: string
  readonly password: string
}

/**
 * The first visitor of a fresh installation becomes the owner of its first team, by name alone (or with credentials, when
 * OPEN_FIRST_VISIT is off). Two who come at once: one gets in, the other is told.
 * @throws UserError account/open-already
 */
export async function firstVisit(
  name: string,
  credentials?: Credentials,
): Promise<Arrival & { readonly team: TeamOwnerAccess }> {
  if (!credentials && !env().OPEN_FIRST_VISIT) throw new UserError('access/sign-in')
  return alone(FIRST, async () => {
    if ((await countPeople()) > 0) throw new UserError('account/open-already')
    const arrival = await makeAccount(name, credentials)
    return { ...arrival, team: await foundTeam(arrival.user) }
  })
}

/**
 * Makes the team of somebody who has an account, has no team, and is on an installation that has none at all: the first
 * person who comes by single sign-on.
 * @throws UserError account/open-already when there is a team
 */
export const firstTeam = (user: SocketUser): Promise<TeamOwnerAccess> =>
  alone(FIRST, async () => {
    if ((await countTeams()) > 0) throw new UserError('account/open-already')
    return foundTeam(user)
  })

async function foundTeam(user: SocketUser): Promise<TeamOwnerAccess> {
  const teamId = await createTeam(user.userId, `${user.name}’s team`)
  const access = await teamAccessOf(user, teamId)
  if (!access) throw new Error(`the team ${teamId} was made and is not there`)
  return asTeamOwner(access)
}

/** Somebody with a session, or a name to make a guest of. */
export type Visitor = SocketUser | { readonly name: string }

/**
 * Comes in by a room's share link. Without a session she gives her name and is a guest of this one room.
 * @throws UserError access/link-ended
 */
export async function enterByShareLink(
  token: string,
  visitor: Visitor,
): Promise<Arrival & { readonly investigationId: InvestigationId }> {
  // Before an account is made, so that a dead link leaves nothing behind.
  if (!(await findShareLink(token))) throw new UserError('access/link-ended')
  const arrival = await arrive(visitor)
  const { access, linkId } = await accessByLink(arrival.user, token)
  await joinRoom(access, linkId)
  return { ...arrival, investigationId: access.investigationId }
}

/**
 * Comes into a team by its link; without a session by name alone.
 * @throws UserError access/link-ended
 */
export async function enterByTeamLink(
  token: string,
  visitor: Visitor,
): Promise<Arrival & { readonly teamId: TeamId }> {
  if (!(await findTeamLink(token))) throw new UserError('access/link-ended')
  const arrival = await arrive(visitor)
  return { ...arrival, teamId: await joinTeam(token, arrival.user.userId) }
}

const arrive = async (visitor: Visitor): Promise<Arrival> =>
  'userId' in visitor ? { user: visitor, cookies: [] } : makeAccount(visitor.name)

/**
 * An account with a session. Without credentials a guest's: a placeholder address under .invalid (RFC 2606: never mailed)
 * and a random password that nobody knows.
 */
async function makeAccount(name: string, credentials?: Credentials): Promise<Arrival> {
  const body = {
    name,
    email: credentials?.email ?? `guest-${randomUUID()}@leakroom.invalid`,
    password: credentials?.password ?? randomBytes(32).toString('base64url'),
  }
  const { headers, response } = await auth().api.signUpEmail({ body, returnHeaders: true }).catch(translate)
  const user = { userId: UserId.parse(response.user.id), name }
  if (!credentials) await markGuest(user.userId)
  return { user, cookies: headers.getSetCookie() }
}

/**
 * Gives a guest an address and a password, and so a way back in. She stays signed in where she is.
 * @throws UserError account/email-taken
 */
export async function completeAccount(user: SignedIn, { email, password }: Credentials): Promise<void> {
  if (!user.guest) throw new UserError('request/malformed', { where: 'account' })
  await setEmail(user.userId, email)
  const { password: hasher, internalAdapter } = await auth().$context
  await internalAdapter.updatePassword(user.userId, await hasher.hash(password))
}

/**
 * Changes the password of a full account and signs out everywhere else. Returns the new session's `Set-Cookie` values.
 * @throws UserError access/sign-in · account/wrong-password · account/no-password · request/too-often
 */
export async function changePassword(headers: Headers, current: string, next: string): Promise<string[]> {
  const user = await userFromHeaders(headers)
  if (!user) throw new UserError('access/sign-in')
  const guess = await take('password', user.userId)
  const { headers: answer } = await auth()
    .api.changePassword({
      headers,
      body: { currentPassword: current, newPassword: next, revokeOtherSessions: true },
      returnHeaders: true,
    })
    .catch(translate)
  await guess.forget()
  return answer.getSetCookie()
}

/** better-auth's refusals in our sentences; what is not listed is a bug. */
function translate(error: unknown): never {
  const code = error instanceof APIError ? error.body?.code : undefined
  if (code?.startsWith('USER_ALREADY_EXISTS')) throw new UserError('account/email-taken')
  if (code === 'CREDENTIAL_ACCOUNT_NOT_FOUND') throw new UserError('account/no-password')
  if (code === 'INVALID_PASSWORD') throw new UserError('account/wrong-password')
  if (code === 'INVALID_EMAIL' || code === 'PASSWORD_TOO_SHORT' || code === 'PASSWORD_TOO_LONG') {
    throw new UserError('request/malformed', { where: 'e-mail or password' })
  }
  throw error
}
