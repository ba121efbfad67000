import { machineFromToken } from '#lib/auth/gate'
import { UserError } from '#lib/errors/user-error'
import { ingest } from '#lib/http/ingest'
import { respond } from '#lib/http/respond'

/** Live samples from a machine, by its API token: one JSON object per line (docs/memory-graphs.md). */
export function POST(request: Request): Promise<Response> {
  return respond(async () => {
    const access = await machineFromToken(request.headers.get('authorization') ?? '')
    if (!access) throw new UserError('access/sign-in')
    return ingest(access, request)
  })
}
