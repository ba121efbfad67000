import { requireReader } from '#lib/auth/gate'
import { captureFile } from '#lib/http/captures'
import { respond } from '#lib/http/respond'

interface Place {
  readonly params: Promise<{ investigationId: string; captureId: string }>
}

/** The file as it was uploaded, to save. */
export function GET(request: Request, { params }: Place): Promise<Response> {
  return respond(async () => {
    const { investigationId, captureId } = await params
    return captureFile(await requireReader(investigationId), captureId, request.headers.get('range'))
  })
}
