import { randomUUID } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { CaptureTables } from '#lib/findings/capture-tables'
import { encodeGenerationTable } from '#lib/findings/generations'
import { encodeGroupTable } from '#lib/findings/group-table'
import { byType } from '#lib/findings/histograms'
import { encodeIdentityTable } from '#lib/findings/identity-table'
import { encodeOwnerTree } from '#lib/findings/owner-tree'
import { encodeRetainedRows } from '#lib/findings/retained-rows'
import { type HeapFormat, scanSource } from '#lib/formats/format'
import type { HeapSnapshot } from '#lib/heap/snapshot'
import type { HeapTotals } from '#lib/reports/heap-report'
import { type WrittenColumns, writeHeapColumns } from '#lib/storage/heap-columns'
import { type Encoding, plainPieces } from '#lib/storage/unpack'
import { bytes } from '#lib/units/quantity'
import { SecondThread } from './second-thread.ts'
import { scanShared } from './shared-scan.ts'
import { sharedTables } from './shared-tables.ts'
import type { CaptureFile, HeapResult, OnProgress, ReadTask, TaskProgress } from './tasks.ts'
import { writeTable } from './write-table.ts'

/** Plain bytes are this many times the stored ones: a guess, only to reserve memory. */
const USUAL_RATIO = 10

/**
 * From a heap dump to its tables: scan, link, find dominators, group, write.
 * @throws UserError when the file is damaged or a bomb
 */
export async function readHeap(
  task: ReadTask,
  format: HeapFormat,
  encoding: Encoding,
  onProgress: OnProgress,
): Promise<HeapResult> {
  const started = performance.now()
  const second = task.help && new SecondThread(task.help)
  const snapshot = await scanHeap(task, format, encoding, onProgress, second)
  const total = snapshot.notes.bytesRead
  const enter = (stage: TaskProgress['stage']) =>
    onProgress({ stage, ratio: null, bytesDone: total, bytesTotal: total })
  const { workFolder } = task
  enter('dominators')
  let writing: Promise<WrittenColumns> | undefined
  const tables = await sharedTables(snapshot, second, (kept) => {
    enter('grouping')
    // The first columns are packed by zlib's own threads while this one groups.
    writing = writeHeapColumns(join(workFolder, randomUUID()), snapshot, kept)
    // Should grouping fail, nobody waits for this any more.
    writing.catch(() => {})
  })
  const { groups, generations, identities, owners, retained } = tables
  if (!owners || !retained || !writing) throw new Error('dominators were found, owners were not made')
  enter('columns')
  const columns = await writing
  enter('storing')
  return {
    kind: 'heap',
    format: { id: format.id, label: format.label },
    encoding,
    plainBytes: total,
    totals: totalsOf(tables),
    rows: { groups: groups.groups, generations: generations.generation.length, owners: owners.paths },
    byType: byType(groups).map(({ name, count, bytes: size }) => ({ type: name, count, bytes: size })),
    tables: {
      groups: writeTable(workFolder, encodeGroupTable(groups)),
      generations: writeTable(workFolder, encodeGenerationTable(generations)),
      identities: writeTable(workFolder, encodeIdentityTable(identities)),
      retained: writeTable(workFolder, encodeRetainedRows(retained)),
      owners: writeTable(workFolder, encodeOwnerTree(owners)),
      columns,
    },
    readMs: performance.now() - started,
  }
}

/**
 * From a heap dump to its linked graph, together with a second thread where there is one and the format allows.
 * @throws UserError when the file is damaged or a bomb
 */
export async function scanHeap(
  file: CaptureFile,
  format: HeapFormat,
  encoding: Encoding,
  onProgress: OnProgress,
  second?: SecondThread,
): Promise<HeapSnapshot> {
  const { id, rangeScanner } = format
  if (second && rangeScanner && encoding === 'plain') {
    const snapshot = await scanShared(file, { id, rangeScanner }, second, onProgress)
    if (snapshot) return snapshot
  }
  return encoding === 'plain'
    ? scanPlain(file, format, onProgress)
    : scanPacked(file, format, encoding, onProgress)
}

/** Straight from the file into the scanner's own buffer: no copies, no waiting. */
function scanPlain({ path }: CaptureFile, format: HeapFormat, onProgress: OnProgress): HeapSnapshot {
  const file = openSync(path, 'r')
  try {
    const size = fstatSync(file).size
    const source = { size, read: (into: Uint8Array) => readSync(file, into, 0, into.length, null) }
    return scanSource(source, format.scanner({ plainBytes: size }), (done) => {
      const stage = done < size ? 'reading' : 'linking'
      const ratio = size === 0 ? null : Math.min(1, done / size)
      onProgress({ stage, ratio, bytesDone: done, bytesTotal: size })
    })
  } finally {
    closeSync(file)
  }
}

/** Progress is counted in stored bytes: nobody knows the plain size before the end. */
async function scanPacked(
  { path, storedBytes, maxPlainBytes }: CaptureFile,
  format: HeapFormat,
  encoding: Exclude<Encoding, 'plain'>,
  onProgress: OnProgress,
): Promise<HeapSnapshot> {
  const limits = { storedBytes, maxPlainBytes: bytes(maxPlainBytes) }
  const scanner = format.scanner({ plainBytes: storedBytes * USUAL_RATIO })
  const onStored = (done: number) =>
    onProgress({
      stage: 'unpacking',
      ratio: Math.min(1, done / Math.max(1, storedBytes)),
      bytesDone: done,
      bytesTotal: storedBytes,
    })
  for await (const piece of plainPieces(path, encoding, limits, onStored)) scanner.feed(piece)
  onProgress({ stage: 'linking', ratio: null, bytesDone: storedBytes, bytesTotal: storedBytes })
  return scanner.finish()
}

/** JSON has no `undefined`. */
function totalsOf({ totals }: CaptureTables): HeapTotals {
  const range = totals.generationRange
  return {
    ...totals,
    generationRange: range ? [range[0], range[1]] : null,
    badLineOffsets: [...totals.badLineOffsets],
    truncatedAt: totals.truncatedAt ?? null,
    tracer: totals.tracer ? { ...totals.tracer } : null,
    producerHints: [...totals.producerHints],
    remarks: [...totals.remarks],
  }
}
