import { createHash, randomUUID } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '#lib/errors/user-error'
import { captureTables } from '#lib/findings/capture'
import type { CaptureTables } from '#lib/findings/capture-tables'
import { encodeGenerationTable } from '#lib/findings/generations'
import { encodeGroupTable } from '#lib/findings/group-table'
import { byType } from '#lib/findings/histograms'
import { encodeIdentityTable } from '#lib/findings/identity-table'
import { encodeOwnerTree } from '#lib/findings/owner-tree'
import { encodeRetainedRows, retainedRows } from '#lib/findings/retained-rows'
import { describeForeign } from '#lib/formats/foreign'
import { type HeapFormat, type HeapScanner, SNIFF_BYTES, scanSource } from '#lib/formats/format'
import { heapFormatOf, readableHeapFormats } from '#lib/formats/index'
import { retention } from '#lib/heap/retention'
import type { HeapSnapshot } from '#lib/heap/snapshot'
import type { HeapTotals } from '#lib/reports/heap-report'
import { type Encoding, encodingOf, headOf, plainPieces } from '#lib/storage/unpack'
import { bytes } from '#lib/units/quantity'
import { writeHeapColumns } from './columns-stand-in.ts'
import type { ReadResult, ReadTask, TaskProgress, WrittenFile } from './tasks.ts'

/** Plain bytes are this many times the stored ones: a guess, only to reserve memory. */
const USUAL_RATIO = 10

/** Told often; the listener decides how often it passes that on. */
type OnProgress = (progress: TaskProgress) => void

/**
 * From a stored file to its tables: unpack, recognise by content, scan, link, find dominators, group, write. Runs in a
 * worker thread.
 * @throws UserError when the file is not one that we read, is damaged, or is a bomb.
 */
export async function readFile(task: ReadTask, onProgress: OnProgress): Promise<ReadResult> {
  const started = performance.now()
  const encoding = encodingOf(headOf(task.path, 4))
  const { format, snapshot } =
    encoding === 'plain' ? scanPlain(task, onProgress) : await scanPacked(task, encoding, onProgress)

  const total = snapshot.notes.bytesRead
  const enter = (stage: TaskProgress['stage']) =>
    onProgress({ stage, ratio: null, bytesDone: total, bytesTotal: total })
  enter('dominators')
  const kept = retention(snapshot)
  enter('grouping')
  const tables = captureTables(snapshot, kept)
  const { owners } = tables
  if (!owners) throw new Error('retention was given, owners were not made')
  enter('columns')
  const columns = await writeHeapColumns(join(task.workFolder, randomUUID()), snapshot, kept)
  enter('storing')
  return {
    kind: 'heap',
    format: { id: format.id, label: format.label },
    encoding,
    plainBytes: total,
    totals: totalsOf(tables),
    rows: {
      groups: tables.groups.groups,
      generations: tables.generations.generation.length,
      owners: owners.paths,
    },
    byType: byType(tables.groups).map(({ name, count, bytes: size }) => ({ type: name, count, bytes: size })),
    tables: {
      groups: write(task.workFolder, encodeGroupTable(tables.groups)),
      generations: write(task.workFolder, encodeGenerationTable(tables.generations)),
      identities: write(task.workFolder, encodeIdentityTable(tables.identities)),
      retained: write(task.workFolder, encodeRetainedRows(retainedRows(snapshot, kept))),
      owners: write(task.workFolder, encodeOwnerTree(owners)),
      columns,
    },
    readMs: performance.now() - started,
  }
}

interface Scanned {
  readonly format: HeapFormat
  readonly snapshot: HeapSnapshot
}

