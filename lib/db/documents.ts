import { createHash, randomUUID } from 'node:crypto'
import type { PoolClient } from 'pg'
import { DamagedState } from '#lib/collab/state'
import type { ReadAccess, WriteAccess } from '#lib/investigation/access'
import { DocId, InvestigationId } from '#lib/investigation/ids'
import { database } from './client.ts'
import type { Tx } from './events.ts'
import { hint } from './hints.ts'
import { pooledTransaction } from './transactions.ts'

// The log of shared documents, over plain `pg`: bytes in, bytes out, one round trip. Who may do it is settled before:
// the socket server holds the access value of every person whose update it appends.

/** Writes that come from no browser: a seed, a restored version. */
const SERVER_NODE = '00000000-0000-0000-0000-000000000000'

/**
 * Makes a room's shared document, in the transaction that makes the room. `seed` is a Yjs update (V1) that it starts
 * with: seeding happens here or never, because two seeds would both stay in the text.
 */
export async function createDocument(
  tx: Tx,
  investigationId: InvestigationId,
  seed?: Uint8Array<ArrayBuffer>,
): Promise<DocId> {
  const id = DocId.parse(randomUUID())
  const snapSha = seed ? new Uint8Array(sha256(seed)) : null
  await tx.yDoc.create({ data: { id, investigationId, kind: 'room', snap: seed ?? null, snapSha } })
  return id
}

/** The room's shared document. @throws Error when it has none: a bug of whoever made the room. */
export async function documentOf(access: ReadAccess): Promise<DocId> {
  const { rows } = await database().pool.query<{ id: string }>({
    name: 'document-of',
    text: `select id from ydoc where investigation_id = $1 and kind = 'room'`,
    values: [access.investigationId],
  })
  const row = rows[0]
  if (!row) throw new Error(`investigation ${access.investigationId} has no document`)
  return DocId.parse(row.id)
}

/** A document as stored: the compacted state, and the updates after it. */
export interface StoredDocument {
  readonly investigationId: InvestigationId
  readonly epoch: number
  readonly snapshot: Uint8Array | null
  readonly snapshotSeq: number
  /** In order of sequence, from `snapshotSeq + 1` to `headSeq`. */
  readonly updates: readonly Uint8Array[]
  readonly headSeq: number
}

/** Reads a document in one snapshot of the database. @throws DamagedState when its log has a hole or its state is damaged. */
export async function loadDocument(docId: DocId): Promise<StoredDocument | undefined> {
  return inSnapshot((client) => readDocument(client, docId))
}

/** As `loadDocument`, inside the caller's transaction. */
export async function readDocument(client: PoolClient, docId: DocId): Promise<StoredDocument | undefined> {
  const { rows } = await client.query<{
    investigation_id: string
    epoch: number
    head_seq: string
    snap_seq: string
    snap: Buffer | null
    snap_sha: Buffer | null
  }>('select investigation_id, epoch, head_seq, snap_seq, snap, snap_sha from ydoc where id = $1', [docId])
  const row = rows[0]
  if (!row) return undefined
  const snapshotSeq = Number(row.snap_seq)
  const headSeq = Number(row.head_seq)
  const tail = await client.query<{ seq: string; payload: Buffer }>(
    'select seq, payload from ydoc_update where doc_id = $1 and epoch = $2 and seq > $3 order by seq',
    [docId, row.epoch, snapshotSeq],
  )
  tail.rows.forEach(({ seq }, index) => {
    if (Number(seq) !== snapshotSeq + 1 + index)
      throw new DamagedState(`document ${docId} lacks update ${snapshotSeq + 1 + index}`)
  })
  if (snapshotSeq + tail.rows.length !== headSeq)
    throw new DamagedState(`document ${docId} lacks its newest updates`)
  if (row.snap && row.snap_sha && !sha256(row.snap).equals(row.snap_sha)) {
    throw new DamagedState(`the compacted state of document ${docId} is damaged`)
  }
  return {
    investigationId: InvestigationId.parse(row.investigation_id),
    epoch: row.epoch,
    snapshot: row.snap,
    snapshotSeq,
    updates: tail.rows.map(({ payload }) => payload),
    headSeq,
  }
}

/** Which user each client id of a document belongs to. */
export async function clientOwners(docId: DocId): Promise<Map<number, string>> {
  const { rows } = await database().pool.query<{ client_id: string; user_id: string }>(
    'select client_id, user_id from ydoc_client where doc_id = $1',
    [docId],
  )
  return new Map(rows.map((row) => [Number(row.client_id), row.user_id]))
}

/** One update on its way into the log. */
export interface Append {
  readonly update: Uint8Array
  /** Null: no person wrote it. */
  readonly authorId: string | null
  /** Client ids that write here for the first time, and belong to the author from now on. */
  readonly claims: readonly number[]
}

