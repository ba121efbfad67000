import { requireReader, requireWitness } from '#lib/auth/gate'
import { queryableTables, queryCapture, queryCsv } from '#lib/http/query'
import { jsonOf, queryOf, respond } from '#lib/http/respond'

interface Place {
  readonly params: Promise<{ investigationId: string; captureId: string }>
}

/** The tables that SQL sees, or with `as=csv` and `sql=` all rows of a statement as a file. */
export function GET(request: Request, { params }: Place): Promise<Response> {
  return respond(async () => {
    const { investigationId, captureId } = await params
    const access = await requireReader(investigationId)
    const query = queryOf(request)
    return query.as === 'csv'
      ? queryCsv(access, captureId, query, request.signal)
      : queryableTables(access, captureId)
  })
}

/**
 * Runs one statement (lib/reports/query-answer.ts). It changes nothing, so whoever may read may ask, from our own pages:
 * another site must not make the server work.
 */
export function POST(request: Request, { params }: Place): Promise<Response> {
  return respond(async () => {
    const { investigationId, captureId } = await params
    const access = await requireWitness(investigationId)
    return queryCapture(access, captureId, await jsonOf(request), request.signal)
  })
}
