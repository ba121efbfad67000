import { UserError } from '#lib/errors/user-error'
import type { ReadAccess, WriteAccess } from '#lib/investigation/access'
import { CaptureId, InvestigationId } from '#lib/investigation/ids'
import type { CaptureRow, CaptureState, CaptureTotals } from '#lib/investigation/rows'
import type { Prisma } from '#prisma/generated/client'
import { db } from './client.ts'
import { type Emit, inRoom, inRoomAsNode, type Tx } from './events.ts'
import { presentCapture } from './presenters.ts'
import { type Place, rankAmong } from './ranks.ts'

/** More captures in one room than anybody compares; a runaway script must not fill the list. */
export const MAX_CAPTURES = 500

/** What is known of a capture when its upload begins. */
export interface NewCapture {
  readonly id: CaptureId
  readonly label: string
  readonly fileName: string
  /** Bytes as uploaded. */
  readonly size: number
  readonly takenAt: Date | null
  readonly process: string | null
  readonly requestCount: bigint | null
  /** Captures that come together name each other: they are compared in this order, whichever arrives first. */
  readonly place?: Place
}
/** A resumable upload (tus). */
export interface UploadRecord {
  readonly id: string
  readonly investigationId: InvestigationId
  readonly captureId: CaptureId
  readonly userId: string
  readonly size: number
}
/** A file in the store as the database knows it. */
export interface StoredFileFacts {
  readonly sha256: string
  readonly storedSize: number
  readonly encoding: 'plain' | 'gzip' | 'zstd'
}

/** Who brought it: a person's id, or a machine's token id. */
const creatorOf = (access: WriteAccess): string =>
  access.actor.kind === 'person' ? access.actor.userId : access.actor.tokenId

/**
 * A capture whose bytes are about to come, and its upload. Asked again with the same capture id by the same person (an
 * answer got lost on the way), it answers the same capture, as long as it is still being uploaded.
 * @throws UserError request/malformed when the id is taken or the room is full
 */
export async function addUploadingCapture(
  access: WriteAccess,
  capture: NewCapture,
  uploadId: string,
): Promise<CaptureRow> {
  const userId = creatorOf(access)
  return inRoom(access, async (tx, emit) => {
    const known = await tx.capture.findUnique({ where: { id: capture.id } })
    if (known) {
      const isSame =
        known.investigationId === access.investigationId &&
        known.createdBy === userId &&
        known.state === 'uploading' &&
        known.size === BigInt(capture.size)
      if (!isSame) throw new UserError('request/malformed', { where: 'capture id' })
      return presentCapture(known)
    }
    const row = await insertCapture(tx, access, capture, { state: 'uploading' })
    const { investigationId } = access
    const { id: captureId, fileName, size } = capture
    await tx.upload.create({
      data: { id: uploadId, investigationId, userId, captureId, fileName, size: BigInt(size) },
    })
    await emit('capture:added', { capture: row })
    return row
  })
}

/** A capture of a file that is in the store already: no bytes come. Ready at once when its report is known. */
export async function addStoredCapture(
  access: WriteAccess,
  capture: NewCapture,
  sha256: string,
  known: { format: string; totals: CaptureTotals } | undefined,
): Promise<CaptureRow> {
  return inRoom(access, async (tx, emit) => {
    const row = await insertCapture(tx, access, capture, {
      sha256,
      ...(known ? { state: 'ready', format: known.format, totals: known.totals } : { state: 'queued' }),
    })
    await emit('capture:added', { capture: row })
    return row
  })
}

async function insertCapture(
  tx: Tx,
  access: WriteAccess,
  capture: NewCapture,
  more: { state: CaptureState; sha256?: string; format?: string; totals?: CaptureTotals },
): Promise<CaptureRow> {
  const { investigationId } = access
  const { place = { after: [], before: [] }, ...facts } = capture
  const others = await tx.capture.findMany({ where: { investigationId }, select: { id: true, rank: true } })
  if (others.length >= MAX_CAPTURES) throw new UserError('request/malformed', { where: 'number of captures' })
  const row = await tx.capture.create({
    data: {
      ...facts,
      ...more,
      size: BigInt(capture.size),
      investigationId,
      rank: rankAmong(others, place),
      createdBy: creatorOf(access),
    },
  })
  return presentCapture(row)
}

/** @throws UserError request/not-found */
export async function loadCapture(access: ReadAccess, captureId: string): Promise<CaptureRow> {
  const [row] = await loadCaptures(access, [captureId])
  if (!row) throw new UserError('request/not-found', { what: 'capture' })
  return row
}

/** The captures of these ids that are in the room, in the order of the ids. */
export async function loadCaptures(access: ReadAccess, ids: readonly string[]): Promise<CaptureRow[]> {
  const valid = ids.filter((id) => CaptureId.safeParse(id).success)
  const rows = await db().capture.findMany({
    where: { investigationId: access.investigationId, id: { in: valid } },
  })
  const byId = new Map(rows.map((row) => [row.id, row]))
  return valid.flatMap((id) => {
    const row = byId.get(id)
    return row ? [presentCapture(row)] : []
  })
}

