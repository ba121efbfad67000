import { requireWriter } from '#lib/auth/gate'
import { readCaptureAgain } from '#lib/http/captures'
import { respond } from '#lib/http/respond'

interface Place {
  readonly params: Promise<{ investigationId: string; captureId: string }>
}

/** "Read again". */
export function POST(_request: Request, { params }: Place): Promise<Response> {
  return respond(async () => {
    const { investigationId, captureId } = await params
    return readCaptureAgain(await requireWriter(investigationId), captureId)
  })
}
