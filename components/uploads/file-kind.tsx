import { heapFormatOf } from '#lib/formats/index'
import { seriesFormatOf } from '#lib/formats/series-index'

/** Where a file goes: into the graph by way of the import dialog, or into the store as a capture. */
export type FileKind = 'series' | 'capture'

/** A file, and what it turned out to be. A packed graph comes out unpacked. */
export interface SortedFile {
  readonly file: File
  readonly kind: FileKind
}

const HEAD_BYTES = 4096
/** Graphs are text; a packed one above this is no graph that somebody wants to look at in a browser. */
const LARGEST_PACKED_SERIES = 32 * 1024 * 1024

/**
 * Content decides, the name only where the content is plain text of no known form: those are offered as a graph when
 * they are called like one, and uploaded otherwise, because the server can say what they are. Never throws.
 */
export async function sortFile(file: File): Promise<SortedFile> {
  const front = await readFront(file)
  const isGzip = front[0] === 0x1f && front[1] === 0x8b
  const head = isGzip ? await unpackedFront(file) : front
  const name = isGzip ? file.name.replace(/\.gz$/i, '') : file.name
  if (kindOf(head, name) === 'capture') return { file, kind: 'capture' }
  if (!isGzip) return { file, kind: 'series' }
  const unpacked = await unpack(file, name)
  return unpacked ? { file: unpacked, kind: 'series' } : { file, kind: 'capture' }
}

/** What a file is that starts with these plain bytes. */
export function kindOf(head: Uint8Array, fileName: string): FileKind {
  if (heapFormatOf(head, fileName)) return 'capture'
  const text = plainText(head)
  if (text === undefined) return 'capture'
  return seriesFormatOf(text, fileName) || SERIES_NAME.test(fileName) ? 'series' : 'capture'
}

/** Called like a graph, whatever is in it: the import dialog says what is missing. */
const SERIES_NAME = /\.(csv|tsv|prom|metrics|rss)$/i

/** The bytes as text; `undefined` when they are none. */
function plainText(head: Uint8Array): string | undefined {
  if (head.includes(0)) return undefined
  try {
    // The last character may be cut in two: `stream` leaves it out instead of refusing.
    return new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
  } catch {
    return undefined
  }
}

async function readFront(file: File): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer())
  } catch {
    // A folder or a file that is gone: the upload says so.
    return new Uint8Array(0)
  }
}

/** The first plain bytes of a .gz; empty when it is damaged. */
async function unpackedFront(file: File): Promise<Uint8Array> {
  const reader = file
    .slice(0, 64 * 1024)
    .stream()
    .pipeThrough(new DecompressionStream('gzip'))
    .getReader()
  try {
    const { value } = await reader.read()
    return value?.subarray(0, HEAD_BYTES) ?? new Uint8Array(0)
  } catch {
    return new Uint8Array(0)
  } finally {
    // The slice stops in the middle of the stream, which is an error that nobody is interested in.
    reader.cancel().catch(() => {})
  }
}

/** The whole of a small .gz as a plain file; `undefined` when it is large or damaged. */
async function unpack(file: File, name: string): Promise<File | undefined> {
  if (file.size > LARGEST_PACKED_SERIES) return undefined
  try {
    const stream = file.stream().pipeThrough(new DecompressionStream('gzip'))
    return new File([await new Response(stream).blob()], name, { lastModified: file.lastModified })
  } catch {
    return undefined
  }
}
