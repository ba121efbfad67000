import { loadCapture } from '#lib/db/captures'
import type { ReadAccess } from '#lib/investigation/access'
import { readingNode } from '#lib/jobs/shared-node'
import { type StackAnswers, StackQuery } from '#lib/reports/stack-questions'
import { parsed } from './respond.ts'

/**
 * `GET …/captures/:captureId/stacks?ask=flame|table|calls`: the allocation stacks of a capture, alone or beside an
 * earlier one of the room. @throws UserError read/not-ready · capture/other-kind · request/not-found · request/malformed
 */
export async function captureStacks(
  access: ReadAccess,
  captureId: string,
  query: Record<string, string>,
  signal?: AbortSignal,
): Promise<StackAnswers[StackQuery['ask']]> {
  const asked = parsed(StackQuery, query, 'stacks')
  const capture = await loadCapture(access, captureId)
  const earlier = asked.since === undefined ? undefined : await loadCapture(access, asked.since)
  return readingNode().stacks.ask(capture, earlier, asked, signal)
}
