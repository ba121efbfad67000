import { type HeapReport, readHeapReport } from './heap-report.ts'

/** What is kept of a capture once its file has been read, whichever kind of file it is: told apart by `kind`. */
export type CaptureReport = HeapReport

/** The key of a capture's report: what the file is, nothing of who uploaded it or when. */
export const captureReportKey = (sha256: string): string => `heap:${sha256}`

/**
 * Reads a stored report. `undefined` when another version wrote it: the file has to be read again.
 * @throws ZodError when our own row is damaged: a bug.
 */
export function readCaptureReport(stored: unknown): CaptureReport | undefined {
  return readHeapReport(stored)
}
