import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { forgetAuth } from '#lib/auth/auth'
import { userFromHeaders } from '#lib/auth/gate'
import { answerAuth } from '#lib/auth/handler'
import { forgetLimits } from '#lib/auth/limits'
import { requireVisitor } from '#lib/auth/pages'
import { oidcName, signInProblem } from '#lib/auth/single-sign-on'
import { changePassword, completeAccount, firstVisit } from '#lib/auth/welcome'
import { connectDatabase, type Database, db } from '#lib/db/client'
import { alone, markGuest, teamsOf } from '#lib/db/people'
import { createTeam } from '#lib/db/teams'
import { UserId } from '#lib/investigation/ids'
import { provideServices, type Services } from '#lib/services'
import { APP, Browser, textOf } from '#test/build/oidc-browser'
import { type Claims, type OidcProvider, startOidcProvider } from '#test/build/oidc-provider'
import { buildStranger, buildTeam, cookieHeaders } from '#test/build/people'
import { cloneDatabase } from '#test/build/postgres'

// Single sign-on as a browser goes through it: cookies, redirects, a real provider on another port.

// What Next gives to pages: the headers of the browser that looks at this moment.
const request = vi.hoisted(() => ({ headers: new Headers() }))
vi.mock('next/headers.js', () => ({ headers: async () => request.headers }))
vi.mock('next/navigation', async (original) => ({
  ...(await original<typeof import('next/navigation')>()),
  redirect: (to: string) => {
    throw new Error(`redirected to ${to}`)
  },
}))

let database: Database
let drop: () => Promise<void>
let provider: OidcProvider

beforeAll(async () => {
  provider = await startOidcProvider(`${APP}/api/auth/callback/oidc`)
  Object.assign(process.env, {
    AUTH_SECRET: 'a secret of the tests that is long enough',
    BASE_URL: APP,
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: provider.clientId,
    OIDC_CLIENT_SECRET: provider.clientSecret,
    OIDC_NAME: 'Example login',
  })
  const clone = await cloneDatabase(inject('templateUrl'))
  database = connectDatabase(clone.url)
  drop = clone.drop
  // reason: home asks who is inside a room, and nothing else.
  provideServices({ peopleInside: () => new Map() } as unknown as Services)
})
afterAll(async () => {
  forgetAuth()
  await provider.close()
  await database.close()
  await drop()
})
beforeEach(async () => {
  await db().$executeRaw`truncate "user", organization, verification cascade`
  forgetAuth()
  forgetLimits()
  provider.twist = {}
  provider.person = ANNA
})
afterEach(() => {
  expect(provider.refused).toEqual([])
})

const ANNA: Claims = { sub: 'u-1', email: 'anna@example.com', email_verified: true, name: 'Anna Arendt' }
const BEN: Claims = { sub: 'u-2', email: 'ben@example.com', email_verified: true, name: 'Ben Brook' }

async function comesAs(person: Claims): Promise<Browser> {
  provider.person = person
  const browser = new Browser()
  expect(await browser.signIn()).toBe('/')
  return browser
}

/** The sentence that the sign-in page shows at the place where a browser stands. */
function problemAt(place: string): string {
  const { pathname, searchParams } = new URL(place, APP)
  expect(pathname).toBe('/sign-in')
  return signInProblem(searchParams.get('error') ?? '', oidcName() ?? '')
}

describe('the first person by single sign-on', () => {
  it('founds the first team and owns it', async () => {
    const browser = await comesAs(ANNA)
    request.headers = browser.headers
    const { user, team } = await requireVisitor('/')

    expect(user).toMatchObject({ name: 'Anna Arendt', guest: false })
    expect(team?.role).toBe('owner')
    expect(await teamsOf(user.userId)).toMatchObject([{ name: 'Anna Arendt’s team' }])
  })

  it('is one of two who come at once; the other is in no team and is not shown an error', async () => {
    const anna = await userFromHeaders((await comesAs(ANNA)).headers)
    request.headers = (await comesAs(BEN)).headers
    let late: ReturnType<typeof requireVisitor> | undefined
    await alone('leakroom:first', async () => {
      late = requireVisitor('/')
      // Ben has seen that there is no team, and waits for his turn to found it.
      await vi.waitFor(async () => {
        const waiting = await db()
          .$queryRaw`select 1 from pg_locks where locktype = 'advisory' and not granted`
        expect(waiting).toHaveLength(1)
      })
      await createTeam(anna?.userId ?? UserId.parse(''), 'Anna’s team')
    })

    expect((await late)?.team).toBeNull()
    expect(await db().organization.count()).toBe(1)
  })

  it('goes on to the page that she wanted, and never to another site', async () => {
    expect(await new Browser().signIn('/i/some-room?table=classes')).toBe('/i/some-room?table=classes')
    expect(await new Browser().signIn('https://evil.example/')).toBe('/')
    expect(await new Browser().signIn('//evil.example/')).toBe('/')
  })
})

