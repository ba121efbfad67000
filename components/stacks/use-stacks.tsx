'use client' // Fetches.

import useSWR from 'swr'
import type { z } from 'zod'
import { canRetry, readJson } from '#components/heap/answer'
import { StackReport } from '#lib/reports/stack-report'

/** What a page needs of a stack capture's report: not where its columns are stored. */
const ShownStackReport = StackReport.omit({ tables: true, version: true, sha256: true })
export type ShownStackReport = z.infer<typeof ShownStackReport>

const QUIET = { revalidateOnFocus: false, revalidateIfStale: false, shouldRetryOnError: canRetry } as const

/** The report of a stack capture that is ready. */
export function useStackReport(investigationId: string, captureId: string) {
  const path = `/api/investigations/${investigationId}/captures/${captureId}`
  // A key of its own: the capture page asks the same path for the report of a heap.
  const { data, error, mutate } = useSWR<ShownStackReport, unknown>(
    ['stacks', path],
    () => readJson(path, ShownStackReport),
    QUIET,
  )
  return { report: data, error, retry: () => void mutate() }
}

/** An answer about the stacks; the old one stays while a changed question is on its way. `null` asks for nothing. */
export function useStacks<Answer>(path: string | null, schema: z.ZodType<Answer>) {
  const { data, error, isLoading, mutate } = useSWR<Answer, unknown>(
    path,
    (asked: string) => readJson(asked, schema),
    { ...QUIET, keepPreviousData: true },
  )
  return { answer: data, error, isLoading, retry: () => void mutate() }
}
