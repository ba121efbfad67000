import { machineFromToken } from '#lib/auth/gate'
import { UserError } from '#lib/errors/user-error'
import { ingestRemoteWrite } from '#lib/http/ingest-metrics'
import { respond } from '#lib/http/respond'

/** Prometheus remote write 1.0, by an API token (docs/memory-graphs.md). */
export function POST(request: Request): Promise<Response> {
  return respond(async () => {
    const access = await machineFromToken(request.headers.get('authorization') ?? '')
    if (!access) throw new UserError('access/sign-in')
    return ingestRemoteWrite(access, request)
  })
}
