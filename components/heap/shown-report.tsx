'use client' // Fetches.

import useSWR from 'swr'
import { z } from 'zod'
import { HeapReport } from '#lib/reports/heap-report'
import { StackReport } from '#lib/reports/stack-report'
import { canRetry, readJson } from './answer.tsx'

/** What a page needs of a capture's report: not where its tables are stored. */
const ShownHeap = HeapReport.omit({ tables: true, byType: true, version: true, sha256: true })
export type ShownHeap = z.infer<typeof ShownHeap>
const ShownStacks = StackReport.omit({ tables: true, version: true, sha256: true })
export type ShownStacks = z.infer<typeof ShownStacks>
/** Of a heap or of allocation stacks: two kinds of captures with different views. */
const ShownReport = z.discriminatedUnion('kind', [ShownHeap, ShownStacks])
export type ShownReport = z.infer<typeof ShownReport>

/** The report of a capture that is ready; `isReady` false asks for nothing. */
export function useReport(investigationId: string, captureId: string, isReady: boolean) {
  const path = `/api/investigations/${investigationId}/captures/${captureId}`
  const { data, error, mutate } = useSWR<ShownReport, unknown>(
    isReady ? path : null,
    (asked: string) => readJson(asked, ShownReport),
    { revalidateOnFocus: false, revalidateIfStale: false, shouldRetryOnError: canRetry },
  )
  return { report: data, error, retry: () => void mutate() }
}
