import { UserError } from '#lib/errors/user-error'
import { auth, OPEN_AUTH_PATHS } from './auth.ts'
import { isOwnOrigin } from './origin.ts'

/** Where better-auth answers. */
const BASE = '/api/auth'

/**
 * better-auth's own answers for the few paths that are open to browsers (sign in, sign out, single sign-on); 404 for all
 * its others. It limits the rate of requests by itself; the Origin is checked here, because its own check is off in tests.
 */
export async function answerAuth(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (!isOpenAuthPath(pathname)) return refusal(new UserError('access/unknown'))
  if (request.method !== 'GET' && !isOwnOrigin(request.headers))
    return refusal(new UserError('access/origin'))
  return auth().handler(request)
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

/** In the form that better-auth's own refusals have. */
const refusal = (error: UserError): Response =>
  Response.json({ code: error.code, message: error.message }, { status: error.status })
