import { auth, OPEN_AUTH_PATHS } from './auth.ts'

/** Where better-auth answers. */
const BASE = '/api/auth'

/**
 * better-auth's own answers for the few paths that are open to browsers (sign in, sign out, single sign-on); 404 for all
 * its others. It checks the Origin and the rate of requests by itself.
 */
export async function answerAuth(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (!isOpenAuthPath(pathname)) return Response.json({ message: 'There is nothing here.' }, { status: 404 })
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
