import { readerFromHeaders } from '#lib/auth/gate'
import { respond } from '#lib/http/respond'
import { answerReading } from '#lib/http/series'

/** Growth of the visible or brushed range. */
export function GET(
  request: Request,
  { params }: { params: Promise<{ investigationId: string }> },
): Promise<Response> {
  return respond(async () => {
    const access = await readerFromHeaders(request.headers, (await params).investigationId)
    return answerReading(access, request)
  })
}
