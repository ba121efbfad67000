import type { PoolClient } from 'pg'
import { DamagedState, openState, salvageState } from '#lib/collab/state'
import type { DocId, InvestigationId } from '#lib/investigation/ids'
import { database } from './client.ts'
import { loadDocument, readDocument, type StoredDocument, sha256 } from './documents.ts'
import { inRoomAsNode } from './events.ts'
import { pooledTransaction } from './transactions.ts'

/** How a repair stands among the text's versions and in the timeline. */
const LABEL_WHOLE = 'Repaired: the text is whole'
const LABEL_INCOMPLETE = 'Repaired: some text could not be restored'
/** So long pages say that text is missing. */
const TOLD_FOR = '7 days'

/** A document that was read and put together. */
export interface OpenedDocument {
  readonly stored: StoredDocument
  /** The caller destroys it. */
  readonly doc: ReturnType<typeof openState>
  /** Some text could not be restored, now or in the last seven days. */
  readonly isIncomplete: boolean
  /** What this very call found damaged, and repaired. */
  readonly damage: DamagedState | undefined
}

/**
 * Reads a document and puts it together. A log with a hole or a damaged state does not make it unreadable: it is repaired
 * first, once, and that is told in the room's timeline.
 * @throws what `pg` throws; DamagedState when the remains make no document
 */
export async function openDocument(docId: DocId): Promise<OpenedDocument | undefined> {
  let damage: DamagedState | undefined
  let opened: Pick<OpenedDocument, 'stored' | 'doc'> | undefined
  try {
    opened = await open(docId)
  } catch (error) {
    if (!(error instanceof DamagedState)) throw error
    damage = error
    await repairDocument(docId)
    opened = await open(docId)
  }
  if (!opened) return undefined
  const { rowCount } = await database().pool.query(
    `select 1 from ydoc_version where doc_id = $1 and author_id is null and starts_with(label, $2)
       and created_at > now() - $3::interval limit 1`,
    [docId, LABEL_INCOMPLETE, TOLD_FOR],
  )
  return { ...opened, damage, isIncomplete: rowCount === 1 }
}

async function open(docId: DocId): Promise<Pick<OpenedDocument, 'stored' | 'doc'> | undefined> {
  const stored = await loadDocument(docId)
  return stored && { stored, doc: openState(stored.snapshot, stored.updates) }
}

/**
 * Makes a readable state of all that is left: the newest version, the archive, the log, and a damaged state only when
 * those do not suffice. What leans on something missing is left out of the new state. Every raw row stays where it is,
 * and a damaged state goes to the archive under a negative sequence, so that a better repair remains possible. The epoch
 * stays: pages that still hold the missing text send it by themselves when they open the document.
 */
async function repairDocument(docId: DocId): Promise<void> {
  const repair = await pooledTransaction('writing', async (client) => {
    const remains = await readRemains(client, docId)
    // Another node was faster.
    if (!remains || (await isSound(client, docId))) return undefined
    const { trusted, damagedSnap, epoch, snapSeq, headSeq, investigationId } = remains
    let { state, isWhole } = salvageState(trusted)
    isWhole &&= remains.isContiguous
    if (!isWhole && damagedSnap) state = salvageState([...trusted, damagedSnap]).state
    if (damagedSnap) {
      await client.query(
        `insert into ydoc_update_archive (doc_id, epoch, seq, author_id, node_id, payload, created_at)
         values ($1, $2, $3, null, $4, $5, now()) on conflict do nothing`,
        [docId, epoch, -1 - snapSeq, NO_NODE, damagedSnap],
      )
    }
    await client.query(
      'update ydoc set snap = $1, snap_sha = $2, snap_seq = $3, head_seq = $3 where id = $4',
      [Buffer.from(state), sha256(state), headSeq, docId],
    )
    const label = isWhole ? LABEL_WHOLE : LABEL_INCOMPLETE
    // A version of that sequence may be there, made before the damage: its text stays.
    await client.query(
      `insert into ydoc_version (doc_id, epoch, seq, label, author_id, state) values ($1, $2, $3, $4, null, $5)
       on conflict (doc_id, epoch, seq) do update set author_id = null, created_at = now(),
         label = left(excluded.label || ' (' || ydoc_version.label || ')', 200)`,
      [docId, epoch, headSeq, label, Buffer.from(state)],
    )
    return { investigationId, label, seq: headSeq }
  })
  if (!repair) return
  const { investigationId, label, seq } = repair
  await inRoomAsNode(investigationId, (_tx, emit) => emit('document:version-saved', { label, seq }))
}

const NO_NODE = '00000000-0000-0000-0000-000000000000'

interface Remains {
  readonly investigationId: InvestigationId
  readonly epoch: number
  readonly snapSeq: number
  readonly headSeq: number
  /** States and updates that are as they were written, as far as one can tell. */
  readonly trusted: readonly Uint8Array[]
  readonly damagedSnap: Buffer | undefined
  /** Every update since a trusted state is there. */
  readonly isContiguous: boolean
}

/** Locks the document, so that nothing is appended meanwhile, and reads all there is of its epoch. */
async function readRemains(client: PoolClient, docId: DocId): Promise<Remains | undefined> {
  const found = await client.query<{
    investigation_id: InvestigationId
    epoch: number
    head_seq: string
    snap_seq: string
    snap: Buffer | null
    snap_sha: Buffer | null
  }>(
    'select investigation_id, epoch, head_seq, snap_seq, snap, snap_sha from ydoc where id = $1 for update',
    [docId],
  )
  const row = found.rows[0]
  if (!row) return undefined
  const { epoch, snap } = row
  const versions = await client.query<{ seq: string; state: Buffer }>(
    'select seq, state from ydoc_version where doc_id = $1 and epoch = $2 order by seq desc limit 1',
    [docId, epoch],
  )
  const updates = await client.query<{ seq: string; payload: Buffer }>(
    `select seq, payload from ydoc_update where doc_id = $1 and epoch = $2
     union select seq, payload from ydoc_update_archive where doc_id = $1 and epoch = $2 and seq > 0 order by seq`,
    [docId, epoch],
  )
  const seqs = new Set(updates.rows.map(({ seq }) => Number(seq)))
  const headSeq = Math.max(Number(row.head_seq), ...updates.rows.slice(-1).map(({ seq }) => Number(seq)))
  const isSnapSound = !snap || !row.snap_sha || sha256(snap).equals(row.snap_sha)
  const version = versions.rows[0]
  const base = isSnapSound ? Number(row.snap_seq) : version ? Number(version.seq) : undefined
  let next = (base ?? 0) + 1
  while (seqs.has(next)) next++
  return {
    investigationId: row.investigation_id,
    epoch,
    snapSeq: Number(row.snap_seq),
    headSeq,
    trusted: [
      ...(snap && isSnapSound ? [snap] : []),
      ...versions.rows.map(({ state }) => state),
      ...updates.rows.map(({ payload }) => payload),
    ],
    damagedSnap: snap && !isSnapSound ? snap : undefined,
    isContiguous: base !== undefined && next > headSeq,
  }
}

async function isSound(client: PoolClient, docId: DocId): Promise<boolean> {
  try {
    const stored = await readDocument(client, docId)
    if (stored) openState(stored.snapshot, stored.updates).destroy()
    return true
  } catch (error) {
    if (error instanceof DamagedState) return false
    throw error
  }
}
