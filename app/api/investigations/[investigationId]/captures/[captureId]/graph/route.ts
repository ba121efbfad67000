import { requireReader } from '#lib/auth/gate'
import { captureGraph } from '#lib/http/objects'
import { queryOf, respond } from '#lib/http/respond'

interface Place {
  readonly params: Promise<{ investigationId: string; captureId: string }>
}

/** A question about the objects of a capture: `?ask=…` (lib/reports/objects.ts, GraphQuery). */
export function GET(request: Request, { params }: Place): Promise<Response> {
  return respond(async () => {
    const { investigationId, captureId } = await params
    const access = await requireReader(investigationId)
    return captureGraph(access, captureId, queryOf(request), request.signal)
  })
}
