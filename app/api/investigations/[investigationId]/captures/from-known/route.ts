import { requireWriter } from '#lib/auth/gate'
import { attachKnownFile } from '#lib/http/captures'
import { jsonOf, respond } from '#lib/http/respond'

interface Place {
  readonly params: Promise<{ investigationId: string }>
}

/** Attaches a file that the team has already, by its SHA-256. */
export function POST(request: Request, { params }: Place): Promise<Response> {
  return respond(async () => {
    const access = await requireWriter((await params).investigationId)
    return attachKnownFile(access, await jsonOf(request))
  })
}