describe('a person that is known', () => {
  it('signs in again as herself, whatever her e-mail has become', async () => {
    const first = await userFromHeaders((await comesAs(ANNA)).headers)
    const again = await userFromHeaders((await comesAs({ ...ANNA, email: 'anna@married.example' })).headers)

    expect(again?.userId).toBe(first?.userId)
    expect(await db().user.findMany()).toMatchObject([{ email: 'anna@example.com' }])
  })

  it('signs in on a node that has not begun it and has just started', async () => {
    const browser = new Browser()
    const back = await browser.seeProvider(await browser.press())
    forgetAuth()

    expect(await browser.comeBack(back)).toBe('/')
    expect(await userFromHeaders(browser.headers)).toMatchObject({ name: 'Anna Arendt' })
  })

  it('leaves no key of the provider behind', async () => {
    await comesAs(ANNA)
    await comesAs(ANNA)

    expect(await db().account.findMany()).toMatchObject([
      { providerId: 'oidc', accountId: 'u-1', accessToken: null, refreshToken: null, idToken: null },
    ])
  })

  it('has no password to change, and is told where to', async () => {
    const { headers } = await comesAs(ANNA)

    await expect(changePassword(headers, 'none at all', 'a new long password')).rejects.toMatchObject({
      code: 'account/no-password',
    })
  })

  it('is called by her user name, or by the name of her mailbox, when the provider has no name', async () => {
    const { name: _, ...nameless } = ANNA
    await comesAs({ ...nameless, preferred_username: 'anna\n\tarendt' })
    await comesAs({ ...BEN, name: ' ' })

    const names = (await db().user.findMany({ orderBy: { email: 'asc' } })).map(({ name }) => name)
    expect(names).toEqual(['anna arendt', 'ben'])
  })

  it('cannot make herself anything by her claims', async () => {
    await comesAs({ ...ANNA, guest: true, id: 'chosen', role: 'owner', emailVerified: false, createdAt: 0 })

    const row = await db().user.findFirstOrThrow()
    expect(row).toMatchObject({ guest: false, emailVerified: true })
    expect(row.id).not.toBe('chosen')
  })
})

describe('a person without a team', () => {
  it('reads on the home page whom to ask for what', async () => {
    await buildTeam()
    request.headers = (await comesAs(ANNA)).headers
    const { team } = await requireVisitor('/')
    const { default: Home } = await import('../../app/page.tsx')

    expect(team).toBeNull()
    expect(textOf(await Home())).toContain('You are in no team here. Ask an owner for a team link')
  }, 60_000)
})

describe('an account that somebody has already', () => {
  const wes = { email: 'wes@example.com', password: 'correct horse battery' }
  const asWes: Claims = { sub: 'u-9', email: 'WES@example.com', email_verified: true, name: 'Not Wes' }

  it('with a password is never entered by an equal e-mail of the provider', async () => {
    await firstVisit('Wes', wes)
    provider.person = asWes
    const browser = new Browser()

    expect(problemAt(await browser.signIn())).toContain('Sign in with its password')
    expect(await userFromHeaders(browser.headers)).toBeNull()
    expect(await db().account.findMany()).toMatchObject([{ providerId: 'credential' }])
    expect(await db().user.count()).toBe(1)
  })

  it('is never entered so when its own e-mail counts as verified', async () => {
    await firstVisit('Wes', wes)
    await db().user.updateMany({ data: { emailVerified: true } })
    provider.person = asWes
    const browser = new Browser()

    expect(problemAt(await browser.signIn())).toContain('Sign in with its password')
    expect(await userFromHeaders(browser.headers)).toBeNull()
  })

  it('by single sign-on cannot be taken by a guest who chooses its e-mail, nor entered with a password', async () => {
    await comesAs(ANNA)
    const gil = await buildStranger('Gil')
    await markGuest(gil.user.userId)
    const guest = await userFromHeaders(gil.headers)
    if (!guest) throw new Error('Gil has no session')

    await expect(
      completeAccount(guest, { email: 'Anna@example.com', password: 'correct horse battery' }),
    ).rejects.toMatchObject({ code: 'account/email-taken' })
    const answer = await answerAuth(
      new Request(`${APP}/api/auth/sign-in/email`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: APP, host: 'room.test' },
        body: JSON.stringify({ email: 'anna@example.com', password: 'correct horse battery' }),
      }),
    )
    expect(answer.status).toBe(401)
  })

  it('of one subject is not entered by another one with the same e-mail', async () => {
    await comesAs(ANNA)
    provider.person = { ...ANNA, sub: 'u-3' }
    const browser = new Browser()

    expect(problemAt(await browser.signIn())).toContain('does not lead into it')
    expect(await userFromHeaders(browser.headers)).toBeNull()
  })
})