/** Is this content in a capture of the team? Only then may somebody attach it by its hash alone. */
export async function teamHasFile(access: ReadAccess, sha256: string): Promise<StoredFileFacts | undefined> {
  const capture = await db().capture.findFirst({
    where: { sha256, investigation: { teamId: access.teamId } },
    include: { file: true },
  })
  if (!capture?.file) return undefined
  return factsOf(capture.file)
}

/** @throws UserError upload/gone when the upload is not (or no longer) one of this room */
export async function loadUpload(access: WriteAccess, uploadId: string): Promise<UploadRecord> {
  const row = await db().upload.findFirst({
    where: { id: uploadId, investigationId: access.investigationId },
  })
  if (!row) throw new UserError('upload/gone')
  return presentUpload(row)
}

/** All uploads that have not ended, for the sweep. */
export async function unfinishedUploads(): Promise<(UploadRecord & { createdAt: Date })[]> {
  const rows = await db().upload.findMany()
  return rows.map((row) => ({ ...presentUpload(row), createdAt: row.createdAt }))
}

/** The uploads of a capture, for cancelling it. */
export async function uploadsOf(captureId: string): Promise<string[]> {
  const rows = await db().upload.findMany({ where: { captureId }, select: { id: true } })
  return rows.map((row) => row.id)
}

/** Nothing happens when it is gone. */
export async function forgetUpload(uploadId: string): Promise<void> {
  await db().upload.deleteMany({ where: { id: uploadId } })
}

type UploadRow = Prisma.UploadGetPayload<object>
const presentUpload = (row: UploadRow): UploadRecord => ({
  id: row.id,
  investigationId: InvestigationId.parse(row.investigationId),
  captureId: CaptureId.parse(row.captureId),
  userId: row.userId,
  size: Number(row.size),
})

const factsOf = (file: Prisma.StoredFileGetPayload<object>): StoredFileFacts => ({
  sha256: file.sha256,
  storedSize: Number(file.storedSize),
  encoding: file.encoding === 'gzip' || file.encoding === 'zstd' ? file.encoding : 'plain',
})

/**
 * All bytes have come: the capture waits for a reader, or is ready when its content is known. The upload's record goes.
 * Undefined when the capture was cancelled or removed meanwhile.
 */
export async function finishUploadedCapture(
  upload: UploadRecord,
  file: StoredFileFacts,
  known: { format: string; totals: CaptureTotals } | undefined,
  access: WriteAccess | undefined,
): Promise<CaptureRow | undefined> {
  const change = async (tx: Tx, emit: Emit) => {
    await tx.upload.deleteMany({ where: { id: upload.id } })
    // Also for a capture that is gone: files without captures are found by their rows and removed.
    await upsertFile(tx, file)
    const found = await tx.capture.findUnique({ where: { id: upload.captureId } })
    if (found?.state !== 'uploading') return undefined
    const row = await tx.capture.update({
      where: { id: upload.captureId },
      data: {
        sha256: file.sha256,
        size: BigInt(file.storedSize),
        ...(known ? { state: 'ready', format: known.format, totals: known.totals } : { state: 'queued' }),
      },
    })
    await emit('capture:state-changed', { capture: presentCapture(row) })
    return presentCapture(row)
  }
  return access ? inRoom(access, change) : inRoomAsNode(upload.investigationId, change)
}

/** Writes down that a file is in the store, before a capture refers to it. */
export async function rememberFile(file: StoredFileFacts): Promise<void> {
  await upsertFile(db(), file)
}

async function upsertFile(tx: Tx, file: StoredFileFacts): Promise<void> {
  const { sha256, encoding } = file
  const storedSize = BigInt(file.storedSize)
  // The plain size of a packed file is known when it has been read.
  const data = { sha256, encoding, storedSize, size: storedSize }
  // Not `upsert`: with nothing to update Prisma asks first and inserts then, and two uploads of one file collide.
  await tx.storedFile.createMany({ data, skipDuplicates: true })
}

/** A capture whose upload came to nothing. Says so in its row, unless the row has moved on. */
export async function failUploadingCapture(upload: UploadRecord, problem: string): Promise<void> {
  await inRoomAsNode(upload.investigationId, async (tx, emit) => {
    await tx.upload.deleteMany({ where: { id: upload.id } })
    await moveOn(tx, emit, upload.captureId, ['uploading'], { state: 'failed', problem })
  })
}

/** An upload that its sender ended: the record goes, and the capture says that it was cancelled. */
export async function unloadCancelledUpload(access: WriteAccess, upload: UploadRecord): Promise<void> {
  await inRoom(access, async (tx, emit) => {
    await tx.upload.deleteMany({ where: { id: upload.id } })
    await moveOn(tx, emit, upload.captureId, ['uploading'], { state: 'cancelled' })
  })
}

/** A capture that waits for its file to be read. */
export interface WaitingCapture {
  readonly id: CaptureId
  readonly investigationId: InvestigationId
  readonly fileName: string
  readonly state: CaptureState
  /** Who brought it, for the progress that everybody sees. */
  readonly userName: string
}

