import { requireReader } from '#lib/auth/gate'
import { env } from '#lib/env'
import { compareCaptures } from '#lib/http/captures'
import { downloadHeaders } from '#lib/http/download'
import { exportMarkdown } from '#lib/http/export'
import { respond } from '#lib/http/respond'

/** The investigation as a Markdown file, with a permanent link to every piece of evidence. */
export function GET(
  request: Request,
  { params }: { params: Promise<{ investigationId: string }> },
): Promise<Response> {
  return respond(async () => {
    const access = await requireReader((await params).investigationId)
    const { fileName, text } = await exportMarkdown(access, (captures) => compareCaptures(access, captures), {
      baseUrl: env().BASE_URL?.replace(/\/$/, '') ?? new URL(request.url).origin,
      at: Date.now(),
    })
    return new Response(text, { headers: downloadHeaders(fileName, 'text/markdown; charset=utf-8') })
  })
}
