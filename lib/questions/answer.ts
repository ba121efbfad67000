import { UserError } from '#lib/errors/user-error'
import { retainedSet } from '#lib/heap/retained-set'
import type { GraphAnswers, GraphQuery } from '#lib/reports/objects'
import { duplicatesPage } from './duplicates-page.ts'
import { findObject } from './find-object.ts'
import { membersOf } from './members.ts'
import { objectDetails } from './object-details.ts'
import type { OpenedHeap } from './opened-heap.ts'
import { dominatedPage, largestPage, membersPage, referencesPage, referrersPage } from './related.ts'

/** What is asked of the objects; the owner tree is a table of its own (owner-level.ts). */
export type HeapQuestion = Exclude<GraphQuery, { ask: 'owners' }>

/**
 * The answer to one question about an opened heap: at most one page, whatever the heap is. O(objects) at worst.
 * @throws UserError request/not-found for an object or a row that is not there
 */
export function answer(heap: OpenedHeap, question: HeapQuestion): GraphAnswers[HeapQuestion['ask']] {
  switch (question.ask) {
    case 'object':
      return objectDetails(heap, known(heap, question.object))
    case 'find':
      return { object: findObject(heap.snapshot, question.key) }
    case 'referrers':
      return referrersPage(heap, known(heap, question.object), question)
    case 'references':
      return referencesPage(heap, known(heap, question.object), question)
    case 'dominated':
      return dominatedPage(
        heap,
        question.object === undefined ? undefined : known(heap, question.object),
        question,
      )
    case 'largest':
      return largestPage(heap, question)
    case 'members':
      return membersPage(heap, rowMembers(heap, question), question)
    case 'retained-set': {
      const members = rowMembers(heap, question)
      const set = retainedSet(heap.snapshot, members, heap.graph)
      return {
        objects: members.length,
        retainedBytes: set.retainedBytes,
        retainedObjects: set.retainedObjects,
      }
    }
    case 'duplicates':
      return duplicatesPage(heap, question)
  }
}

function known({ snapshot }: OpenedHeap, object: number): number {
  if (object >= snapshot.objects) throw new UserError('request/not-found', { what: 'object' })
  return object
}

function rowMembers(
  heap: OpenedHeap,
  { table, group }: Extract<HeapQuestion, { ask: 'members' | 'retained-set' }>,
): Uint32Array {
  const members = membersOf(heap, table, group)
  if (members.length === 0) throw new UserError('request/not-found', { what: 'row' })
  return members
}
