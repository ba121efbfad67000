import { readerFromHeaders } from '#lib/auth/gate'
import { answerExperiment } from '#lib/http/experiments'
import { respond } from '#lib/http/respond'

/** One experiment with its plan, its environments side by side and its template; by id, or by number in the room. */
export function GET(
  request: Request,
  { params }: { params: Promise<{ investigationId: string; experimentId: string }> },
): Promise<Response> {
  return respond(async () => {
    const { investigationId, experimentId } = await params
    const access = await readerFromHeaders(request.headers, investigationId)
    return answerExperiment(access, experimentId)
  })
}
