import { readerFromHeaders } from '#lib/auth/gate'
import { respond } from '#lib/http/respond'
import { answerPoints } from '#lib/http/series'

/** What a graph of so many pixels has to draw. */
export function GET(
  request: Request,
  { params }: { params: Promise<{ investigationId: string; seriesId: string }> },
): Promise<Response> {
  return respond(async () => {
    const { investigationId, seriesId } = await params
    const access = await readerFromHeaders(request.headers, investigationId)
    return answerPoints(access, seriesId, request)
  })
}
