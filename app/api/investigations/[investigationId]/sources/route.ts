import { requireReader, requireWriter } from '#lib/auth/gate'
import { listSourceTimes } from '#lib/db/series-sources'
import { guardMutation } from '#lib/http/limits'
import { respond } from '#lib/http/respond'
import { addSource } from '#lib/http/series-sources'

interface Context {
  params: Promise<{ investigationId: string }>
}

/** How far the room's sources have come, and when they are asked next. */
export function GET(_request: Request, { params }: Context): Promise<Response> {
  return respond(async () => listSourceTimes(await requireReader((await params).investigationId)))
}

/** Adds a Prometheus that is asked for the room. */
export function POST(request: Request, { params }: Context): Promise<Response> {
  return respond(async () => {
    const access = await requireWriter((await params).investigationId)
    await guardMutation(access.actor)
    return addSource(access, request)
  })
}
