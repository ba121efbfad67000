import { readerFromHeaders } from '#lib/auth/gate'
import { respond } from '#lib/http/respond'
import { answerLives } from '#lib/http/series-lives'

/** The lives of a process between its restarts, on top of each other. */
export function GET(
  request: Request,
  { params }: { params: Promise<{ investigationId: string; seriesId: string }> },
): Promise<Response> {
  return respond(async () => {
    const { investigationId, seriesId } = await params
    const access = await readerFromHeaders(request.headers, investigationId)
    return answerLives(access, seriesId, request)
  })
}
