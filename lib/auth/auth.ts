import { betterAuth } from 'better-auth'
import { prismaAdapter } from 'better-auth/adapters/prisma'
import { organization } from 'better-auth/plugins'
import { memberAc, ownerAc } from 'better-auth/plugins/organization/access'
import { db } from '#lib/db/client'
import { env } from '#lib/env'
import { isOwnOrigin } from './origin.ts'
import { authSecret } from './secret.ts'
import { refuseUnverified, singleSignOn } from './single-sign-on.ts'

/** Shortest password that may be set. */
export const MIN_PASSWORD = 10

const DAYS = 24 * 60 * 60

/**
 * What a browser may call under /api/auth, everything else answers 404: accounts and teams are made and changed by our own
 * server actions (lib/db/teams.ts, lib/auth/welcome.ts), which take an access value. A test compares this list with the
 * paths that better-auth offers, so that an update cannot open a new door unseen.
 */
export const OPEN_AUTH_PATHS: readonly string[] = [
  '/ok',
  '/get-session',
  '/sign-in/email',
  '/sign-in/social',
  '/callback/:id',
  '/sign-out',
]

function build() {
  const settings = env()
  return betterAuth({
    appName: 'Leakroom',
    baseURL: settings.BASE_URL ?? `http://${settings.HOST}:${settings.PORT}`,
    secret: authSecret(),
    database: prismaAdapter(db(), { provider: 'postgresql' }),
    telemetry: { enabled: false },
    // People reach a server by several names (localhost, 127.0.0.1, a LAN name): the host that the request was sent to is ours.
    trustedOrigins: (request) =>
      request && isOwnOrigin(request.headers) ? [request.headers.get('origin')] : [],
    emailAndPassword: { enabled: true, minPasswordLength: MIN_PASSWORD, maxPasswordLength: 200 },
    user: {
      additionalFields: { guest: { type: 'boolean', required: false, defaultValue: false, input: false } },
      validateUserInfo: refuseUnverified,
    },
    // A guest has no password to come back with, so her session is as long as browsers keep a cookie.
    session: { expiresIn: 365 * DAYS, updateAge: 7 * DAYS },
    account: { accountLinking: { enabled: false }, updateAccountOnSignIn: false },
    // We ask the provider who somebody is, once: its keys to her other things are not ours to keep.
    databaseHooks: {
      account: {
        create: {
          before: async (account) => ({
            data: { ...account, accessToken: null, refreshToken: null, idToken: null },
          }),
        },
      },
    },
    // Ours are in limits.ts: per e-mail as well, and the same in tests.
    rateLimit: { enabled: false },
    onAPIError: { errorURL: '/sign-in' },
    advanced: { cookiePrefix: 'leakroom', defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' } },
    logger: { level: 'error' },
    plugins: [
      organization({
        // Roles are ours (lib/investigation/roles.ts) and the gate decides; the plugin needs to know their names.
        roles: { owner: ownerAc, editor: memberAc, viewer: memberAc },
        creatorRole: 'owner',
        allowUserToCreateOrganization: false,
      }),
      singleSignOn(),
    ],
  })
}

type Auth = ReturnType<typeof build>
const KEY = Symbol.for('leakroom.auth')
const shared = globalThis as { [KEY]?: Auth }

/** This process's better-auth, made on first use. The server and Next's bundles share it. */
export const auth = (): Auth => (shared[KEY] ??= build())

/** For tests that change the environment or the database: the next `auth()` is made anew. */
export function forgetAuth(): void {
  delete shared[KEY]
}
