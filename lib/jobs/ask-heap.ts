import { UserError } from '#lib/errors/user-error'
import { keyText } from '#lib/heap/snapshot'
import { answer } from '#lib/questions/answer'
import { shortText } from '#lib/questions/object-line'
import { ownerLevel } from '#lib/questions/owner-level'
import { valueSource } from '#lib/questions/value-source'
import type { GraphAnswers, GraphQuery, RevealedValue } from '#lib/reports/objects'
import type { OpenHeaps } from './open-heaps.ts'
import type { AskTask, RevealedObject, ValueTask } from './tasks.ts'
import { lineAt, MAX_VALUE_BYTES } from './value-at.ts'

/** Answers a question about a stored heap. Runs in a worker thread. @throws UserError request/not-found · read/damaged-columns */
export function askHeap(
  heaps: OpenHeaps,
  { heap, question, ownersBefore, memoryBytes }: AskTask,
): GraphAnswers[GraphQuery['ask']] {
  if (question.ask !== 'owners') return answer(heaps.heap(heap, memoryBytes), question)
  const before = ownersBefore === undefined ? undefined : heaps.ownerTree(ownersBefore)
  return ownerLevel(heaps.ownerTree(heap.owners), question.path, before)
}

/** One object's value as the file has it. @throws UserError request/not-found · value/none · read/damaged-columns · format/* */
export async function readValue(heaps: OpenHeaps, task: ValueTask): Promise<RevealedObject> {
  const { snapshot } = heaps.heap(task.heap, task.memoryBytes)
  if (task.object >= snapshot.objects) throw new UserError('request/not-found', { what: 'object' })
  const className = shortText(snapshot, snapshot.className[task.object]!)
  const source = valueSource(snapshot, task.object)
  if (!source) throw new UserError('value/none', { what: className })
  const value = source.kind === 'text' ? cutText(source.text) : await lineAt(task, source.offset)
  return { value, key: keyText(snapshot, task.object) ?? null, className }
}

const cutText = (text: string): RevealedValue => ({
  text: text.slice(0, MAX_VALUE_BYTES).toWellFormed(),
  isCut: text.length > MAX_VALUE_BYTES,
})
