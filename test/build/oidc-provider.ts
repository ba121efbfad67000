import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the provider says of the person who sits before it, as claims of OpenID Connect Core 5.1. */
export interface Claims {
  readonly sub: string
  readonly email?: string
  readonly email_verified?: boolean
  readonly name?: string
  readonly [claim: string]: unknown
}

/** Ways in which its next answers are wrong. */
export interface Twist {
  /** Claims of the ID token that take the place of the right ones; undefined leaves one out. */
  readonly idToken?: Readonly<Record<string, unknown>>
  /** Signed by a key that is not in its JWKS. */
  readonly foreignKey?: boolean
  /** Unsigned, "alg": "none". */
  readonly unsigned?: boolean
  /** The token endpoint answers without an ID token. */
  readonly withoutIdToken?: boolean
  /** The person says no: authorize redirects back with this error (RFC 6749, 4.1.2.1). */
  readonly refuses?: string
  /** Takes the connection and never answers. */
  readonly hangs?: boolean
  /** Answers everything with 503. */
  readonly down?: boolean
}

/** A small real OpenID Connect provider: authorization code with PKCE (S256), RS256. Lets everybody in at once. */
export interface OidcProvider {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Who sits before it. */
  person: Claims
  twist: Twist
  /** Why it has refused requests of the client, in order: empty when the client does everything right. */
  readonly refused: readonly string[]
  /** Requests for its addresses that it has had. */
  discoveries(): number
  close(): Promise<void>
}

/** Starts one on a free port. `redirectUri` is the only one that its client has registered. */
export async function startOidcProvider(redirectUri: string): Promise<OidcProvider> {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const clientId = 'leakroom'
  const clientSecret = secret()
  const grants = new Map<string, { challenge: string; nonce: string | null; person: Claims }>()
  const people = new Map<string, Claims>()
  const refused: string[] = []
  let discoveries = 0

  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      refused.push(String(error))
      json(response, 400, { error: 'invalid_request', error_description: String(error) })
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  // reason: a server that listens on TCP has this kind of address.
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (provider.twist.hangs) return
    if (provider.twist.down) return json(response, 503, {})
    const url = new URL(request.url ?? '/', issuer)
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        discoveries += 1
        return json(response, 200, discovery(issuer))
      case '/jwks':
        return json(response, 200, {
          keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'first', use: 'sig', alg: 'RS256' }],
        })
      case '/authorize':
        return authorize(url.searchParams, response)
      case '/token':
        return token(await formOf(request), request.headers.authorization, response)
      case '/userinfo': {
        const person = people.get((request.headers.authorization ?? '').replace('Bearer ', ''))
        expect(person, 'an access token of its own')
        return json(response, 200, person)
      }
      default:
        return json(response, 404, {})
    }
  }

  function authorize(query: URLSearchParams, response: ServerResponse): void {
    expect(query.get('client_id') === clientId, 'its client')
    expect(query.get('redirect_uri') === redirectUri, `the registered redirect_uri, ${redirectUri}`)
    expect(query.get('response_type') === 'code', 'response_type=code')
    expect(query.get('scope')?.split(' ').includes('openid'), 'the scope openid')
    expect(query.get('code_challenge_method') === 'S256', 'PKCE by S256')
    const [state, challenge] = [query.get('state'), query.get('code_challenge')]
    expect(state && challenge, 'a state and a challenge')
    const back = new URL(redirectUri)
    back.searchParams.set('state', state)
    if (provider.twist.refuses) {
      back.searchParams.set('error', provider.twist.refuses)
    } else {
      const code = secret()
      grants.set(code, { challenge, nonce: query.get('nonce'), person: provider.person })
      back.searchParams.set('code', code)
    }
    response.writeHead(302, { location: back.href }).end()
  }

  function token(form: URLSearchParams, authorization: string | undefined, response: ServerResponse): void {
    const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
    const isClient = form.get('client_id') === clientId && form.get('client_secret') === clientSecret
    expect(isClient || authorization === basic, 'the secret of its client')
    expect(form.get('grant_type') === 'authorization_code', 'grant_type=authorization_code')
    expect(form.get('redirect_uri') === redirectUri, 'the same redirect_uri')
    const code = form.get('code') ?? ''
    const grant = grants.get(code)
    expect(grant, 'a code of its own that was not used before')
    grants.delete(code)
    const verifier = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    expect(verifier === grant.challenge, 'the verifier of the challenge')
    const accessToken = secret()
    people.set(accessToken, grant.person)
    json(response, 200, {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: 300,
      ...(!provider.twist.withoutIdToken && { id_token: idToken(grant.person, grant.nonce) }),
    })
  }

  function idToken(person: Claims, nonce: string | null): string {
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: issuer, aud: clientId, iat: now, exp: now + 300, nonce, ...person }
    const { unsigned, foreignKey, idToken: wrong } = provider.twist
    return jwt({ ...claims, ...wrong }, unsigned ? null : (foreignKey ? foreign : keys).privateKey)
  }

  const provider: OidcProvider = {
    issuer,
    clientId,
    clientSecret,
    person: { sub: 'nobody' },
    twist: {},
    refused,
    discoveries: () => discoveries,
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
  return provider
}

const secret = (): string => randomBytes(24).toString('base64url')

const discovery = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  userinfo_endpoint: `${issuer}/userinfo`,
  jwks_uri: `${issuer}/jwks`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  code_challenge_methods_supported: ['S256'],
})

/** A JSON Web Token in compact form (RFC 7515), RS256; without a key "alg": "none". */
function jwt(claims: object, key: KeyObject | null): string {
  const header = key ? { alg: 'RS256', typ: 'JWT', kid: 'first' } : { alg: 'none', typ: 'JWT' }
  const content = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = key ? sign('RSA-SHA256', Buffer.from(content), key).toString('base64url') : ''
  return `${content}.${signature}`
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return new URLSearchParams(text)
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function expect(holds: unknown, what: string): asserts holds {
  if (!holds) throw new Error(`the provider expected ${what}`)
}
