import { once } from 'node:events'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { MessagePort } from 'node:worker_threads'
import type { HeapScanner, RangeScanner } from '#lib/formats/format'
import { HEAP_FORMATS } from '#lib/formats/index'
import { type FileRange, lineRanges } from '#lib/formats/ranges'
import type { HeapSnapshot } from '#lib/heap/snapshot'
import type { CaptureFile, HelpTask, OnProgress } from './tasks.ts'

// One file, two threads: the one that has the task cuts the file, the other scans what comes after the cut and hands its
// columns over. They speak over a port of their own, so that no column passes through the event loop of the node.

/** Which range the helper is to read. Closing the port instead means: none. */
interface RangeWanted extends FileRange {
  readonly formatId: string
}
/** What it gives back: the part as its scanner made it. */
interface RangeRead {
  readonly part: unknown
}

type MakeScanner = NonNullable<(typeof HEAP_FORMATS)[number]['rangeScanner']>

/**
 * Scans a plain file together with the thread at the other end of `port`. When that one fails or ends, this one reads its
 * range too: help makes it faster, never different. Undefined when the file cannot be cut.
 * @throws UserError as HeapScanner.finish
 */
export async function scanShared(
  { path }: CaptureFile,
  format: { readonly id: string; readonly rangeScanner: MakeScanner },
  port: MessagePort,
  onProgress: OnProgress,
): Promise<HeapSnapshot | undefined> {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const readAt = (into: Uint8Array, offset: number) => readSync(file, into, 0, into.length, offset)
    const [own, other, ...more] = lineRanges(size, 2, readAt)
    if (!own || !other || more.length > 0) return undefined
    const answer = nextMessage<RangeRead>(port)
    port.postMessage({ formatId: format.id, ...other } satisfies RangeWanted)
    // Room for all of it, so that nothing moves when the other range is appended; untouched room costs nothing.
    const scanner = format.rangeScanner({ plainBytes: size })
    scanRange(file, own, scanner, (done) => {
      const ratio = Math.min(1, (done - own.start) / (own.end - own.start))
      onProgress({ stage: 'reading', ratio, bytesDone: Math.round(ratio * size), bytesTotal: size })
    })
    const read = await answer
    onProgress({ stage: 'linking', ratio: null, bytesDone: size, bytesTotal: size })
    if (read) scanner.append(read.part)
    else scanRange(file, other, scanner)
    return scanner.finish()
  } finally {
    closeSync(file)
  }
}

/** The other end: reads the range that is asked for. Answers whether one was. */
export async function helpReading({ path, port }: HelpTask): Promise<{ readonly hasHelped: boolean }> {
  try {
    const wanted = await nextMessage<RangeWanted>(port)
    const format = HEAP_FORMATS.find(({ id }) => id === wanted?.formatId)
    if (!wanted || !format?.rangeScanner) return { hasHelped: false }
    const { start, end } = wanted
    const scanner = format.rangeScanner({ plainBytes: end - start, startsAt: start })
    const part = rangePart(path, wanted, scanner)
    // Its columns are shared memory: nothing is copied, nothing detached.
    port.postMessage({ part } satisfies RangeRead)
    return { hasHelped: true }
  } finally {
    port.close()
  }
}

function rangePart(path: string, range: FileRange, scanner: RangeScanner<unknown>): unknown {
  const file = openSync(path, 'r')
  try {
    scanRange(file, range, scanner)
    return scanner.part()
  } finally {
    closeSync(file)
  }
}

function scanRange(
  file: number,
  { start, end }: FileRange,
  scanner: HeapScanner,
  onProgress?: (done: number) => void,
): void {
  for (let at = start; at < end; ) {
    const space = scanner.space()
    const count = readSync(file, space, 0, Math.min(space.length, end - at), at)
    if (count === 0) return
    scanner.wrote(count)
    at += count
    onProgress?.(at)
  }
}

/** The next message, or undefined when the other end closes the port or its thread ends. */
async function nextMessage<T>(port: MessagePort): Promise<T | undefined> {
  const stop = new AbortController()
  try {
    return await Promise.race([
      // reason: both ends of the port are this file.
      once(port, 'message', stop).then(([message]) => message as T),
      once(port, 'close', stop).then(() => undefined),
    ])
  } finally {
    stop.abort()
  }
}