/** Straight from the file into the scanner's own buffer: no copies, no waiting. */
function scanPlain(task: ReadTask, onProgress: OnProgress): Scanned {
  const format = formatOf(headOf(task.path, SNIFF_BYTES), task)
  const file = openSync(task.path, 'r')
  try {
    const size = fstatSync(file).size
    const source = { size, read: (into: Uint8Array) => readSync(file, into, 0, into.length, null) }
    const snapshot = scanSource(source, format.scanner({ plainBytes: size }), (done) => {
      const stage = done < size ? 'reading' : 'linking'
      onProgress({
        stage,
        ratio: size === 0 ? null : Math.min(1, done / size),
        bytesDone: done,
        bytesTotal: size,
      })
    })
    return { format, snapshot }
  } finally {
    closeSync(file)
  }
}

/** Progress is counted in stored bytes: nobody knows the plain size before the end. */
async function scanPacked(
  task: ReadTask,
  encoding: Exclude<Encoding, 'plain'>,
  onProgress: OnProgress,
): Promise<Scanned> {
  const { storedBytes } = task
  const limits = { storedBytes, maxPlainBytes: bytes(task.maxPlainBytes) }
  let head = new Uint8Array(0)
  let format: HeapFormat | undefined
  let scanner: HeapScanner | undefined
  const begin = (): HeapScanner => {
    format = formatOf(head.subarray(0, SNIFF_BYTES), task)
    const begun = format.scanner({ plainBytes: storedBytes * USUAL_RATIO })
    begun.feed(head)
    return begun
  }
  const onStored = (done: number) =>
    onProgress({
      stage: 'unpacking',
      ratio: Math.min(1, done / Math.max(1, storedBytes)),
      bytesDone: done,
      bytesTotal: storedBytes,
    })
  for await (const piece of plainPieces(task.path, encoding, limits, onStored)) {
    if (scanner) scanner.feed(piece)
    else {
      head = joined(head, piece)
      if (head.length >= SNIFF_BYTES) scanner = begin()
    }
  }
  scanner ??= begin()
  onProgress({ stage: 'linking', ratio: null, bytesDone: storedBytes, bytesTotal: storedBytes })
  const snapshot = scanner.finish()
  if (!format) throw new Error('a scanner without a format')
  return { format, snapshot }
}

function formatOf(head: Uint8Array, task: ReadTask): HeapFormat {
  const format = heapFormatOf(head, task.fileName)
  if (format) return format
  throw new UserError('format/unknown', { looksLike: describeForeign(head), readable: readableHeapFormats() })
}

function joined(head: Uint8Array, piece: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(head.length + piece.length)
  both.set(head)
  both.set(piece, head.length)
  return both
}

/** JSON has no `undefined`. */
function totalsOf({ totals }: CaptureTables): HeapTotals {
  const range = totals.generationRange
  return {
    ...totals,
    generationRange: range ? [range[0], range[1]] : null,
    badLineOffsets: [...totals.badLineOffsets],
    truncatedAt: totals.truncatedAt ?? null,
    producerHints: [...totals.producerHints],
    remarks: [...totals.remarks],
  }
}

/** Writes a table where the store can take it over. */
export function write(folder: string, content: Uint8Array): WrittenFile {
  const path = join(folder, randomUUID())
  writeFileSync(path, content, { flag: 'wx' })
  return { path, sha256: createHash('sha256').update(content).digest('hex'), size: content.length }
}

/** SHA-256 of a file; about 800 MB/s on one core. */
export function hashFile(path: string, onProgress: OnProgress): { sha256: string; size: number } {
  const hash = createHash('sha256')
  const buffer = new Uint8Array(1 << 18)
  const file = openSync(path, 'r')
  try {
    const size = fstatSync(file).size
    let done = 0
    for (;;) {
      const count = readSync(file, buffer, 0, buffer.length, null)
      if (count === 0) return { sha256: hash.digest('hex'), size: done }
      hash.update(buffer.subarray(0, count))
      done += count
      onProgress({ stage: 'hashing', ratio: Math.min(1, done / size), bytesDone: done, bytesTotal: size })
    }
  } finally {
    closeSync(file)
  }
}
