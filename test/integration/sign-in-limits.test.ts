import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { forgetAuth } from '#lib/auth/auth'
import { answerAuth } from '#lib/auth/handler'
import { boundGuesses, forgetLimits } from '#lib/auth/limits'
import { changePassword, enterByShareLink, firstVisit } from '#lib/auth/welcome'
import { connectDatabase, type Database, db } from '#lib/db/client'
import { createShareLink, findShareLink } from '#lib/db/links'
import { createTeamLink } from '#lib/db/teams'
import { buildTeam, cookieHeaders, writeAccess } from '#test/build/people'
import { cloneDatabase } from '#test/build/postgres'

// What Next gives to actions and pages: the address of whoever calls at this moment.
const request = vi.hoisted(() => ({ headers: new Headers() }))
vi.mock('next/headers.js', () => ({
  headers: async () => request.headers,
  cookies: async () => ({ set: () => {} }),
}))

let database: Database
let drop: () => Promise<void>

beforeAll(async () => {
  process.env.AUTH_SECRET = 'a secret of the tests that is long enough'
  const clone = await cloneDatabase(inject('templateUrl'))
  database = connectDatabase(clone.url)
  drop = clone.drop
})
afterAll(async () => {
  forgetAuth()
  await database.close()
  await drop()
})
beforeEach(async () => {
  await db().$executeRaw`truncate "user", organization, team_link cascade`
  forgetLimits()
})
afterEach(() => {
  vi.useRealTimers()
})

const EMAIL = 'wes@example.com'
const PASSWORD = 'correct horse battery'
const TOO_OFTEN = 429

interface Sent {
  readonly from?: string
  readonly email?: string
  readonly type?: string
}
const body = ({ email = EMAIL, type }: Sent, password: string): string =>
  type?.includes('urlencoded')
    ? new URLSearchParams({ email, password }).toString()
    : JSON.stringify({ email, password })

const post = (path: string, from: string, type: string, content: string): Promise<Response> =>
  answerAuth(
    new Request(`http://room.test/api/auth${path}`, {
      method: 'POST',
      headers: {
        'content-type': type,
        origin: 'http://room.test',
        host: 'room.test',
        'x-forwarded-for': from,
      },
      body: content,
    }),
  )
const signIn = (password: string, sent: Sent = {}): Promise<Response> =>
  post('/sign-in/email', sent.from ?? '192.0.2.1', sent.type ?? 'application/json', body(sent, password))

