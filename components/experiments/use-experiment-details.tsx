'use client' // Fetches.

import useSWR from 'swr'
import { z } from 'zod'
import { readJson, sentenceOf } from '#components/heap/answer'
import { useRoom } from '#components/room/room-context'
import { type ExperimentRow, StoredEnvironment } from '#lib/investigation/experiments'

/** One fact of both environments, as the server compared it. */
const ComparedRow = z.object({
  key: z.string(),
  kind: StoredEnvironment.shape.facts.element.shape.kind,
  name: z.string(),
  production: z.string().nullable(),
  reproduction: z.string().nullable(),
  difference: z.enum(['equal', 'patch', 'minor', 'major', 'missing', 'other']),
  weight: z.number(),
})
export type ComparedRow = z.infer<typeof ComparedRow>

const Details = z.object({
  plan: z.object({ words: z.string() }).nullable(),
  /** Differences first, the weightiest on top. `of`: rows in all, of which so many came. */
  parity: z.object({ rows: z.array(ComparedRow), of: z.int().nonnegative() }).nullable(),
})
export type Details = z.infer<typeof Details>

/** What is too long for the room's rows: the environments side by side, and the plan with the noise that was measured. */
export function useExperimentDetails({ id, version }: Pick<ExperimentRow, 'id' | 'version'>): {
  readonly details: Details | undefined
  /** The sentence when it could not be loaded. */
  readonly problem: string | null
  retry(): void
} {
  const { investigationId } = useRoom()
  const { data, error, mutate } = useSWR<Details, unknown>(
    [`/api/investigations/${investigationId}/experiments/${id}`, version],
    ([path]: readonly [string, number]) => readJson(path, Details),
    { keepPreviousData: true, revalidateOnFocus: false },
  )
  return {
    details: data,
    problem: error === undefined ? null : sentenceOf(error),
    retry: () => void mutate(),
  }
}
