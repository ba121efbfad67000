import { z } from 'zod'
import { loadCapture } from '#lib/db/captures'
import { logReveal, requireValuesShown } from '#lib/db/reveals'
import { UserError } from '#lib/errors/user-error'
import type { ReadAccess } from '#lib/investigation/access'
import type { CaptureRow } from '#lib/investigation/rows'
import { readingNode } from '#lib/jobs/shared-node'
import { type GraphAnswers, GraphQuery, type RevealedValue } from '#lib/reports/objects'
import { guardMutation } from './limits.ts'
import { parsed } from './respond.ts'

// Questions about single objects of a capture. They are answered in threads of their own (lib/jobs/question-desk.ts).

/**
 * The answer to one question about a ready capture (lib/reports/objects.ts, GraphQuery).
 * @throws UserError request/malformed · request/not-found · read/not-ready · capture/other-kind · read/question-too-slow
 */
export async function captureGraph(
  access: ReadAccess,
  captureId: string,
  query: Record<string, string>,
  signal?: AbortSignal,
): Promise<GraphAnswers[GraphQuery['ask']]> {
  const question = parsed(GraphQuery, query, 'graph')
  const capture = await loadCapture(access, captureId)
  const before =
    question.ask === 'owners' && question.since ? await loadCapture(access, question.since) : undefined
  return readingNode().heaps.ask(capture, question, { before, signal })
}

const Revealed = z.object({ object: z.int().min(0).max(0xffffffff) })

/**
 * One object's value as the stored file has it. Whoever may read the room may ask: nothing changes but the log, which
 * says who saw what (docs/decisions/013-values-on-demand.md).
 * @throws UserError value/hidden · value/none · request/* · read/* · capture/other-kind
 */
export async function revealValue(
  access: ReadAccess,
  captureId: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<RevealedValue> {
  await guardMutation(access.actor)
  if (access.actor.kind !== 'person') throw new UserError('row/person-needed')
  const { object } = parsed(Revealed, body, 'value')
  const capture: CaptureRow = await loadCapture(access, captureId)
  await requireValuesShown(access)
  const { value, key, className } = await readingNode().heaps.value(capture, object, signal)
  await logReveal(access, {
    captureId: capture.id,
    captureLabel: capture.label,
    object,
    key: key ?? '',
    what: className,
  })
  return value
}
