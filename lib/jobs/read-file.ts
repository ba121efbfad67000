import { UserError } from '#lib/errors/user-error'
import { describeForeign } from '#lib/formats/foreign'
import { type HeapFormat, SNIFF_BYTES } from '#lib/formats/format'
import { HEAP_FORMATS, heapFormatOf } from '#lib/formats/index'
import { STACK_FORMATS, stackFormatOf } from '#lib/formats/stack-index'
import { type Encoding, encodingOf, headOf, plainPieces } from '#lib/storage/unpack'
import { bytes } from '#lib/units/quantity'
import { readHeap } from './read-heap.ts'
import { readStackFile } from './read-stacks.ts'
import type { CaptureFile, OnProgress, ReadResult, ReadTask } from './tasks.ts'

/**
 * From a stored file to its tables, whatever it is: told by its content, unpacked, and read as a graph of objects or as
 * allocation stacks. Runs in a worker thread.
 * @throws UserError when the file is not one that we read, is damaged, or is a bomb.
 */
export async function readFile(task: ReadTask, onProgress: OnProgress): Promise<ReadResult> {
  try {
    const { encoding, head, heapFormat } = await recognised(task)
    if (heapFormat) return await readHeap(task, heapFormat, encoding, onProgress)
    return await readStackFile(task, head, encoding, onProgress)
  } finally {
    // Whoever waits at the other end may go.
    task.help?.close()
  }
}

/** What a file is, told by its content. Without a `heapFormat` it holds allocation stacks. */
export interface RecognisedFile {
  readonly encoding: Encoding
  /** The first plain bytes, at most SNIFF_BYTES. */
  readonly head: Uint8Array
  readonly heapFormat: HeapFormat | undefined
}

/** Looks at the front of a file. @throws UserError format/unknown, with a sentence that says what it is */
export async function recognised(file: CaptureFile): Promise<RecognisedFile> {
  const encoding = encodingOf(headOf(file.path, 4))
  const head = await plainHead(file, encoding)
  const heapFormat = heapFormatOf(head, file.fileName)
  if (heapFormat || stackFormatOf(head, file.fileName) || hasSymbolsInFront(head))
    return { encoding, head, heapFormat }
  throw new UserError('format/unknown', { looksLike: describeForeign(head), readable: readableFormats() })
}

/** What may be uploaded as a capture, for sentences that end "Leakroom reads …". */
function readableFormats(): string {
  const all = [...HEAP_FORMATS, ...STACK_FORMATS].map(({ readable }) => readable)
  return `${all.slice(0, -1).join(', ')} and ${all.at(-1)}, plain, .gz or .zst`
}

/** jemalloc's and gperftools' profiles may come behind the names of their addresses, which can be long. */
const hasSymbolsInFront = (head: Uint8Array): boolean =>
  new TextDecoder().decode(head.subarray(0, 10)) === '--- symbol'

/** The first plain bytes, at most SNIFF_BYTES. */
async function plainHead({ path, storedBytes, maxPlainBytes }: CaptureFile, encoding: Encoding) {
  if (encoding === 'plain') return headOf(path, SNIFF_BYTES)
  const head = new Uint8Array(SNIFF_BYTES)
  const limits = { storedBytes, maxPlainBytes: bytes(maxPlainBytes) }
  let size = 0
  for await (const piece of plainPieces(path, encoding, limits, () => {})) {
    head.set(piece.subarray(0, SNIFF_BYTES - size), size)
    size = Math.min(SNIFF_BYTES, size + piece.length)
    if (size === SNIFF_BYTES) break
  }
  return head.subarray(0, size)
}