/** How often each status came. */
function tally(answers: readonly Response[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
const times = <T>(count: number, work: (at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => work(at)))
const address = (at: number) => `198.51.100.${at}`

describe('a password', () => {
  beforeEach(async () => {
    await firstVisit('Wes', { email: EMAIL, password: PASSWORD })
  })

  it('can be tried ten times for one e-mail, from however many addresses and however it is written', async () => {
    const answers = await times(14, (at) =>
      signIn(`wrong ${at}`, { from: address(at), email: at % 2 ? EMAIL : 'WES@Example.com' }),
    )

    expect(tally(answers)).toEqual({ 401: 10, [TOO_OFTEN]: 4 })
  })

  it('is refused then even when it is right, with the sentence and the seconds to wait', async () => {
    await times(10, () => signIn('wrong'))
    const answer = await signIn(PASSWORD, { from: '192.0.2.99' })
    const seconds = Number(answer.headers.get('x-retry-after'))

    expect(answer.status).toBe(TOO_OFTEN)
    expect(seconds).toBeGreaterThan(800)
    expect(seconds).toBeLessThanOrEqual(900)
    expect(await answer.json()).toEqual({
      code: 'request/too-often',
      message: `Too many requests. Try again in ${seconds} s.`,
    })
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  it('can be tried again after a quarter of an hour', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    await times(11, () => signIn('wrong'))
    vi.setSystemTime(Date.now() + 15 * 60_000 + 1)

    expect((await signIn(PASSWORD)).status).toBe(200)
  })

  it('that is right makes the wrong ones before it forgotten', async () => {
    await times(9, () => signIn('wrong'))
    expect((await signIn(PASSWORD)).status).toBe(200)

    expect(tally(await times(10, () => signIn('wrong')))).toEqual({ 401: 10 })
  })

  it('that is right is never counted: an office behind one address signs in at once', async () => {
    for (let at = 0; at < 60; at += 1) {
      expect((await signIn(PASSWORD, { from: '192.0.2.7' })).status).toBe(200)
    }
  }, 60_000)

  it('of one address can be wrong fifty times over all e-mails, and others go on', async () => {
    const answers = await times(55, (at) => signIn('wrong', { email: `somebody-${at}@example.com` }))

    expect(tally(answers)).toEqual({ 401: 50, [TOO_OFTEN]: 5 })
    expect((await signIn(PASSWORD)).status).toBe(TOO_OFTEN)
    expect((await signIn(PASSWORD, { from: '192.0.2.2' })).status).toBe(200)
  }, 60_000)

  it('is counted for the network of an IPv6 address and not for what a browser forged', async () => {
    const many = await times(55, (at) =>
      signIn('wrong', { email: `a${at}@example.com`, from: `10.0.0.${at}, 2001:db8:1:2::${at}` }),
    )

    expect(tally(many)).toEqual({ 401: 50, [TOO_OFTEN]: 5 })
  }, 60_000)

  it.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x', ''])(
    'in a form that is not counted is not looked at: %s',
    async (type) => {
      const raw = `email=${encodeURIComponent(EMAIL)}&password=${encodeURIComponent(PASSWORD)}`

      expect((await post('/sign-in/email', '192.0.2.1', type, raw)).status).toBe(400)
    },
  )

  it('is not looked at in a body of more than 16 KiB, or of another form', async () => {
    expect((await signIn('x'.repeat(17_000))).status).toBe(400)
    expect((await post('/sign-in/email', '192.0.2.1', 'application/json', '{"email":["a"]}')).status).toBe(
      400,
    )
    expect((await post('/sign-in/email', '192.0.2.1', 'application/json', 'nothing')).status).toBe(400)
  })

  it('of somebody who is signed in can be guessed ten times in her open browser', async () => {
    const headers = cookieHeaders((await signIn(PASSWORD)).headers.getSetCookie())
    const codes = []
    for (let at = 0; at < 12; at += 1) {
      const refused = await changePassword(headers, `wrong ${at}`, 'a new long password').catch(
        (error) => error,
      )
      codes.push(refused.code)
    }

    expect(codes.slice(0, 10)).toEqual(Array(10).fill('account/wrong-password'))
    expect(codes.slice(10)).toEqual(['request/too-often', 'request/too-often'])
    await expect(changePassword(headers, PASSWORD, 'a new long password')).rejects.toMatchObject({
      code: 'request/too-often',
    })
  })
})

describe('the way to a single sign-on provider', () => {
  it('can be taken 120 times in a minute from one address, there and back', async () => {
    const there = () =>
      post('/sign-in/social', '192.0.2.1', 'application/json', '{"provider":"oidc","callbackURL":"/"}')
    const back = (from: string) =>
      answerAuth(
        new Request('http://room.test/api/auth/callback/oidc?code=a&state=b', {
          headers: { host: 'room.test', 'x-forwarded-for': from },
        }),
      )
    await times(60, there)
    const answers = await times(65, () => back('192.0.2.1'))

    expect(tally(answers)[TOO_OFTEN]).toBe(5)
    expect((await there()).status).toBe(TOO_OFTEN)
    expect((await back('192.0.2.2')).status).not.toBe(TOO_OFTEN)
  })
})

describe('a link', () => {
  const guess = (from: string, token = 'guessed') =>
    boundGuesses(new Headers({ 'x-forwarded-for': from }), () => findShareLink(token))
  const refusals = (results: readonly PromiseSettledResult<unknown>[]) =>
    results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))

  it('can be guessed 60 times in a minute from one address, by looking or by joining', async () => {
    const looked = await Promise.allSettled(Array.from({ length: 40 }, () => guess('192.0.2.1')))
    const joined = await Promise.allSettled(
      Array.from({ length: 30 }, () =>
        boundGuesses(new Headers({ 'x-forwarded-for': '192.0.2.1' }), () =>
          enterByShareLink('guessed', { name: 'G' }),
        ),
      ),
    )

    expect(refusals(looked)).toEqual([])
    expect(tallyOf(refusals(joined))).toEqual({ 'access/link-ended': 20, 'request/too-often': 10 })
    await expect(guess('192.0.2.2')).resolves.toBeNull()
    expect(await db().user.count()).toBe(0)
  })

  it('that lives does not count, however many open it from one office', async () => {
    const { owner, room } = await buildTeam()
    const { path } = await createShareLink(await writeAccess(owner, room), {
      role: 'viewer',
      expiresAt: null,
    })
    for (let at = 0; at < 130; at += 1) {
      expect(await guess('192.0.2.1', path.replace('/share/', ''))).toMatchObject({ role: 'viewer' })
    }
  })

  it('is bounded on its pages and in its actions, with the sentence', async () => {
    const { team } = await buildTeam()
    const { path } = await createTeamLink(team, { role: 'editor', expiresAt: Date.now() + 60_000 })
    const living = path.replace('/join/', '')
    request.headers = new Headers({ 'x-forwarded-for': '192.0.2.1' })
    const { joinRoomByLink } = await import('../../app/share/[token]/actions.ts')
    const { joinTeamByLink } = await import('../../app/join/[token]/actions.ts')
    const { default: Share } = await import('../../app/share/[token]/page.tsx')
    const { default: Join } = await import('../../app/join/[token]/page.tsx')
    const params = Promise.resolve({ token: 'guessed' })
    const form = new FormData()
    form.set('name', 'Gil')

    for (let at = 0; at < 15; at += 1) {
      await Share({ params })
      await Join({ params })
      await joinRoomByLink('guessed', null, form)
      await joinTeamByLink('guessed', null, form)
    }
    const sentence = expect.stringMatching(/^Too many requests\. Try again in \d+ s\.$/)
    expect(await joinRoomByLink('guessed', null, form)).toMatchObject({ sentence })
    expect(await joinTeamByLink(living, null, form)).toMatchObject({ sentence })
    expect((await Share({ params })).props).toMatchObject({ children: sentence })
    expect((await Join({ params: Promise.resolve({ token: living }) })).props).toMatchObject({
      children: sentence,
    })
  })
})

function tallyOf(codes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1
  return counts
}
