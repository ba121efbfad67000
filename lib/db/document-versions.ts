import { compactState, restoringUpdate } from '#lib/collab/state'
import { UserError } from '#lib/errors/user-error'
import type { ReadAccess, WriteAccess } from '#lib/investigation/access'
import type { DocId } from '#lib/investigation/ids'
import { database } from './client.ts'
import type { Compact } from './document-compaction.ts'
import { appendServerUpdate, documentOf, loadDocument } from './documents.ts'
import { inRoom } from './events.ts'

/** A restore point of a room's text. */
export interface DocumentVersion {
  readonly epoch: number
  readonly seq: number
  readonly label: string
  readonly authorId: string | null
  /** Epoch milliseconds. */
  readonly at: number
}

/**
 * Keeps the document as it stands under a label. The same sequence is kept once, whoever asks, so several nodes may ask
 * for the same reason. Costs one read of the document.
 * @returns the version's sequence, or undefined when this very text is kept already.
 */
export async function keepVersion(
  docId: DocId,
  label: string,
  authorId: string | null,
  compact: Compact = compactState,
): Promise<number | undefined> {
  const stored = await loadDocument(docId)
  if (!stored) return undefined
  const state = await compact(stored.snapshot, stored.updates)
  const { rowCount } = await database().pool.query(
    `insert into ydoc_version (doc_id, epoch, seq, label, author_id, state) values ($1, $2, $3, $4, $5, $6)
     on conflict do nothing`,
    [docId, stored.epoch, stored.headSeq, label, authorId, Buffer.from(state)],
  )
  return rowCount === 0 ? undefined : stored.headSeq
}

/**
 * Keeps the text as it stood at a sequence, before a session's first change, unless a version was kept in the last
 * quarter of an hour. Nothing is kept of an empty text, or when the log was folded past that sequence already.
 */
export async function keepVersionBefore(
  docId: DocId,
  seq: number,
  label: string,
  compact: Compact = compactState,
): Promise<void> {
  const { rowCount } = await database().pool.query(
    `select 1 from ydoc_version where doc_id = $1 and created_at > now() - interval '15 minutes' limit 1`,
    [docId],
  )
  if (rowCount) return
  const stored = await loadDocument(docId)
  if (!stored || stored.snapshotSeq > seq || (seq === 0 && !stored.snapshot)) return
  const state = await compact(stored.snapshot, stored.updates.slice(0, seq - stored.snapshotSeq))
  await database().pool.query(
    `insert into ydoc_version (doc_id, epoch, seq, label, author_id, state) values ($1, $2, $3, $4, null, $5)
     on conflict do nothing`,
    [docId, stored.epoch, seq, label, Buffer.from(state)],
  )
}

/** A person keeps a version by hand; the timeline tells it. */
export async function saveVersion(access: WriteAccess, label: string): Promise<number | undefined> {
  const docId = await documentOf(access)
  const authorId = access.actor.kind === 'person' ? access.actor.userId : null
  const seq = await keepVersion(docId, label, authorId)
  if (seq !== undefined) await inRoom(access, (_tx, emit) => emit('document:version-saved', { label, seq }))
  return seq
}

/** The room's versions, newest first, at most 200. */
export async function listVersions(access: ReadAccess): Promise<DocumentVersion[]> {
  const { rows } = await database().pool.query<{
    epoch: number
    seq: string
    label: string
    author_id: string | null
    created_at: Date
  }>(
    `select epoch, seq, label, author_id, created_at from ydoc_version where doc_id = $1
     order by created_at desc limit 200`,
    [await documentOf(access)],
  )
  return rows.map((row) => ({
    epoch: row.epoch,
    seq: Number(row.seq),
    label: row.label,
    authorId: row.author_id,
    at: row.created_at.getTime(),
  }))
}

/**
 * Makes the text read as it did at a version: an edit forward that everybody sees arrive. What stood there before is
 * kept as a version first, so restoring can be taken back.
 * @throws UserError request/not-found
 */
export async function restoreVersion(access: WriteAccess, epoch: number, seq: number): Promise<void> {
  const docId = await documentOf(access)
  const { rows } = await database().pool.query<{ label: string; state: Buffer }>(
    'select label, state from ydoc_version where doc_id = $1 and epoch = $2 and seq = $3',
    [docId, epoch, seq],
  )
  const version = rows[0]
  if (!version) throw new UserError('request/not-found', { what: 'version' })
  const authorId = access.actor.kind === 'person' ? access.actor.userId : null
  await keepVersion(docId, `Before restoring "${version.label}"`, authorId)
  const stored = await loadDocument(docId)
  if (!stored) throw new UserError('request/not-found', { what: 'document' })
  const current = compactState(stored.snapshot, stored.updates)
  await appendServerUpdate(access, docId, stored.epoch, restoringUpdate(current, version.state))
  await inRoom(access, (_tx, emit) => emit('document:restored', { label: version.label }))
}
