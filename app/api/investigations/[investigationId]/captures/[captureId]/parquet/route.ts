import { requireReader } from '#lib/auth/gate'
import { captureParquet } from '#lib/http/query'
import { queryOf, respond } from '#lib/http/respond'

interface Place {
  readonly params: Promise<{ investigationId: string; captureId: string }>
}

/** One table of the capture (`table=objects`) as a Parquet file to save. */
export function GET(request: Request, { params }: Place): Promise<Response> {
  return respond(async () => {
    const { investigationId, captureId } = await params
    const access = await requireReader(investigationId)
    return captureParquet(access, captureId, queryOf(request), request.signal)
  })
}
