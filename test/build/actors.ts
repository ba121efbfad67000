import { enterByShareLink } from '#lib/auth/welcome'
import { db } from '#lib/db/client'
import { createInvestigation } from '#lib/db/investigations'
import { createShareLink, revokeShareLink } from '#lib/db/links'
import { createApiToken, revokeApiToken } from '#lib/db/tokens'
import { type FailureCode, UserError } from '#lib/errors/user-error'
import type { RoomRole } from '#lib/investigation/roles'
import type { Needs, Place } from './doors.ts'
import {
  type BuiltPerson,
  buildOtherTeam,
  buildStranger,
  buildTeam,
  cookieHeaders,
  writeAccess,
} from './people.ts'
import { buildCapture } from './room.ts'

// Who stands before the doors of test/integration/access*.test.ts, and what each kind of door must say to each.

/** Everybody who may stand before a door. */
export const ACTORS = [
  'anonymous',
  'stranger',
  'owner of another team',
  'viewer',
  'editor',
  'owner on a foreign page',
  'guest viewer',
  'guest editor',
  'guest of an expired link',
  'guest of a revoked link',
  'machine',
  'machine of another room',
  'machine with a revoked token',
  'forged token',
  // Last: what she deletes is still there for everybody before her.
  'owner',
] as const
export type ActorName = (typeof ACTORS)[number]

/** What a door says: let in, or which refusal. Whatever happens behind the gate counts as let in. */
export type Verdict = 'in' | 'sign-in' | 'unknown' | 'read-only' | 'owner-only' | 'origin'

/** What each kind of door must say to each: the rest of the table follows from these lines. */
const LAW: Record<Needs, Partial<Record<ActorName, Verdict>> & { others: Verdict }> = {
  read: {
    anonymous: 'sign-in',
    stranger: 'unknown',
    'owner of another team': 'unknown',
    'guest of an expired link': 'unknown',
    'guest of a revoked link': 'unknown',
    'machine of another room': 'unknown',
    'machine with a revoked token': 'sign-in',
    'forged token': 'sign-in',
    others: 'in',
  },
  witness: {
    anonymous: 'sign-in',
    stranger: 'unknown',
    'owner of another team': 'unknown',
    'owner on a foreign page': 'origin',
    'guest of an expired link': 'unknown',
    'guest of a revoked link': 'unknown',
    'machine of another room': 'unknown',
    'machine with a revoked token': 'sign-in',
    'forged token': 'sign-in',
    others: 'in',
  },
  write: {
    anonymous: 'sign-in',
    stranger: 'unknown',
    'owner of another team': 'unknown',
    viewer: 'read-only',
    'guest viewer': 'read-only',
    'owner on a foreign page': 'origin',
    'guest of an expired link': 'unknown',
    'guest of a revoked link': 'unknown',
    'machine of another room': 'unknown',
    'machine with a revoked token': 'sign-in',
    'forged token': 'sign-in',
    others: 'in',
  },
  owner: {
    anonymous: 'sign-in',
    stranger: 'unknown',
    'owner of another team': 'unknown',
    viewer: 'read-only',
    'guest viewer': 'read-only',
    editor: 'owner-only',
    'guest editor': 'owner-only',
    machine: 'owner-only',
    'owner on a foreign page': 'origin',
    'guest of an expired link': 'unknown',
    'guest of a revoked link': 'unknown',
    'machine of another room': 'unknown',
    'machine with a revoked token': 'sign-in',
    'forged token': 'sign-in',
    others: 'in',
  },
  // A token names its own room: another room's machine writes there, never here.
  token: { machine: 'in', 'machine of another room': 'in', others: 'sign-in' },
  team: { viewer: 'in', editor: 'in', owner: 'in', 'owner on a foreign page': 'in', ...withoutTeam() },
  // The team that she looks at: everybody's own, so the owner of another team works in hers.
  'own-team-writer': {
    editor: 'in',
    owner: 'in',
    'owner of another team': 'in',
    viewer: 'read-only',
    'owner on a foreign page': 'origin',
    ...withoutTeam(),
  },
  'team-owner': {
    owner: 'in',
    editor: 'owner-only',
    viewer: 'owner-only',
    'owner on a foreign page': 'origin',
    ...withoutTeam(),
  },
  open: { others: 'in' },
  session: {
    anonymous: 'sign-in',
    machine: 'sign-in',
    'machine of another room': 'sign-in',
    'machine with a revoked token': 'sign-in',
    'forged token': 'sign-in',
    others: 'in',
  },
}

