import { requireReader } from '#lib/auth/gate'
import { queryOf, respond } from '#lib/http/respond'
import { captureStacks } from '#lib/http/stacks'

interface Place {
  readonly params: Promise<{ investigationId: string; captureId: string }>
}

/** The allocation stacks of a capture as a flame graph, a table or a call tree (lib/reports/stack-questions.ts, StackQuery). */
export function GET(request: Request, { params }: Place): Promise<Response> {
  return respond(async () => {
    const { investigationId, captureId } = await params
    return captureStacks(await requireReader(investigationId), captureId, queryOf(request), request.signal)
  })
}
