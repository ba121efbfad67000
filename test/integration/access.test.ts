import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { forgetAuth } from '#lib/auth/auth'
import { enterByShareLink } from '#lib/auth/welcome'
import { connectDatabase, type Database, db } from '#lib/db/client'
import { createInvestigation } from '#lib/db/investigations'
import { createShareLink, revokeShareLink } from '#lib/db/links'
import { createApiToken, revokeApiToken } from '#lib/db/tokens'
import { BUG_SENTENCE, type FailureCode, UserError } from '#lib/errors/user-error'
import type { RoomRole } from '#lib/investigation/roles'
import { provideServices, type Services } from '#lib/services'
import { DOORS, type Door, type Needs, type Place } from '#test/build/doors'
import { buildOtherTeam, buildStranger, buildTeam, cookieHeaders, writeAccess } from '#test/build/people'
import { cloneDatabase } from '#test/build/postgres'

// What Next gives to actions and to `requireReader`: here, the headers of whoever tries at this moment.
const request = vi.hoisted(() => ({ headers: new Headers() }))
vi.mock('next/headers.js', () => ({
  headers: async () => request.headers,
  cookies: async () => ({ set: () => {} }),
}))
vi.mock('next/cache', () => ({ revalidatePath: () => {} }))
vi.mock('next/navigation', () => ({
  redirect: (to: string) => {
    throw new Error(`redirected to ${to}`)
  },
  notFound: () => {
    throw new Error('not found')
  },
}))

