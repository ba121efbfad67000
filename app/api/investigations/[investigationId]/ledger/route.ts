import { requireReader } from '#lib/auth/gate'
import { answerLedger } from '#lib/http/ledger'
import { respond } from '#lib/http/respond'

/** What the team says about groups of objects (lib/investigation/rows.ts, Ledger). */
export function GET(
  _request: Request,
  { params }: { params: Promise<{ investigationId: string }> },
): Promise<Response> {
  return respond(async () => answerLedger(await requireReader((await params).investigationId)))
}
