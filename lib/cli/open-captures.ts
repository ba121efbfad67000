import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { mebibytes } from '#lib/units/quantity'
import { type OpenedCapture, openCapture } from './open-capture.ts'

/** Fewer bytes than this are read before a thread has started. */
const WORTH_THREADS = mebibytes(8)

/** What a thread is told: this bundle, run again with a file to read. */
const Asked = z.object({ leakroomCapture: z.object({ path: z.string(), requests: z.number().optional() }) })

/**
 * Reads files to their tables, in the order given; several large ones at the same time, a thread for each. A file that a
 * thread cannot read is read here again, so that its error is the one that people know.
 * @throws UserError when a file is none that we read or is damaged; Error of node:fs
 */
export async function openCaptures(
  files: readonly string[],
  requests: readonly number[] | undefined,
): Promise<OpenedCapture[]> {
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0)
  // Only the bundle can be run again; the sources are TypeScript.
  const hasThreads = import.meta.url.endsWith('.mjs') && files.length > 1 && bytes >= WORTH_THREADS
  const lanes = hasThreads ? Math.min(files.length, availableParallelism()) : 1
  const opened: OpenedCapture[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    for (let at = next++; at < files.length; at = next++) {
      const [path, served] = [files[at]!, requests?.[at]]
      opened[at] = (hasThreads && (await inThread(path, served))) || (await openCapture(path, served))
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return opened
}

/** The capture as a thread of its own reads it; undefined when that does not work out. */
function inThread(path: string, requests: number | undefined): Promise<OpenedCapture | undefined> {
  const asked: z.input<typeof Asked> = { leakroomCapture: { path, requests } }
  const thread = new Worker(new URL(import.meta.url), { workerData: asked })
  return new Promise((resolve) => {
    // Both ends are one build, so nothing is parsed here.
    thread.once('message', (capture: OpenedCapture) => resolve(capture))
    thread.once('error', () => resolve(undefined))
    thread.once('exit', () => resolve(undefined))
  })
}

/** In a thread: reads the file that it was started for. */
async function answerAsThread(): Promise<void> {
  const asked = isMainThread ? undefined : Asked.safeParse(workerData).data
  if (asked === undefined) return
  const { path, requests } = asked.leakroomCapture
  parentPort?.postMessage(await openCapture(path, requests))
}
void answerAsThread()
