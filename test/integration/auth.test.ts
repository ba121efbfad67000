import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { auth, forgetAuth, OPEN_AUTH_PATHS } from '#lib/auth/auth'
import { userFromHeaders } from '#lib/auth/gate'
import { answerAuth, isOpenAuthPath } from '#lib/auth/handler'
import { isOwnOrigin } from '#lib/auth/origin'
import { authSecret } from '#lib/auth/secret'
import { changePassword, completeAccount, firstTeam, firstVisit } from '#lib/auth/welcome'
import { connectDatabase, type Database, db } from '#lib/db/client'
import { loadPerson } from '#lib/db/people'
import { env } from '#lib/env'
import { buildStranger, cookieHeaders } from '#test/build/people'
import { cloneDatabase } from '#test/build/postgres'

let database: Database
let drop: () => Promise<void>
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leakroom-auth-'))
  process.env.DATA_DIR = folder
  const clone = await cloneDatabase(inject('templateUrl'))
  database = connectDatabase(clone.url)
  drop = clone.drop
})
afterAll(async () => {
  forgetAuth()
  await database.close()
  await drop()
  await rm(folder, { recursive: true })
})
beforeEach(async () => {
  await db().$executeRaw`truncate "user", organization cascade`
})

const signIn = (email: string, password: string, origin = 'http://room.test') =>
  answerAuth(
    new Request('http://room.test/api/auth/sign-in/email', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin, host: 'room.test' },
      body: JSON.stringify({ email, password }),
    }),
  )

describe('the first visit', () => {
  it('lets somebody in by name alone, as the owner of the first team', async () => {
    const { user, cookies, team } = await firstVisit('Mike Perham')
    const session = await userFromHeaders(cookieHeaders(cookies))

    expect(session).toMatchObject({ userId: user.userId, name: 'Mike Perham', guest: true })
    expect(team.role).toBe('owner')
    expect(await db().organization.findFirst()).toMatchObject({ name: 'Mike Perham’s team' })
  })

  it('has one winner when eight people come at once', async () => {
    const names = Array.from({ length: 8 }, (_, at) => `Visitor ${at}`)
    const results = await Promise.allSettled(names.map((name) => firstVisit(name)))

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))
    expect(new Set(refused)).toEqual(new Set(['account/open-already']))
    expect(await db().user.count()).toBe(1)
    expect(await db().member.count({ where: { role: 'owner' } })).toBe(1)
  })

  it('asks for credentials when OPEN_FIRST_VISIT is off', async () => {
    // reason: the environment is parsed once; a test may change what it parsed.
    const settings = env() as { OPEN_FIRST_VISIT: boolean }
    settings.OPEN_FIRST_VISIT = false
    try {
      await expect(firstVisit('Mike')).rejects.toMatchObject({ code: 'access/sign-in' })
      const { user } = await firstVisit('Mike', { email: 'mike@example.com', password: 'a password of mine' })
      expect(await loadPerson(user.userId)).toMatchObject({ guest: false, email: 'mike@example.com' })
    } finally {
      settings.OPEN_FIRST_VISIT = true
    }
  })

  it('makes a first team for the first single sign-on, and for nobody after it', async () => {
    const first = await buildStranger('Anna')
    const second = await buildStranger('Ben')

    expect((await firstTeam(first.user)).role).toBe('owner')
    await expect(firstTeam(second.user)).rejects.toMatchObject({ code: 'account/open-already' })
  })
})

describe('an account', () => {
  it('of a guest becomes a full one with an e-mail and a password, and signs in with them', async () => {
    const { cookies } = await firstVisit('Wes')
    const session = await userFromHeaders(cookieHeaders(cookies))
    await completeAccount(session!, { email: 'Wes@Example.com', password: 'correct horse battery' })

    expect(await loadPerson(session!.userId)).toEqual({
      userId: session!.userId,
      name: 'Wes',
      email: 'wes@example.com',
      guest: false,
    })
    expect((await signIn('wes@example.com', 'correct horse battery')).status).toBe(200)
    expect((await signIn('wes@example.com', 'wrong horse battery')).status).toBe(401)
  })

  it('cannot take an address that another account has', async () => {
    await firstVisit('Wes', { email: 'wes@example.com', password: 'correct horse battery' })
    const other = await buildStranger('Jo')
    const guest = { ...(await userFromHeaders(other.headers))!, guest: true }

    await expect(
      completeAccount(guest, { email: 'WES@example.com', password: 'correct horse battery' }),
    ).rejects.toMatchObject({ code: 'account/email-taken' })
  })

  it('changes its password with the current one only, and is signed out everywhere else', async () => {
    const { cookies } = await firstVisit('Wes', { email: 'wes@example.com', password: 'first password' })
    const elsewhere = cookieHeaders(
      (await signIn('wes@example.com', 'first password')).headers.getSetCookie(),
    )
    const here = cookieHeaders(cookies)

    await expect(changePassword(here, 'not the first one', 'second password')).rejects.toMatchObject({
      code: 'account/wrong-password',
    })
    const fresh = await changePassword(here, 'first password', 'second password')

    expect(await userFromHeaders(elsewhere)).toBeNull()
    expect(await userFromHeaders(cookieHeaders(fresh))).toMatchObject({ name: 'Wes' })
    expect((await signIn('wes@example.com', 'first password')).status).toBe(401)
  })
})

