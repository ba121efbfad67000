import type { BetterAuthOptions } from 'better-auth'
import { type GenericOAuthConfig, genericOAuth } from 'better-auth/plugins'
import { env } from '#lib/env'

// Sign-in through the one OpenID Connect provider that the environment can name. Who a person is, is the provider's subject
// and nothing else: an e-mail address never leads into an account that somebody has already.

/** The provider's id. The callback path and the stored accounts hold it: never rename. */
export const OIDC_PROVIDER = 'oidc'

/** The provider of the environment, when all three settings are there. */
function providers(): GenericOAuthConfig[] {
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
      requireIdTokenVerification: true,
      // better-auth would take the answer of the userinfo endpoint for a missing ID token, which no nonce binds to this
      // sign-in. An empty subject refuses it.
      accountSubject: ({ tokens, profile }) => (tokens.idToken ? String(profile.sub ?? '') : ''),
      // better-auth lets a claim called "emailVerified" win over the one that the standard defines.
      mapProfileToUser: (profile) => ({
        name: nameFrom(profile),
        emailVerified: String(profile.email_verified) === 'true',
      }),
    },
  ]
}

/** The name on the single sign-on button, or null when there is none. */
export const oidcName = (): string | null => (providers().length > 0 ? env().OIDC_NAME : null)

/**
 * better-auth's plugin, which asks the provider for its addresses when somebody signs in first and not at the start: as it
 * comes it waits for the provider without a limit, and until then nobody has a session.
 */
export function singleSignOn() {
  const config = providers()
  const plugin = genericOAuth({ config })
  return {
    ...plugin,
    init: async (ctx: Parameters<typeof plugin.init>[0]) => ({
      context: {
        socialProviders: ctx.socialProviders,
        // Read by the plugin before each request: 10 s for an answer, and tried again by the next one.
        genericOAuthPendingDiscovery: new Map(config.map((provider) => [provider.providerId, provider])),
      },
    }),
  }
}

type ValidateUserInfo = NonNullable<NonNullable<BetterAuthOptions['user']>['validateUserInfo']>

/**
 * No account for an address that the provider has not verified, and that may be somebody else's. Asked before the row is made:
 * better-auth's own setting (requireEmailVerification) refuses the session and keeps the account.
 */
export const refuseUnverified: ValidateUserInfo = ({ user, source }) =>
  source.method === 'oauth' && source.action !== 'sign-in' && user.emailVerified !== true
    ? { error: 'email_not_verified' }
    : undefined

/** A name for lists: one line, at most 80 characters, as app/(account)/forms.ts asks of people who type theirs. */
function nameFrom(profile: Record<string, unknown>): string {
  const email = typeof profile.email === 'string' ? profile.email : ''
  const given = [profile.name, profile.preferred_username, email.split('@')[0]]
  const lines = given.map((name) => (typeof name === 'string' ? name.replace(/\p{Cc}+/gu, ' ').trim() : ''))
  return [...(lines.find((name) => name !== '') ?? 'Somebody')].slice(0, 80).join('')
}

/**
 * What to say when somebody comes back from the provider without a session. `code` is better-auth's, or the provider's own
 * (RFC 6749, 4.1.2.1); it comes in an address and may be anything, so it is never shown.
 */
export function signInProblem(code: string, provider: string): string {
  if (code === 'account_not_linked') {
    return `There is an account here with the same e-mail address, and ${provider} does not lead into it. Sign in with its password.`
  }
  if (code === 'email_not_verified') {
    return `${provider} has not verified your e-mail address, so no account was made. Verify it there and come again.`
  }
  if (code === 'email_not_found') {
    return `${provider} does not tell your e-mail address. Ask its administrator to share it with Leakroom.`
  }
  if (code === 'access_denied')
    return `You were not let in by ${provider}. Try again, or ask its administrator.`
  if (code.startsWith('state_')) {
    return 'This sign-in took too long, or was begun in another browser or at another address. Start again from here.'
  }
  return `${provider} gave an answer that does not hold, so nobody was signed in. Try again; if it stays so, ask the person who runs this server.`
}
