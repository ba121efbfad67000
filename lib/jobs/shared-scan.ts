import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { HEAP_FORMATS } from '#lib/formats/index'
import { lineRanges } from '#lib/formats/ranges'
import type { HeapSnapshot } from '#lib/heap/snapshot'
import { type SecondThread, scanRange } from './second-thread.ts'
import type { CaptureFile, OnProgress } from './tasks.ts'

type MakeScanner = NonNullable<(typeof HEAP_FORMATS)[number]['rangeScanner']>

/**
 * Scans a plain file in two threads: this one cuts it and scans the first half, `second` what comes after the cut. When
 * that one fails or ends, this one reads its range too: help makes it faster, never different. Undefined when the file
 * cannot be cut.
 * @throws UserError as HeapScanner.finish
 */
export async function scanShared(
  { path }: Pick<CaptureFile, 'path'>,
  format: { readonly id: string; readonly rangeScanner: MakeScanner },
  second: SecondThread,
  onProgress: OnProgress,
): Promise<HeapSnapshot | undefined> {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const readAt = (into: Uint8Array, offset: number) => readSync(file, into, 0, into.length, offset)
    const [own, other, ...more] = lineRanges(size, 2, readAt)
    if (!own || !other || more.length > 0) return undefined
    const answer = second.ask('range', { formatId: format.id, ...other })
    // Room for all of it, so that nothing moves when the other range is appended; untouched room costs nothing.
    const scanner = format.rangeScanner({ plainBytes: size })
    scanRange(file, own, scanner, (done) => {
      const ratio = Math.min(1, (done - own.start) / (own.end - own.start))
      onProgress({ stage: 'reading', ratio, bytesDone: Math.round(ratio * size), bytesTotal: size })
    })
    const part = await answer
    onProgress({ stage: 'linking', ratio: null, bytesDone: size, bytesTotal: size })
    if (part === undefined) scanRange(file, other, scanner)
    else scanner.append(part)
    return scanner.finish()
  } finally {
    closeSync(file)
  }
}
