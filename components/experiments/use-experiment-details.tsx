'use client' // Fetches.

import useSWR from 'swr'
import { z } from 'zod'
import { readJson, sentenceOf } from '#components/heap/answer'
import { useRoom } from '#components/room/room-context'
import { type ExperimentRow, StoredEnvironment } from '#lib/investigation/experiments'

const Details = z.object({
  production: StoredEnvironment.nullable(),
  reproduction: StoredEnvironment.nullable(),
  plan: z.object({ words: z.string() }).nullable().optional(),
})
export type Details = z.infer<typeof Details>

/** What is too long for the room's rows: the facts of both environments, and the plan with the noise that was measured. */
export function useExperimentDetails({ id, version }: ExperimentRow): {
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
