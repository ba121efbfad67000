import { requireReader } from '#lib/auth/gate'
import { answerAgents } from '#lib/http/agents'
import { respond } from '#lib/http/respond'

/** The programs that send memory to this room, and how the snapshots stand that they were asked for. */
export function GET(
  _request: Request,
  { params }: { params: Promise<{ investigationId: string }> },
): Promise<Response> {
  return respond(async () => answerAgents(await requireReader((await params).investigationId)))
}
