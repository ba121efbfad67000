import { requireReader } from '#lib/auth/gate'
import { captureGrowth, captureGrowthCsv } from '#lib/http/captures'
import { queryOf, respond } from '#lib/http/respond'

interface Place {
  readonly params: Promise<{ investigationId: string }>
}

/** What grew between captures (lib/reports/growth-report.ts, GrowthQuery), or with `as=csv` all rows that match. */
export function GET(request: Request, { params }: Place): Promise<Response> {
  return respond(async () => {
    const access = await requireReader((await params).investigationId)
    const query = queryOf(request)
    return query.as === 'csv' ? captureGrowthCsv(access, query) : captureGrowth(access, query)
  })
}
