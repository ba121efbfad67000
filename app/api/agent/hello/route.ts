import { machineFromToken } from '#lib/auth/gate'
import { UserError } from '#lib/errors/user-error'
import { hello } from '#lib/http/agents'
import { respond } from '#lib/http/respond'

/** An agent says that it is alive, and hears whether somebody wants a snapshot (docs/agents.md). */
export function POST(request: Request): Promise<Response> {
  return respond(async () => {
    const access = await machineFromToken(request.headers.get('authorization') ?? '')
    if (!access) throw new UserError('access/sign-in')
    return hello(access, request)
  })
}
