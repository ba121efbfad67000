import { requireWitness } from '#lib/auth/gate'
import { revealValue } from '#lib/http/objects'
import { jsonOf, respond } from '#lib/http/respond'

interface Place {
  readonly params: Promise<{ investigationId: string; captureId: string }>
}

/** One object's value, from the stored file. Asking is written into the room's log. */
export function POST(request: Request, { params }: Place): Promise<Response> {
  return respond(async () => {
    const { investigationId, captureId } = await params
    const access = await requireWitness(investigationId)
    return revealValue(access, captureId, await jsonOf(request), request.signal)
  })
}
