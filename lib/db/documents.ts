import { randomUUID } from 'node:crypto'
import { DocId, type InvestigationId } from '#lib/investigation/ids'
import type { Tx } from './events.ts'

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
  await tx.yDoc.create({ data: { id, investigationId, kind: 'room', snap: seed ?? null } })
  return id
}
