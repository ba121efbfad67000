'use client' // Fetches.

import useSWR from 'swr'
import useSWRInfinite from 'swr/infinite'
import { z } from 'zod'
import { useRoom } from '#components/room/room-context'
import {
  DuplicatesPage,
  type GraphAnswers,
  type GraphQuery,
  ObjectDetails,
  type ObjectLine,
  ObjectPage,
  OwnerLevel,
} from '#lib/reports/objects'
import { canRetry, readJson } from './answer.tsx'

type Ask = GraphQuery['ask']
/** What a question is about; what has a usual value may be left out. */
export type About<A extends Ask> = A extends Ask
  ? Readonly<Partial<Omit<Extract<GraphQuery, { ask: A }>, 'ask'>>>
  : never

const Count = z.number().nonnegative()

/** How each answer is checked when it comes. */
const ANSWERS: { readonly [A in Ask]: z.ZodType<GraphAnswers[A]> } = {
  object: ObjectDetails,
  find: z.object({ object: Count.nullable() }),
  referrers: ObjectPage,
  references: ObjectPage,
  dominated: ObjectPage,
  largest: ObjectPage,
  members: ObjectPage,
  'retained-set': z.object({ objects: Count, retainedBytes: Count, retainedObjects: Count }),
  owners: OwnerLevel,
  duplicates: DuplicatesPage,
}

/** The address of a question about a capture's objects. */
export function graphPath(investigationId: string, captureId: string, ask: Ask, about: object): string {
  const asked = Object.entries({ ask, ...about }).filter(([, value]) => value !== undefined)
  const query = new URLSearchParams(asked.map(([name, value]) => [name, String(value)]))
  return `/api/investigations/${investigationId}/captures/${captureId}/graph?${query}`
}

// The first question opens a heap, which takes a moment; an opened file never changes, so answers never grow old.
const STEADY = {
  revalidateOnFocus: false,
  revalidateOnReconnect: false,
  revalidateIfStale: false,
  shouldRetryOnError: canRetry,
} as const

/** One answer; `null` asks nothing. The answer to the question before is not shown for the next one. */
export function useGraph<A extends Ask>(captureId: string, ask: A, about: About<A> | null) {
  const { investigationId } = useRoom()
  const path = about && graphPath(investigationId, captureId, ask, about)
  const { data, error, mutate } = useSWR<GraphAnswers[A], unknown>(
    path,
    (asked: string) => readJson<GraphAnswers[A]>(asked, ANSWERS[ask]),
    STEADY,
  )
  return { answer: data, error, retry: () => void mutate() }
}

/** Asks once, outside of rendering. @throws RefusedRead with a sentence */
export function askGraph<A extends Ask>(
  investigationId: string,
  captureId: string,
  ask: A,
  about: About<A>,
): Promise<GraphAnswers[A]> {
  return readJson<GraphAnswers[A]>(graphPath(investigationId, captureId, ask, about), ANSWERS[ask])
}

/** Which questions are answered with pages of objects. */
export type PagedAsk = 'referrers' | 'references' | 'dominated' | 'largest' | 'members'

export interface ObjectList {
  readonly lines: readonly ObjectLine[]
  /** Undefined until the first page is here. */
  readonly total: number | undefined
  readonly isLoading: boolean
  readonly error: unknown
  more(): void
  retry(): void
}

/** A list of objects that grows page by page when more is asked for; `null` asks nothing. */
export function useObjectList<A extends PagedAsk>(
  captureId: string,
  ask: A,
  about: About<A> | null,
  pageSize = 20,
): ObjectList {
  const { investigationId } = useRoom()
  const { data, error, isValidating, size, setSize, mutate } = useSWRInfinite<ObjectPage, unknown>(
    (page: number) =>
      about &&
      graphPath(investigationId, captureId, ask, { ...about, offset: page * pageSize, limit: pageSize }),
    (path: string) => readJson(path, ObjectPage),
    { ...STEADY, revalidateFirstPage: false },
  )
  return {
    lines: data?.flatMap(({ lines }) => lines) ?? [],
    total: data?.[0]?.total,
    isLoading: isValidating,
    error,
    more: () => void setSize(size + 1),
    retry: () => void mutate(),
  }
}