function withoutTeam() {
  return {
    anonymous: 'sign-in',
    machine: 'sign-in',
    'machine of another room': 'sign-in',
    'machine with a revoked token': 'sign-in',
    'forged token': 'sign-in',
    others: 'unknown',
  } as const
}

/** The refusals of the gate, by code. */
export const SAYS: Partial<Record<FailureCode, Verdict>> = {
  'access/sign-in': 'sign-in',
  'access/unknown': 'unknown',
  'access/read-only': 'read-only',
  'access/owner-only': 'owner-only',
  'access/origin': 'origin',
}
// Made where the codes are literal, so that each is checked against its sentence's detail.
export const SENTENCES: ReadonlyMap<string, Verdict> = new Map<string, Verdict>([
  [new UserError('access/sign-in').message, 'sign-in'],
  [new UserError('access/unknown').message, 'unknown'],
  [new UserError('access/read-only').message, 'read-only'],
  [new UserError('access/owner-only').message, 'owner-only'],
  [new UserError('access/origin').message, 'origin'],
])

/** What a door of this kind must say to this actor. */
export const lawOf = (needs: Needs, who: ActorName): Verdict => LAW[needs][who] ?? LAW[needs].others

/** What it must say to everybody. */
export const lawFor = (needs: Needs): Record<ActorName, Verdict> => everybody((who) => lawOf(needs, who))

/** One value for each actor. */
export function everybody<T>(value: (who: ActorName) => T): Record<ActorName, T> {
  // reason: every actor is among the entries.
  return Object.fromEntries(ACTORS.map((who) => [who, value(who)])) as Record<ActorName, T>
}

/** The headers that each of them sends, and the room that they all try to enter. */
export interface AtTheDoor {
  readonly place: Place
  readonly headers: Record<ActorName, Headers>
  /** The one who founded the team, for what a test puts into the room. */
  readonly owner: BuiltPerson
}

/** A team with a room, and everybody outside and inside it. Needs `connectDatabase` on an empty database. */
export async function buildActors(): Promise<AtTheDoor> {
  const { team, room, owner, editor, viewer } = await buildTeam()
  const access = await writeAccess(owner, room)
  const otherRoom = await createInvestigation(team, 'Another room')
  const bearer = (token: string) => new Headers({ authorization: `Bearer ${token}` })
  const guest = async (name: string, role: RoomRole) => {
    const { path, row } = await createShareLink(access, { role, expiresAt: Date.now() + 3_600_000 })
    const { cookies } = await enterByShareLink(path.replace('/share/', ''), { name })
    return { headers: cookieHeaders(cookies), linkId: row.id }
  }
  const expired = await guest('Ex Pired', 'editor')
  await db().shareLink.update({ where: { id: expired.linkId }, data: { expiresAt: new Date(1) } })
  const revoked = await guest('Re Voked', 'editor')
  await revokeShareLink(access, revoked.linkId)
  const ended = await createApiToken(access, 'ended')
  await revokeApiToken(access, ended.row.id)
  const elsewhere = await buildOtherTeam()
  const itsRoom = await createInvestigation(elsewhere.team, 'A room of the other team')
  const foreign = new Headers(owner.headers)
  foreign.set('origin', 'https://evil.example')
  foreign.set('host', 'room.test')

  const actors: Record<ActorName, Headers> = {
    anonymous: new Headers(),
    stranger: (await buildStranger('Nora')).headers,
    'owner of another team': elsewhere.owner.headers,
    viewer: viewer.headers,
    editor: editor.headers,
    owner: owner.headers,
    'owner on a foreign page': foreign,
    'guest viewer': (await guest('Gil', 'viewer')).headers,
    'guest editor': (await guest('Gus', 'editor')).headers,
    'guest of an expired link': expired.headers,
    'guest of a revoked link': revoked.headers,
    machine: bearer((await createApiToken(access, 'app-07')).token),
    'machine of another room': bearer(
      (await createApiToken(await writeAccess(owner, otherRoom), 'app-08')).token,
    ),
    'machine with a revoked token': bearer(ended.token),
    'forged token': bearer(`lr_${'x'.repeat(43)}`),
  }
  const { id: capture } = await buildCapture(access, 'ready', 'a0')
  return { place: { room, team: team.teamId, otherRoom: itsRoom, capture }, headers: actors, owner }
}
