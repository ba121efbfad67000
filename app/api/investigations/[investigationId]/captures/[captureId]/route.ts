import { requireReader } from '#lib/auth/gate'
import { captureReport } from '#lib/http/captures'
import { respond } from '#lib/http/respond'

interface Place {
  readonly params: Promise<{ investigationId: string; captureId: string }>
}

/** The report of a capture: totals, types, remarks. */
export function GET(_request: Request, { params }: Place): Promise<Response> {
  return respond(async () => {
    const { investigationId, captureId } = await params
    return captureReport(await requireReader(investigationId), captureId)
  })
}
