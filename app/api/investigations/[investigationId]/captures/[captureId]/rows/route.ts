import { requireReader } from '#lib/auth/gate'
import { captureCsv, captureRows } from '#lib/http/captures'
import { queryOf, respond } from '#lib/http/respond'

interface Place {
  readonly params: Promise<{ investigationId: string; captureId: string }>
}

/** A page of one of the capture's tables (lib/reports/rows.ts, RowsQuery), or with `as=csv` all that match. */
export function GET(request: Request, { params }: Place): Promise<Response> {
  return respond(async () => {
    const { investigationId, captureId } = await params
    const access = await requireReader(investigationId)
    const query = queryOf(request)
    return query.as === 'csv' ? captureCsv(access, captureId, query) : captureRows(access, captureId, query)
  })
}
