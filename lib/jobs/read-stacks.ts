import { readFileSync, statSync } from 'node:fs'
import { UserError } from '#lib/errors/user-error'
import { encodeGroupTable } from '#lib/findings/group-table'
import { encodeStackProfile } from '#lib/findings/stack-columns'
import { MAX_STACK_BYTES } from '#lib/formats/stack-format'
import { readStacks } from '#lib/formats/stack-index'
import { stackSummary } from '#lib/reports/stack-report'
import { type Encoding, plainPieces } from '#lib/storage/unpack'
import { bytes } from '#lib/units/quantity'
import type { CaptureFile, OnProgress, ReadTask, StackResult } from './tasks.ts'
import { writeTable } from './write-table.ts'

/**
 * From a file of allocation stacks to its tables. Such files are small: read whole, and refused beyond MAX_STACK_BYTES.
 * @throws UserError format/* · upload/too-large · upload/bomb
 */
export async function readStackFile(
  task: ReadTask,
  head: Uint8Array,
  encoding: Encoding,
  onProgress: OnProgress,
): Promise<StackResult> {
  const started = performance.now()
  const content = await wholeFile(task, encoding, onProgress)
  const enter = (stage: 'reading' | 'storing') =>
    onProgress({ stage, ratio: null, bytesDone: content.length, bytesTotal: content.length })
  enter('reading')
  const { format, profile, groups } = readStacks(content, head, task.fileName)
  enter('storing')
  return {
    kind: 'stacks',
    format,
    encoding,
    plainBytes: content.length,
    summary: stackSummary(profile),
    rows: { groups: groups.groups },
    tables: {
      profile: writeTable(task.workFolder, encodeStackProfile(profile)),
      groups: writeTable(task.workFolder, encodeGroupTable(groups)),
    },
    readMs: performance.now() - started,
  }
}

/** The plain content. @throws UserError upload/too-large · upload/bomb */
export async function wholeFile(
  file: CaptureFile,
  encoding: Encoding,
  onProgress: OnProgress,
): Promise<Uint8Array> {
  return encoding === 'plain' ? wholePlain(file) : wholePacked(file, encoding, onProgress)
}

function wholePlain({ path }: CaptureFile): Uint8Array {
  const { size } = statSync(path)
  if (size > MAX_STACK_BYTES)
    throw new UserError('upload/too-large', { size: bytes(size), limit: bytes(MAX_STACK_BYTES) })
  return readFileSync(path)
}

async function wholePacked(
  { path, storedBytes, maxPlainBytes }: CaptureFile,
  encoding: Exclude<Encoding, 'plain'>,
  onProgress: OnProgress,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  const limits = { storedBytes, maxPlainBytes: bytes(Math.min(maxPlainBytes, MAX_STACK_BYTES)) }
  const onStored = (done: number) =>
    onProgress({
      stage: 'unpacking',
      ratio: Math.min(1, done / Math.max(1, storedBytes)),
      bytesDone: done,
      bytesTotal: storedBytes,
    })
  // A piece is reused once the next is asked for.
  for await (const piece of plainPieces(path, encoding, limits, onStored)) pieces.push(piece.slice())
  return Buffer.concat(pieces)
}
