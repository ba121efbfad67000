import { machineFromToken } from '#lib/auth/gate'
import { UserError } from '#lib/errors/user-error'
import { ingestOtlp } from '#lib/http/ingest-metrics'
import { respond } from '#lib/http/respond'

/** OTLP/HTTP metrics, JSON or protobuf, by an API token (docs/memory-graphs.md). */
export function POST(request: Request): Promise<Response> {
  return respond(async () => {
    const access = await machineFromToken(request.headers.get('authorization') ?? '')
    if (!access) throw new UserError('access/sign-in')
    return ingestOtlp(access, request)
  })
}