/** Captures of this content that wait to be read or are being read, in all rooms. */
export async function capturesWaitingFor(sha256: string): Promise<WaitingCapture[]> {
  const rows = await db().capture.findMany({ where: { sha256, state: { in: ['queued', 'reading'] } } })
  const creators = [...new Set(rows.map((row) => row.createdBy))]
  const users = await db().user.findMany({
    where: { id: { in: creators } },
    select: { id: true, name: true },
  })
  const names = new Map(users.map((user) => [user.id, user.name]))
  return rows.map((row) => ({
    id: CaptureId.parse(row.id),
    investigationId: InvestigationId.parse(row.investigationId),
    fileName: row.fileName,
    // reason: the query asked for these two states.
    state: row.state as CaptureState,
    userName: names.get(row.createdBy) ?? 'Leakroom',
  }))
}

/** The contents that any capture waits for. */
export async function contentsWaitedFor(): Promise<string[]> {
  const rows = await db().capture.findMany({
    where: { state: { in: ['queued', 'reading'] }, sha256: { not: null } },
    distinct: ['sha256'],
    select: { sha256: true },
  })
  return rows.flatMap((row) => row.sha256 ?? [])
}

/** What a waiting capture becomes. */
export type Outcome =
  | { readonly state: 'reading' }
  | { readonly state: 'ready'; readonly format: string; readonly totals: CaptureTotals }
  | { readonly state: 'failed'; readonly problem: string; readonly format?: string }

/** Moves one waiting capture on and tells its room. Nothing happens when it was cancelled, removed or is there already. */
export async function settleCapture(capture: WaitingCapture, outcome: Outcome): Promise<void> {
  await inRoomAsNode(capture.investigationId, async (tx, emit) => {
    await moveOn(tx, emit, capture.id, ['queued', 'reading'], {
      problem: null,
      ...outcome,
    })
  })
}

/**
 * Puts a capture in line again: "Read again". Its report, if any, is made anew by the reader only when its version is
 * old or its tables are missing.
 * @throws UserError read/not-ready while it is on its way anyway or was never stored
 */
export async function requeueCapture(access: WriteAccess, captureId: string): Promise<CaptureRow> {
  return inRoom(access, async (tx, emit) => {
    const found = await tx.capture.findFirst({
      where: { id: CaptureId.parse(captureId), investigationId: access.investigationId },
    })
    if (!found) throw new UserError('request/not-found', { what: 'capture' })
    if (found.sha256 === null || !['failed', 'ready', 'cancelled'].includes(found.state))
      throw new UserError('read/not-ready', { label: found.label, state: found.state })
    const row = await tx.capture.update({
      where: { id: found.id },
      data: { state: 'queued', problem: null },
    })
    await emit('capture:state-changed', { capture: presentCapture(row) })
    return presentCapture(row)
  })
}

/**
 * Puts a capture in line again by itself: its report was written by another version, or its tables were lost. Nothing
 * happens when it is not ready (any more).
 */
export async function requeueStaleCapture(captureId: string): Promise<void> {
  const found = await db().capture.findUnique({ where: { id: captureId }, select: { investigationId: true } })
  if (!found) return
  await inRoomAsNode(InvestigationId.parse(found.investigationId), (tx, emit) =>
    moveOn(tx, emit, captureId, ['ready'], { state: 'queued' }),
  )
}

async function moveOn(
  tx: Tx,
  emit: Emit,
  id: string,
  from: readonly CaptureState[],
  data: Prisma.CaptureUpdateInput,
): Promise<void> {
  const found = await tx.capture.findUnique({ where: { id } })
  if (!found || !from.some((state) => state === found.state) || found.state === data.state) return
  // The version stays: a state that moves on by itself must not make a person's edit of the label a conflict.
  const row = await tx.capture.update({ where: { id }, data })
  await emit('capture:state-changed', { capture: presentCapture(row) })
}

/** State and content of one capture, for the node's own work; undefined when it is gone. */
export async function captureFacts(
  captureId: string,
): Promise<{ state: string; sha256: string | null } | undefined> {
  const row = await db().capture.findUnique({
    where: { id: captureId },
    select: { state: true, sha256: true },
  })
  return row ?? undefined
}

/** Stored files that no capture has used for a day: their bytes may go. */
export async function unusedFiles(olderThan: Date, limit = 100): Promise<string[]> {
  const rows = await db().storedFile.findMany({
    where: { captures: { none: {} }, createdAt: { lt: olderThan } },
    select: { sha256: true },
    take: limit,
  })
  return rows.map((row) => row.sha256)
}

/** Forgets a stored file unless a capture uses it (again). True when it is forgotten. */
export async function forgetFile(sha256: string): Promise<boolean> {
  const { count } = await db().storedFile.deleteMany({ where: { sha256, captures: { none: {} } } })
  return count > 0
}

/** What a packed file came to, once that is known. */
export async function recordPlainSize(sha256: string, plainBytes: number): Promise<void> {
  await db().storedFile.updateMany({ where: { sha256 }, data: { size: BigInt(plainBytes) } })
}
