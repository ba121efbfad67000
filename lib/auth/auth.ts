import { betterAuth } from 'better-auth'
import { prismaAdapter } from 'better-auth/adapters/prisma'
import { type GenericOAuthConfig, genericOAuth, organization } from 'better-auth/plugins'
import { memberAc, ownerAc } from 'better-auth/plugins/organization/access'
import { db } from '#lib/db/client'
import { env } from '#lib/env'
import { isOwnOrigin } from './origin.ts'
import { authSecret } from './secret.ts'

/** The id of the one OpenID Connect provider that the environment can name. Its callback path holds it: never rename. */
export const OIDC_PROVIDER = 'oidc'

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
  '/error',
  '/get-session',
  '/sign-in/email',
  '/sign-in/oauth2',
  '/sign-in/social',
  '/callback/:id',
  '/oauth2/callback/:providerId',
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
    },
    // A guest has no password to come back with, so her session is as long as browsers keep a cookie.
    session: { expiresIn: 365 * DAYS, updateAge: 7 * DAYS },
    account: { accountLinking: { enabled: false } },
    // In memory, per node. Sign-in allows 3 in 10 s per address (better-auth's own rule for /sign-in).
    rateLimit: { enabled: settings.NODE_ENV !== 'test', window: 60, max: 100 },
    advanced: { cookiePrefix: 'leakroom', defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' } },
    logger: { level: 'error' },
    plugins: [
      organization({
        // Roles are ours (lib/investigation/roles.ts) and the gate decides; the plugin needs to know their names.
        roles: { owner: ownerAc, editor: memberAc, viewer: memberAc },
        creatorRole: 'owner',
        allowUserToCreateOrganization: false,
      }),
      genericOAuth({ config: oidcProviders() }),
    ],
  })
}

/** The OpenID Connect provider of the environment, when all three settings are there. */
function oidcProviders(): GenericOAuthConfig[] {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = env()
  if (!issuer || !clientId || !clientSecret) return []
  return [
    {
      providerId: OIDC_PROVIDER,
      discoveryUrl: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
      clientId,
      clientSecret,
      scopes: ['openid', 'profile', 'email'],
      pkce: true,
    },
  ]
}

/** The name on the single sign-on button, or null when there is none. */
export const oidcName = (): string | null => (oidcProviders().length > 0 ? env().OIDC_NAME : null)

type Auth = ReturnType<typeof build>
const KEY = Symbol.for('leakroom.auth')
const shared = globalThis as { [KEY]?: Auth }

/** This process's better-auth, made on first use. The server and Next's bundles share it. */
export const auth = (): Auth => (shared[KEY] ??= build())

/** For tests that change the environment or the database: the next `auth()` is made anew. */
export function forgetAuth(): void {
  delete shared[KEY]
}
