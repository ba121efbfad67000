import { readFileSync } from 'node:fs'
import * as Y from 'yjs'
import { openState } from '#lib/collab/state'
import { connectDatabase } from '#lib/db/client'
import { compactDocument } from '#lib/db/document-compaction'
import { appendUpdates, documentOf, loadDocument } from '#lib/db/documents'
import type { PushReply } from '#lib/realtime/protocol'
import { buildRoom } from '#test/build/room'
import { openDoc, rawSocket } from '#test/build/sockets'
import { quantile } from './relay/drive.mjs'

// What only we are measured for: sustained durable updates, memory per room, and a cold document of 100,000 updates.

const [url = '', databaseUrl = '', pid = ''] = process.argv.slice(2)
const database = connectDatabase(databaseUrl)
const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024

async function sustained(): Promise<object> {
  const room = await buildRoom('sustained')
  const acks: number[] = []
  const end = performance.now() + 5000
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const socket = await rawSocket({ url }, room.owner)
      await openDoc(socket, 500 + index)
      const doc = new Y.Doc()
      doc.clientID = 500 + index
      while (performance.now() < end) {
        const before = Y.encodeStateVector(doc)
        doc.getText('t').insert(0, 'x')
        const from = performance.now()
        const update = Buffer.from(Y.encodeStateAsUpdate(doc, before)).toString('base64')
        const reply = await socket.value<PushReply>('doc:push', { docId: socket.docId, epoch: 1, update })
        if (reply.ok) acks.push(performance.now() - from)
        else await new Promise((resolve) => setTimeout(resolve, 20))
      }
      socket.close()
    }),
  )
  return { durableUpdatesPerSecond: acks.length / 5, ack50: quantile(acks, 0.5), ack99: quantile(acks, 0.99) }
}

async function memoryPerRoom(): Promise<object> {
  const before = rss()
  const sockets = []
  for (let i = 0; i < 100; i++) {
    const socket = await rawSocket({ url }, (await buildRoom(`memory ${i}`)).owner)
    await openDoc(socket, 9)
    sockets.push(socket)
  }
  const after = rss()
  for (const socket of sockets) socket.close()
  return { rssBeforeMiB: before, rssWith100RoomsMiB: after, perRoomMiB: (after - before) / 100 }
}

async function coldLoad(): Promise<object> {
  const room = await buildRoom('cold')
  const docId = await documentOf(room.owner)
  const doc = new Y.Doc()
  let batch: { update: Uint8Array; authorId: null; claims: [] }[] = []
  doc.on('update', (update: Uint8Array) => batch.push({ update, authorId: null, claims: [] }))
  for (let i = 0; i < 100_000; i++) {
    const text = doc.getText('t')
    if (i % 10 === 9) text.delete(i % 50, 1)
    else text.insert((i * 7) % (text.length + 1), 'x')
    if (batch.length === 500) {
      await appendUpdates(docId, 1, '00000000-0000-0000-0000-000000000001', batch)
      batch = []
    }
  }
  const load = async () => {
    const from = performance.now()
    const stored = await loadDocument(docId)
    if (stored) openState(stored.snapshot, stored.updates).destroy()
    return performance.now() - from
  }
  const fromLog = [await load(), await load(), await load()]
  const from = performance.now()
  await compactDocument(docId)
  const compaction = performance.now() - from
  const fromState = [await load(), await load(), await load()]
  return {
    fromLogMs: quantile(fromLog, 0.5),
    compactionMs: compaction,
    compactedMs: quantile(fromState, 0.5),
  }
}

const mode = process.argv[5]
const results =
  mode === 'cold' ? { ...(await coldLoad()) } : { ...(await sustained()), ...(await memoryPerRoom()) }
console.log(JSON.stringify(results))
await database.close()
process.exit(0)