describe('the session', () => {
  it('cookie is for the server only and is not sent from other sites', async () => {
    const { cookies } = await firstVisit('Wes')
    const cookie = cookies.find((value) => value.startsWith('leakroom.session_token='))

    expect(cookie).toMatch(/HttpOnly/i)
    expect(cookie).toMatch(/SameSite=Lax/i)
    expect(cookie).toMatch(/Path=\//i)
  })

  it('is refused when its cookie was forged or cut', async () => {
    const { cookies } = await firstVisit('Wes')
    const value = cookieHeaders(cookies).get('cookie') ?? ''
    const forged = value.replace(/=([^.]+)\./, '=somebodyelse.')

    expect(await userFromHeaders(new Headers({ cookie: forged }))).toBeNull()
    expect(await userFromHeaders(new Headers({ cookie: value.slice(0, -8) }))).toBeNull()
    expect(await userFromHeaders(new Headers())).toBeNull()
  })

  it('ends on sign-out', async () => {
    const { cookies } = await firstVisit('Wes')
    const headers = cookieHeaders(cookies)
    headers.set('origin', 'http://room.test')
    headers.set('host', 'room.test')
    await answerAuth(new Request('http://room.test/api/auth/sign-out', { method: 'POST', headers }))

    expect(await userFromHeaders(cookieHeaders(cookies))).toBeNull()
  })
})

describe('requests from other sites', () => {
  it('cannot sign anybody in', async () => {
    await firstVisit('Wes', { email: 'wes@example.com', password: 'first password' })

    expect((await signIn('wes@example.com', 'first password', 'https://evil.example')).status).toBe(403)
  })

  it.each([
    ['no Origin at all', {}, true],
    ['the host that it was sent to', { origin: 'http://room.test', host: 'room.test' }, true],
    ['another host', { origin: 'https://evil.example', host: 'room.test' }, false],
    ['another port', { origin: 'http://room.test:8080', host: 'room.test' }, false],
    ['a sandboxed frame', { origin: 'null', host: 'room.test' }, false],
    ['a prefix of our name', { origin: 'http://room.test.evil.example', host: 'room.test' }, false],
  ])('are told from our own by their Origin: %s', (_case, headers, own) => {
    expect(isOwnOrigin(new Headers(headers as Record<string, string>))).toBe(own)
  })
})

describe('better-auth over HTTP', () => {
  it('answers on the open paths only: no sign-up, no organization, no invitation', async () => {
    // reason: better-auth's endpoints each carry their path; the type of the map does not say so.
    const endpoints = Object.values(auth().api) as { path?: string }[]
    const paths = endpoints.flatMap(({ path }) => (path ? [path] : []))
    expect(paths.length).toBeGreaterThan(40)

    const open = new Set(paths.filter((path) => isOpenAuthPath(`/api/auth${path}`)))
    expect([...open].sort()).toEqual([...open].filter((path) => OPEN_AUTH_PATHS.includes(path)).sort())
    for (const path of [
      '/sign-up/email',
      '/organization/create',
      '/organization/invite-member',
      '/update-user',
    ]) {
      expect(paths).toContain(path)
      const closed = await answerAuth(
        new Request(`http://room.test/api/auth${path}`, {
          method: 'POST',
          headers: { origin: 'http://room.test', host: 'room.test', 'content-type': 'application/json' },
          body: '{}',
        }),
      )
      expect(closed.status).toBe(404)
    }
  })
})

describe('the secret', () => {
  it('is made once, for its owner’s eyes only, and is the same ever after', async () => {
    const first = authSecret()
    const kept = join(folder, 'secret')

    expect(first.length).toBeGreaterThanOrEqual(43)
    expect(authSecret()).toBe(first)
    expect((await readFile(kept, 'utf8')).trim()).toBe(first)
    expect((await stat(kept)).mode & 0o777).toBe(0o600)
  })
})
