import { z } from 'zod'
import { UserError } from '#lib/errors/user-error'
import { addressOf } from './address.ts'
import { auth, OPEN_AUTH_PATHS } from './auth.ts'
import { take } from './limits.ts'
import { isOwnOrigin } from './origin.ts'
import { ownPath } from './paths.ts'
import { OIDC_PROVIDER } from './single-sign-on.ts'

/** Where better-auth answers. */
const BASE = '/api/auth'

/**
 * better-auth's own answers for the few paths that are open to browsers (sign in, sign out, single sign-on); 404 for all
 * its others. Tries are counted here (limits.ts), and the Origin is checked here, because better-auth's own check is off in
 * tests. What is counted is what is tried: of a sign-in's body only the fields that were read go on.
 */
export async function answerAuth(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  try {
    if (!isOpenAuthPath(pathname)) throw new UserError('access/unknown')
    if (request.method !== 'GET' && !isOwnOrigin(request.headers)) throw new UserError('access/origin')
    const path = pathname.slice(BASE.length).replace(/\/+$/, '')
    if (request.method === 'POST' && path === '/sign-in/email') return await signInByPassword(request)
    if (request.method === 'POST' && path === '/sign-in/social') return await goToProvider(request)
    if (path.startsWith('/callback/')) await take('singleSignOn', addressOf(request.headers))
    return await auth().handler(request)
  } catch (error) {
    if (error instanceof UserError) return refusal(error)
    throw error
  }
}

const SignIn = z.object({ email: z.string().max(320), password: z.string().max(1000) })

async function signInByPassword(request: Request): Promise<Response> {
  const { email, password } = await readSmallJson(request, SignIn)
  const fromAddress = await take('address', addressOf(request.headers))
  // In the form that better-auth looks it up by.
  const forEmail = await take('email', email.toLowerCase())
  const answer = await auth().handler(withBody(request, { email, password }))
  if (answer.ok) {
    await forEmail.forget()
    await fromAddress.giveBack()
  } else if (answer.status >= 500) {
    await forEmail.giveBack()
    await fromAddress.giveBack()
  }
  return answer
}

const ToProvider = z.object({
  provider: z.literal(OIDC_PROVIDER),
  callbackURL: z.string().max(2000).optional(),
})

/** Answers `{ url }`, the provider's page. Without the fields of better-auth's that take an ID token or more scopes. */
async function goToProvider(request: Request): Promise<Response> {
  const { provider, callbackURL } = await readSmallJson(request, ToProvider)
  await take('singleSignOn', addressOf(request.headers))
  const to = ownPath(callbackURL)
  const errorCallbackURL = `/sign-in?to=${encodeURIComponent(to)}`
  return auth().handler(withBody(request, { provider, callbackURL: to, errorCallbackURL }))
}

/** Most that a sign-in may send, in bytes. */
const SMALL = 16 * 1024

/** @throws UserError request/malformed for anything but JSON of this form and a modest size */
async function readSmallJson<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
  const malformed = new UserError('request/malformed', { where: 'sign-in' })
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > SMALL) throw malformed
    chunks.push(chunk)
  }
  const parsed = schema.safeParse(jsonOrNull(Buffer.concat(chunks).toString('utf8')))
  if (!parsed.success) throw malformed
  return parsed.data
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // No schema of ours takes null: the caller refuses.
    return null
  }
}

function withBody(request: Request, body: object): Request {
  const headers = new Headers(request.headers)
  headers.set('content-type', 'application/json')
  headers.delete('content-length')
  return new Request(request.url, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** Is this path of /api/auth one that browsers may call? A `:name` of the list stands for one segment. */
export function isOpenAuthPath(pathname: string): boolean {
  const path = pathname.slice(BASE.length).replace(/\/+$/, '').split('/')
  return OPEN_AUTH_PATHS.some((open) => {
    const pattern = open.split('/')
    return (
      pattern.length === path.length &&
      pattern.every((part, at) => (part.startsWith(':') ? path[at] !== '' : part === path[at]))
    )
  })
}

const Wait = z.object({ seconds: z.number() })

/** In the form that better-auth's own refusals have; the sign-in form reads the seconds to wait from the header. */
function refusal(error: UserError): Response {
  const wait = Wait.safeParse(error.detail)
  const headers = wait.success ? { 'x-retry-after': String(wait.data.seconds) } : undefined
  return Response.json(
    { code: error.code, message: error.message },
    { status: error.status, ...(headers && { headers }) },
  )
}
