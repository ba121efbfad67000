import { readerFromHeaders, writerFromHeaders } from '#lib/auth/gate'
import { listSeries } from '#lib/db/series'
import { guardMutation } from '#lib/http/limits'
import { respond } from '#lib/http/respond'
import { importFile } from '#lib/http/series'

interface Context {
  params: Promise<{ investigationId: string }>
}

export function GET(request: Request, { params }: Context): Promise<Response> {
  return respond(async () => {
    const access = await readerFromHeaders(request.headers, (await params).investigationId)
    return { series: await listSeries(access) }
  })
}

/** A memory graph as a file: previewed, and with `confirm=1` stored. */
export function POST(request: Request, { params }: Context): Promise<Response> {
  return respond(async () => {
    const access = await writerFromHeaders(request.headers, (await params).investigationId)
    await guardMutation(access.actor)
    return importFile(access, request)
  })
}