/** Everybody who may stand before a door. */
const ACTORS = [
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
type ActorName = (typeof ACTORS)[number]

type Verdict = 'in' | 'sign-in' | 'unknown' | 'read-only' | 'owner-only' | 'origin'

/** What each kind of door must say to each: the rest of the table follows from these lines. */
const LAW: Record<Exclude<Needs, 'open'>, Partial<Record<ActorName, Verdict>> & { others: Verdict }> = {
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

const SAYS: Partial<Record<FailureCode, Verdict>> = {
  'access/sign-in': 'sign-in',
  'access/unknown': 'unknown',
  'access/read-only': 'read-only',
  'access/owner-only': 'owner-only',
  'access/origin': 'origin',
}
// Made where the codes are literal, so that each is checked against its sentence's detail.
const SENTENCES = new Map<string, Verdict>([
  [new UserError('access/sign-in').message, 'sign-in'],
  [new UserError('access/unknown').message, 'unknown'],
  [new UserError('access/read-only').message, 'read-only'],
  [new UserError('access/owner-only').message, 'owner-only'],
  [new UserError('access/origin').message, 'origin'],
])

let database: Database
let drop: () => Promise<void>
let place: Place
const actors = new Map<ActorName, Headers>()

beforeAll(async () => {
  process.env.AUTH_SECRET = 'a secret of the tests that is long enough'
  const clone = await cloneDatabase(inject('templateUrl'))
  database = connectDatabase(clone.url)
  drop = clone.drop
  // reason: whoever is let in may reach any service; none of them matters here.
  provideServices(new Proxy({}, { get: () => quiet }) as Services)
  await peopleAtTheDoor()
})
afterAll(async () => {
  forgetAuth()
  await database.close()
  await drop()
})
/** Answers every call and every property with itself, and is nothing to wait for. */
const quiet: unknown = new Proxy(() => quiet, { get: (_, name) => (name === 'then' ? undefined : quiet) })

async function peopleAtTheDoor(): Promise<void> {
  const { team, room, owner, editor, viewer } = await buildTeam()
  place = { room, team: team.teamId }
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
  const foreign = new Headers(owner.headers)
  foreign.set('origin', 'https://evil.example')
  foreign.set('host', 'room.test')

  const everybody: Record<ActorName, Headers> = {
    anonymous: new Headers(),
    stranger: (await buildStranger('Nora')).headers,
    'owner of another team': (await buildOtherTeam()).owner.headers,
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
  for (const name of ACTORS) actors.set(name, everybody[name])
}

/** Lets somebody try a door, and reads what it says. */
async function tryDoor(door: Door, who: ActorName): Promise<Verdict> {
  const headers = new Headers(actors.get(who))
  request.headers = headers
  const [file, name] = door.at.split('#') as [string, string]
  const module: Record<string, (...given: unknown[]) => Promise<unknown>> = await import(
    /* @vite-ignore */ resolve('app', file)
  )
  const call = module[name]
  if (!call) throw new Error(`${door.at} is not there`)
  const given = door.with ? door.with(place) : requestFor(door, name, headers)
  try {
    return await verdictOf(await call(...given))
  } catch (error) {
    if (error instanceof UserError) return SAYS[error.code] ?? 'in'
    // Thrown on beyond the gate: a redirect, or a part of the node that is not there in this test.
    return 'in'
  }
}

function requestFor({ at, body, query }: Door, method: string, headers: Headers): unknown[] {
  const params = {
    investigationId: place.room,
    captureId: '00000000-0000-4000-8000-000000000000',
    seriesId: '00000000-0000-4000-8000-000000000000',
  }
  const url = `http://room.test/${at.slice(0, at.indexOf('/route.ts'))}?${query ?? ''}`
  const content = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
  const sent = new Request(url, { method, headers, ...(content === undefined ? {} : { body: content }) })
  // Origin and Host are headers that a browser alone may set: this Request keeps them, since Node made it.
  return [sent, { params: Promise.resolve(params) }]
}

async function verdictOf(answer: unknown): Promise<Verdict> {
  const told = answer instanceof Response ? await answer.json().catch(() => null) : answer
  if (told && typeof told === 'object' && 'sentence' in told && typeof told.sentence === 'string') {
    if (told.sentence === BUG_SENTENCE) return 'in'
    return SENTENCES.get(told.sentence) ?? 'in'
  }
  return 'in'
}

describe('the table of doors', () => {
  it('holds every route and every server action of the app', async () => {
    const found = (await doorsOfTheApp()).sort()

    expect(DOORS.map(({ at }) => at).sort()).toEqual(found)
  })
})

describe.each(DOORS.filter(({ needs }) => needs !== 'open'))('$at, for $needs', (door) => {
  it.each(ACTORS)('%s', async (who) => {
    // reason: the open ones were taken out in the line above.
    const law = LAW[door.needs as Exclude<Needs, 'open'>]

    expect(await tryDoor(door, who)).toBe(law[who] ?? law.others)
  })
})

/** Exported methods of route files, and exported functions of files that start with 'use server'. */
async function doorsOfTheApp(): Promise<string[]> {
  const entries = await readdir('app', { recursive: true, withFileTypes: true })
  const doors: string[] = []
  for (const entry of entries) {
    if (!entry.isFile() || !/\.tsx?$/.test(entry.name)) continue
    const path = join(entry.parentPath, entry.name)
    const text = await readFile(path, 'utf8')
    const isRoute = entry.name === 'route.ts'
    if (!isRoute && !text.startsWith(`'use server'`)) continue
    for (const name of exportedNames(text)) doors.push(`${path.slice('app/'.length)}#${name}`)
  }
  return doors
}

function exportedNames(text: string): string[] {
  const functions = [...text.matchAll(/^export (?:async )?(?:function|const) (\w+)/gm)].map(
    (found) => found[1],
  )
  const listed = [...text.matchAll(/^export \{([^}]*)\}/gm)].flatMap((found) =>
    (found[1] ?? '').split(',').map((part) =>
      part
        .trim()
        .split(/\s+as\s+/)
        .at(-1),
    ),
  )
  const settings = new Set(['runtime', 'dynamic', 'maxDuration', 'revalidate', 'metadata'])
  return [...functions, ...listed].filter((name): name is string => !!name && !settings.has(name))
}
