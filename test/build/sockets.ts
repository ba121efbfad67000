import { randomUUID } from 'node:crypto'
import { io, type Socket } from 'socket.io-client'
import * as Y from 'yjs'
import { compactState } from '#lib/collab/state'
import { database } from '#lib/db/client'
import { documentOf, loadDocument } from '#lib/db/documents'
import { loadRoomState } from '#lib/db/room-state'
import type { ReadAccess } from '#lib/investigation/access'
import type { DocId } from '#lib/investigation/ids'
import { connectRoom } from '#lib/realtime/client/connect-room'
import type { ConnectOptions, RoomConnection } from '#lib/realtime/client/room-types'
import { Answer, PROTOCOL_VERSION, SOCKET_PATH } from '#lib/realtime/protocol'

/** Waits for a condition, looking every few milliseconds. @throws with `what` after `ms`. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  ms = 10_000,
): Promise<void> {
  const end = Date.now() + ms
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const headerOf = ({ actor }: ReadAccess) => {
  if (actor.kind !== 'person') throw new Error('a machine has no socket')
  return { 'x-test-user': `${actor.userId} ${actor.name}` }
}

/** Connects as the person of this access, as her browser would. Nothing is kept unless `persist` is given. */
export async function joinRoom(
  node: { readonly url: string },
  access: ReadAccess,
  change: Partial<ConnectOptions> = {},
): Promise<RoomConnection> {
  const { actor, investigationId, role } = access
  if (actor.kind !== 'person') throw new Error('a machine has no socket')
  return connectRoom(investigationId, {
    me: { userId: actor.userId, name: actor.name, color: 0 },
    role,
    docId: await documentOf(access),
    initial: await loadRoomState(access),
    url: node.url,
    headers: headerOf(access),
    persist: false,
    ...change,
  })
}

/** Joins and waits until the document is the server's. */
export async function joinSynced(
  node: { readonly url: string },
  access: ReadAccess,
  change: Partial<ConnectOptions> = {},
): Promise<RoomConnection> {
  const room = await joinRoom(node, access, change)
  await until('the document is synced', () => room.document.synced.getSnapshot())
  return room
}

/** A socket without our client: for messages that our client would never send. */
export interface RawSocket {
  readonly socket: Socket
  readonly docId: DocId
  ask(name: string, sent: unknown): Promise<Answer>
  /** Asks, and gives the answer's value. @throws when it was refused. */
  value<T>(name: string, sent: unknown): Promise<T>
  close(): void
}

export async function rawSocket(node: { readonly url: string }, access: ReadAccess): Promise<RawSocket> {
  const socket = io(node.url, {
    path: SOCKET_PATH,
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    extraHeaders: headerOf(access),
  })
  const ask = async (name: string, sent: unknown) =>
    Answer.parse(await socket.timeout(20_000).emitWithAck(name, sent))
  const value = async <T>(name: string, sent: unknown) => {
    const answer = await ask(name, sent)
    if (!answer.ok) throw new Error(`${answer.code}: ${answer.sentence}`)
    // reason: the test says what it asked for.
    return answer.value as T
  }
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  const opened = await value<{ docId: DocId }>('room:open', {
    v: PROTOCOL_VERSION,
    investigationId: access.investigationId,
  })
  return { socket, docId: opened.docId, ask, value, close: () => void socket.disconnect() }
}

/** Opens the raw socket's document under a client id. */
export const openDoc = (raw: RawSocket, clientId: number, epoch?: number) =>
  raw.value<{ state: string; epoch: number; tick: number }>('doc:open', {
    v: PROTOCOL_VERSION,
    docId: raw.docId,
    stateVector: new Uint8Array([0]),
    clientId,
    ...(epoch === undefined ? {} : { epoch }),
  })

/** Types at the end of the notes. */
export const type = (room: RoomConnection, text: string): void => {
  const notes = room.document.doc.getText('typed')
  notes.insert(notes.length, text)
}

export const textOf = (room: RoomConnection): string => room.document.doc.getText('typed').toString()

export const isSaved = (room: RoomConnection): boolean => room.document.status.getSnapshot().state === 'saved'

/** The text as the database has it. */
export async function storedText(docId: DocId): Promise<string> {
  const stored = await loadDocument(docId)
  if (!stored) throw new Error('there is no such document')
  const doc = new Y.Doc()
  Y.applyUpdate(doc, compactState(stored.snapshot, stored.updates))
  return doc.getText('typed').toString()
}

/** Are the document's sequences 1, 2, 3 … head, in the log and the archive together? */
export async function isContiguous(docId: DocId): Promise<boolean> {
  const { rows } = await database().pool.query<{
    rows: string
    first: string | null
    last: string
    head: string
  }>(
    `with all_rows as (
       select seq from ydoc_update where doc_id = $1 union select seq from ydoc_update_archive where doc_id = $1
     ) select count(*) as rows, min(seq) as first, coalesce(max(seq), 0) as last,
         (select head_seq from ydoc where id = $1) as head from all_rows`,
    [docId],
  )
  const row = rows[0]
  return row !== undefined && row.rows === row.last && row.last === row.head && (row.first ?? '1') === '1'
}

export const newUuid = (): string => randomUUID()
