import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { forgetAuth } from '#lib/auth/auth'
import { connectDatabase, type Database } from '#lib/db/client'
import { BUG_SENTENCE, UserError } from '#lib/errors/user-error'
import { provideServices, type Services } from '#lib/services'
import {
  ACTORS,
  type ActorName,
  type AtTheDoor,
  buildActors,
  everybody,
  lawFor,
  lawOf,
  SAYS,
  SENTENCES,
  type Verdict,
} from '#test/build/actors'
import { DOORS, type Door, PAGES } from '#test/build/doors'
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
    throw new Error('this page is not there')
  },
}))

let database: Database
let drop: () => Promise<void>
let atTheDoor: AtTheDoor

beforeAll(async () => {
  process.env.AUTH_SECRET = 'a secret of the tests that is long enough'
  const clone = await cloneDatabase(inject('templateUrl'))
  database = connectDatabase(clone.url)
  drop = clone.drop
  // reason: whoever is let in may reach any service; none of them matters here.
  provideServices(new Proxy({}, { get: () => quiet }) as Services)
  atTheDoor = await buildActors()
})
afterAll(async () => {
  forgetAuth()
  await database.close()
  await drop()
})
/** Answers every call and every property with itself, and is nothing to wait for. */
const quiet: unknown = new Proxy(() => quiet, { get: (_, name) => (name === 'then' ? undefined : quiet) })

/** Lets somebody try a door, and reads what it says. */
const NOT_FOUND = 'this page is not there'

async function tryDoor(door: Door, who: ActorName): Promise<Verdict> {
  const headers = new Headers(atTheDoor.headers[who])
  request.headers = headers
  const [file, name] = door.at.split('#') as [string, string]
  const module: Record<string, (...given: unknown[]) => Promise<unknown>> = await import(
    /* @vite-ignore */ resolve('app', file)
  )
  const call = module[name]
  if (!call) throw new Error(`${door.at} is not there`)
  return heard(() => call(...(door.with ? door.with(atTheDoor.place) : requestFor(door, name, headers))))
}

/** What a call says, whichever way it says it. */
async function heard(call: () => unknown): Promise<Verdict> {
  try {
    return await verdictOf(await call())
  } catch (error) {
    if (error instanceof UserError) return SAYS[error.code] ?? 'in'
    if (error instanceof Error && error.message.startsWith('redirected to /sign-in')) return 'sign-in'
    if (error instanceof Error && error.message === NOT_FOUND) return 'unknown'
    // Thrown on beyond the gate: a redirect, or a part of the node that is not there in this test.
    return 'in'
  }
}

function requestFor({ at, body, query }: Door, method: string, headers: Headers): unknown[] {
  const params = {
    investigationId: atTheDoor.place.room,
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

/** Of the open doors the one that anybody can go through without a secret. */
const HEALTH = 'api/health/route.ts#GET'

describe('the table of doors', () => {
  it('holds every route and every server action of the app', async () => {
    const found = (await doorsOfTheApp()).sort()

    expect(DOORS.map(({ at }) => at).sort()).toEqual(found)
  })

  it('holds every page and layout', async () => {
    const found = (await pagesOfTheApp()).sort()

    expect(PAGES.map(({ at }) => at).sort()).toEqual(found)
  })

  it('notices a door without a gate', async () => {
    const careless = everybody(() => 'in' as Verdict)
    for (const who of ACTORS) careless[who] = await heard(() => Response.json({ rows: ['secret'] }))

    for (const needs of [
      'read',
      'witness',
      'write',
      'owner',
      'token',
      'team',
      'own-team-writer',
      'team-owner',
      'session',
    ] as const)
      expect(careless).not.toEqual(lawFor(needs))
  })
})

describe.each([...PAGES, ...DOORS].filter(({ needs, at }) => needs !== 'open' || at === HEALTH))(
  '$at, for $needs',
  (door) => {
    it.each(ACTORS)('%s', async (who) => {
      expect(await tryDoor(door, who)).toBe(lawOf(door.needs, who))
    })
  },
)

/** Exported methods of route files, and exported functions of files that start with 'use server'. */
const doorsOfTheApp = (): Promise<string[]> =>
  exportsOf((name, text) => name === 'route.ts' || text.startsWith(`'use server'`))

/** Pages and layouts with what else they load (`generateMetadata`). */
const pagesOfTheApp = (): Promise<string[]> => exportsOf((name) => /^(page|layout)\.tsx$/.test(name))

async function exportsOf(isDoor: (fileName: string, text: string) => boolean): Promise<string[]> {
  const entries = await readdir('app', { recursive: true, withFileTypes: true })
  const doors: string[] = []
  for (const entry of entries) {
    if (!entry.isFile() || !/\.tsx?$/.test(entry.name)) continue
    const path = join(entry.parentPath, entry.name)
    const text = await readFile(path, 'utf8')
    if (!isDoor(entry.name, text)) continue
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
  const settings = new Set(['runtime', 'dynamic', 'maxDuration', 'revalidate', 'metadata', 'viewport'])
  const isPage = /^export default /m.test(text) ? ['default'] : []
  return [...isPage, ...functions, ...listed].filter((name): name is string => !!name && !settings.has(name))
}
