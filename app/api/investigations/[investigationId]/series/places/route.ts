import { readerFromHeaders } from '#lib/auth/gate'
import { answerPlaces } from '#lib/http/growth-places'
import { respond } from '#lib/http/respond'

/** Where memory grows in the visible or brushed range, and with what. */
export function GET(
  request: Request,
  { params }: { params: Promise<{ investigationId: string }> },
): Promise<Response> {
  return respond(async () => {
    const access = await readerFromHeaders(request.headers, (await params).investigationId)
    return answerPlaces(access, request)
  })
}
