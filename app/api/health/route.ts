import { services } from '#lib/services'

/** Never from a cache: it is asked to learn what is true now. */
export const dynamic = 'force-dynamic'

/** Database, reader threads, disk: 200 when all is well, 503 when something is not. For load balancers and people. */
export async function GET(): Promise<Response> {
  const headers = { 'Cache-Control': 'no-store' }
  try {
    const parts = await services().health()
    const ok = Object.values(parts).every((part) => part.ok)
    return Response.json({ ok, parts }, { status: ok ? 200 : 503, headers })
  } catch (error) {
    services().log.error({ err: error }, 'health cannot be told')
    return Response.json({ ok: false, parts: {} }, { status: 503, headers })
  }
}
