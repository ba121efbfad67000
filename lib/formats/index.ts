import { UserError } from '#lib/errors/user-error'
import { describeForeign } from './foreign.ts'
import type { HeapFormat } from './format.ts'
import { memprof } from './memprof/index.ts'
import { rubyObjspace } from './ruby-objspace/index.ts'
import { v8Heapsnapshot } from './v8-heapsnapshot/index.ts'

/** Every heap format we read. Order matters only where one `recognises` could match another's file. */
export const HEAP_FORMATS: readonly HeapFormat[] = [rubyObjspace, v8Heapsnapshot, memprof]

/** "a and b": what may be uploaded as a heap snapshot, for sentences that end "Leakroom reads …". */
export const readableHeapFormats = (): string =>
  `${HEAP_FORMATS.map((format) => format.readable).join(' and ')}, plain, .gz or .zst`

/** The format of a file that starts with these plain bytes; `undefined` when none knows it. */
export function heapFormatOf(head: Uint8Array, fileName: string): HeapFormat | undefined {
  return HEAP_FORMATS.find((format) => format.recognises(head, fileName))
}

/**
 * As `heapFormatOf`, for a file that somebody uploaded as a heap snapshot.
 * @throws UserError format/unknown, with a sentence that says what the file is.
 */
export function requireHeapFormat(head: Uint8Array, fileName: string): HeapFormat {
  const format = heapFormatOf(head, fileName)
  if (format !== undefined) return format
  throw new UserError('format/unknown', { looksLike: describeForeign(head), readable: readableHeapFormats() })
}