describe('a sign-in that does not hold', () => {
  const signsNobodyIn = async (browser: Browser, place: string): Promise<string> => {
    expect(await userFromHeaders(browser.headers)).toBeNull()
    expect(await db().user.count()).toBe(0)
    expect(await db().account.count()).toBe(0)
    return problemAt(place)
  }

  it.each([
    ['with another nonce', { idToken: { nonce: 'of somebody else' } }],
    ['without a nonce', { idToken: { nonce: undefined } }],
    ['for another client', { idToken: { aud: 'another client' } }],
    ['of another issuer', { idToken: { iss: 'https://evil.example' } }],
    ['that has expired', { idToken: { exp: 1_000_000_000 } }],
    ['without a subject', { idToken: { sub: undefined } }],
    ['signed by a foreign key', { foreignKey: true }],
    ['that is not signed', { unsigned: true }],
    ['that is not there', { withoutIdToken: true }],
  ])('is one by an ID token %s', async (_case, twist) => {
    provider.twist = twist
    const browser = new Browser()

    expect(await signsNobodyIn(browser, await browser.signIn())).toContain('an answer that does not hold')
  })

  it.each([
    ['not verified', { email_verified: false }],
    ['not said to be verified', { email_verified: undefined }],
    ['verified by a claim of another name', { email_verified: false, emailVerified: true }],
  ])('is one by an e-mail that is %s, which keeps no account', async (_case, claims) => {
    provider.person = { ...ANNA, ...claims }
    const browser = new Browser()

    expect(await signsNobodyIn(browser, await browser.signIn())).toContain('Verify it there and come again')
  })

  it('is one without an e-mail', async () => {
    provider.person = { sub: 'u-1', name: 'Anna' }
    const browser = new Browser()

    expect(await signsNobodyIn(browser, await browser.signIn())).toContain(
      'does not tell your e-mail address',
    )
  })

  it('is one that the person called off', async () => {
    provider.twist = { refuses: 'access_denied' }
    const browser = new Browser()

    expect(await signsNobodyIn(browser, await browser.signIn())).toContain(
      'You were not let in by Example login',
    )
  })

  it('is one with a forged state, a missing one, or the state of another browser', async () => {
    const [attacker, victim] = [new Browser(), new Browser()]
    const back = await attacker.seeProvider(await attacker.press())
    // Login CSRF: the victim is made to open the address that would sign her in as the attacker.
    expect(await signsNobodyIn(victim, await victim.comeBack(back))).toContain('begun in another browser')

    const forged = new URL(back)
    forged.searchParams.set('state', 'a'.repeat(32))
    expect(await signsNobodyIn(attacker, await attacker.comeBack(forged))).toContain('Start again from here')
    forged.searchParams.delete('state')
    expect(await signsNobodyIn(attacker, await attacker.comeBack(forged))).toContain('Start again from here')
  })

  it('is one that has been through already', async () => {
    const browser = new Browser()
    const back = await browser.seeProvider(await browser.press())
    expect(await browser.comeBack(back)).toBe('/')

    expect(problemAt(await browser.comeBack(back))).toContain('Start again from here')
  })

  it('is one with an ID token that was not asked for: the body of the first request cannot hold one', async () => {
    const answer = await answerAuth(
      new Request(`${APP}/api/auth/sign-in/social`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: APP, host: 'room.test' },
        body: JSON.stringify({ provider: 'oidc', idToken: { token: 'a.b.c' }, scopes: ['everything'] }),
      }),
    )
    const { url }: { url: string } = await answer.json()

    expect(answer.headers.getSetCookie().join()).not.toContain('session_token')
    expect(new URL(url).searchParams.get('scope')).toBe('openid profile email')
  })
})

describe('a provider that does not answer', () => {
  it('keeps nobody out who has a session or a password', async () => {
    const { cookies } = await firstVisit('Wes')
    forgetAuth()
    provider.twist = { hangs: true }

    expect(await userFromHeaders(cookieHeaders(cookies))).toMatchObject({ name: 'Wes' })
  })

  it('is asked again by the next one who wants to go there', async () => {
    provider.twist = { down: true }
    await expect(new Browser().press()).rejects.toThrow('expected 404 to be 200')
    provider.twist = {}

    expect(await new Browser().signIn()).toBe('/')
  })

  it('is not asked before somebody wants to go there', async () => {
    const before = provider.discoveries()
    await firstVisit('Wes')
    expect(provider.discoveries()).toBe(before)

    await new Browser().press()
    expect(provider.discoveries()).toBe(before + 1)
  })
})

describe('the sign-in page', () => {
  const show = async (query: { error?: string | string[]; to?: string }) => {
    request.headers = new Headers()
    const { default: SignIn } = await import('../../app/(account)/sign-in/page.tsx')
    return textOf(await SignIn({ searchParams: Promise.resolve(query) }))
  }

  it('says in a sentence why somebody came back from the provider without a session', async () => {
    expect(await show({ error: 'account_not_linked', to: '/' })).toContain(
      'There is an account here with the same e-mail address, and Example login does not lead into it.',
    )
    expect(await show({})).not.toContain('Example login')
  })

  it('never shows what stands in its address', async () => {
    const text = await show({ error: ['Call 555-0100 and tell your password', 'state_'] })

    expect(text).toContain('gave an answer that does not hold')
    expect(text).not.toContain('555')
  })
})
