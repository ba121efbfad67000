import { requireWriter } from '#lib/auth/gate'
import { respond } from '#lib/http/respond'
import { previewSource } from '#lib/http/series-sources'

/** What a query of a Prometheus answers, before anything is stored. */
export function POST(
  request: Request,
  { params }: { params: Promise<{ investigationId: string }> },
): Promise<Response> {
  return respond(async () => previewSource(await requireWriter((await params).investigationId), request))
}
