import { auth } from '#lib/auth/auth'
import { accessOf, asOwner, asWriter, type SocketUser, teamAccessOf } from '#lib/auth/gate'
import { type Arrival, enterByTeamLink, firstVisit } from '#lib/auth/welcome'
import { db } from '#lib/db/client'
import { createInvestigation } from '#lib/db/investigations'
import { createTeamLink } from '#lib/db/teams'
import type { OwnerAccess, ReadAccess, TeamOwnerAccess, WriteAccess } from '#lib/investigation/access'
import type { InvestigationId, UserId } from '#lib/investigation/ids'
import type { Role } from '#lib/investigation/roles'

/** Somebody with a real session: the headers that her browser would send. */
export interface BuiltPerson {
  readonly user: SocketUser
  readonly headers: Headers
}

/** The `Cookie` header of a browser that was given these `Set-Cookie` values. */
export const cookieHeaders = (cookies: readonly string[]): Headers =>
  new Headers({ cookie: cookies.map((cookie) => cookie.split(';')[0]).join('; ') })

/** A person by name who is in no team, signed in as every account is: through better-auth. */
export async function buildStranger(name: string): Promise<BuiltPerson> {
  const email = `${crypto.randomUUID()}@test.invalid`
  const { headers, response } = await auth().api.signUpEmail({
    body: { name, email, password: 'long enough for a test' },
    returnHeaders: true,
  })
  // reason: the id of the account that was just made.
  const userId = response.user.id as UserId
  return { user: { userId, name }, headers: cookieHeaders(headers.getSetCookie()) }
}

const person = (arrival: Arrival): BuiltPerson => ({
  user: arrival.user,
  headers: cookieHeaders(arrival.cookies),
})

/** An installation with a team of three and one room, all of it made the way that people make it. */
export interface BuiltTeam {
  readonly team: TeamOwnerAccess
  readonly room: InvestigationId
  readonly owner: BuiltPerson
  readonly editor: BuiltPerson
  readonly viewer: BuiltPerson
}

/** Needs `connectDatabase` on an empty database. */
export async function buildTeam(): Promise<BuiltTeam> {
  const first = await firstVisit('Olga Owner')
  const owner = person(first)
  const room = await createInvestigation(first.team, 'Memory climbs after the deploy')
  const editor = await joinedAs(first.team, 'Edu Editor', 'editor')
  const viewer = await joinedAs(first.team, 'Vera Viewer', 'viewer')
  return { team: first.team, room, owner, editor, viewer }
}

/** One more member, by a team link. */
export async function joinedAs(team: TeamOwnerAccess, name: string, role: Role): Promise<BuiltPerson> {
  const { path } = await createTeamLink(team, { role, expiresAt: Date.now() + 60_000 })
  return person(await enterByTeamLink(path.replace('/join/', ''), { name }))
}

/** The access that the gate gives, or the test fails. */
export async function readAccess({ user }: BuiltPerson, room: string): Promise<ReadAccess> {
  const access = await accessOf(user, room)
  if (!access) throw new Error(`the gate does not let ${user.name} in`)
  return access
}
export const writeAccess = async (who: BuiltPerson, room: string): Promise<WriteAccess> =>
  asWriter(await readAccess(who, room))
export const ownerAccess = async (who: BuiltPerson, room: string): Promise<OwnerAccess> =>
  asOwner(await readAccess(who, room))

/** A second team on the same installation, with its owner. */
export async function buildOtherTeam(): Promise<{ team: TeamOwnerAccess; owner: BuiltPerson }> {
  const owner = await buildStranger('Otto Other')
  const id = `team-${crypto.randomUUID()}`
  const now = new Date()
  await db().organization.create({
    data: {
      id,
      name: 'Other team',
      slug: id,
      createdAt: now,
      members: {
        create: { id: crypto.randomUUID(), userId: owner.user.userId, role: 'owner', createdAt: now },
      },
    },
  })
  const access = await teamAccessOf(owner.user, id)
  if (access?.role !== 'owner') throw new Error('the other team has no owner')
  // reason: checked in the line above; tests stand outside the layers that the gate protects.
  return { team: access as TeamOwnerAccess, owner }
}
