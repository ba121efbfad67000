import { z } from 'zod'
import { type HeapReport, readHeapReport } from './heap-report.ts'
import { readStackReport, type StackReport } from './stack-report.ts'

/** What is kept of a capture once its file has been read, whichever kind of file it is: told apart by `kind`. */
export type CaptureReport = HeapReport | StackReport

/**
 * The key of a capture's report: what the file is, nothing of who uploaded it or when. The word in front is older than
 * the second kind.
 */
export const captureReportKey = (sha256: string): string => `heap:${sha256}`

const Envelope = z.object({ kind: z.enum(['heap', 'stacks']).default('heap') })

/**
 * Reads a stored report. `undefined` when another version wrote it: the file has to be read again.
 * @throws ZodError when our own row is damaged: a bug.
 */
export function readCaptureReport(stored: unknown): CaptureReport | undefined {
  return Envelope.parse(stored).kind === 'heap' ? readHeapReport(stored) : readStackReport(stored)
}