/**
 * Appends a batch: one statement, one commit. The document's row is locked from the increment to the commit, so order
 * of sequence is order of commit and `seq > seen` never skips a row (with a plain serial it does).
 *
 * @returns the sequence of the batch's last update, or undefined when the epoch is not the document's any more.
 * @throws what `pg` throws; then nobody knows whether it was stored, and appending again is safe (updates are
 *   idempotent).
 */
export async function appendUpdates(
  docId: DocId,
  epoch: number,
  nodeId: string,
  batch: readonly Append[],
): Promise<number | undefined> {
  const payloads = batch.map(({ update }) => Buffer.from(update.buffer, update.byteOffset, update.byteLength))
  const claims = batch.flatMap(({ claims, authorId }) =>
    authorId ? claims.map((id) => ({ id, authorId })) : [],
  )
  const { rows } = await database().pool.query<{ last: string | null }>({
    name: 'append-updates',
    text: APPEND,
    values: [
      docId,
      batch.length,
      batch.map(({ authorId }) => authorId),
      nodeId,
      epoch,
      payloads.reduce((sum, payload) => sum + payload.byteLength, 0),
      payloads,
      claims.map(({ id }) => id),
      claims.map(({ authorId }) => authorId),
    ],
  })
  const last = rows[0]?.last
  return last == null ? undefined : Number(last)
}

const APPEND = `
with head as (
  update ydoc set head_seq = head_seq + $2, bytes = bytes + $6, updated_at = now()
  where id = $1 and epoch = $5 returning head_seq
), claimed as (
  insert into ydoc_client (doc_id, client_id, user_id)
  select $1, claim.client_id, claim.user_id from head, unnest($8::bigint[], $9::text[]) claim(client_id, user_id)
  on conflict do nothing
), stored as (
  insert into ydoc_update (doc_id, epoch, seq, author_id, node_id, payload)
  select $1, $5, head.head_seq - $2 + u.ord, u.author_id, $4::uuid, u.payload
  from head, unnest($3::text[], $7::bytea[]) with ordinality u(author_id, payload, ord) returning seq
)
select max(seq) as last from stored`

/** What was appended after `seq`, in order; `undefined` when rows are missing there (compacted away) or the epoch changed. */
export async function updatesAfter(
  docId: DocId,
  epoch: number,
  seq: number,
): Promise<{ seq: number; nodeId: string; authorId: string | null; update: Uint8Array }[] | undefined> {
  const { rows } = await database().pool.query<{
    epoch: number
    head_seq: string
    seq: string | null
    node_id: string
    author_id: string | null
    payload: Buffer
  }>({
    name: 'updates-after',
    text: `select d.epoch, d.head_seq, u.seq, u.node_id, u.author_id, u.payload
      from ydoc d left join ydoc_update u on u.doc_id = d.id and u.epoch = $2 and u.seq > $3
      where d.id = $1 order by u.seq limit 2000`,
    values: [docId, epoch, seq],
  })
  const first = rows[0]
  if (!first || first.epoch !== epoch) return undefined
  const found = rows.flatMap((row) =>
    row.seq === null
      ? []
      : [{ seq: Number(row.seq), nodeId: row.node_id, authorId: row.author_id, update: row.payload }],
  )
  const isWhole = found.every((row, index) => row.seq === seq + 1 + index)
  if (!isWhole || (found.length === 0 && Number(first.head_seq) > seq)) return undefined
  return found
}

/** The newest sequence of each document that still exists. */
export async function documentHeads(docIds: readonly DocId[]): Promise<Map<DocId, number>> {
  const { rows } = await database().pool.query<{ id: string; head_seq: string }>(
    'select id, head_seq from ydoc where id = any($1::uuid[])',
    [docIds],
  )
  return new Map(rows.map((row) => [DocId.parse(row.id), Number(row.head_seq)]))
}

/** The newest event's sequence of each room that still exists. */
export async function roomHeads(
  investigationIds: readonly InvestigationId[],
): Promise<Map<InvestigationId, number>> {
  const { rows } = await database().pool.query<{ id: string; head_seq: string }>(
    'select id, head_seq from investigation where id = any($1::uuid[])',
    [investigationIds],
  )
  return new Map(rows.map((row) => [InvestigationId.parse(row.id), Number(row.head_seq)]))
}

/** Appends an update that the server made (a seed after the fact, a restored version); open pages see it at once. */
export async function appendServerUpdate(
  access: WriteAccess,
  docId: DocId,
  epoch: number,
  update: Uint8Array,
): Promise<number> {
  const authorId = access.actor.kind === 'person' ? access.actor.userId : null
  const seq = await appendUpdates(docId, epoch, SERVER_NODE, [{ update, authorId, claims: [] }])
  if (seq === undefined) throw new Error(`document ${docId} is not at epoch ${epoch} any more`)
  hint({ kind: 'doc', docId, head: seq })
  return seq
}

/** Runs `read` in one read-only snapshot of the database. */
export const inSnapshot = <R>(read: (client: PoolClient) => Promise<R>): Promise<R> =>
  pooledTransaction('snapshot', read)

export const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
