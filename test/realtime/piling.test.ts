import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { connectDatabase, type Database } from '#lib/db/client'
import { startTestNode, type TestNode } from '#test/build/nodes'
import { cloneDatabase } from '#test/build/postgres'
import { buildRoom, type TestRoom } from '#test/build/room'
import { newUuid, openDoc, rawSocket, until } from '#test/build/sockets'

let clone: { url: string; drop(): Promise<void> }
let database: Database
let node: TestNode

beforeAll(async () => {
  clone = await cloneDatabase(inject('templateUrl'))
  database = connectDatabase(clone.url)
  node = await startTestNode(clone.url, { times: { graceMs: 20 } })
})
afterAll(async () => {
  await node.stop()
  await database.close()
  await clone.drop()
})

describe('sockets, timers and documents', () => {
  it('[#4] do not pile up: 500 joins and leaves of ten rooms leave nothing behind', async () => {
    const rooms: TestRoom[] = []
    for (let i = 0; i < 10; i++) rooms.push(await buildRoom(`room ${i}`))
    const visit = async (index: number) => {
      const room = rooms[index % rooms.length]!
      const socket = await rawSocket(node, index % 3 === 0 ? room.viewer : room.editor)
      await openDoc(socket, 1000 + index)
      await socket.ask('presence:set', { panel: 'notes' })
      // Every third leaves in order, the others just go; some while a document is being opened.
      if (index % 3 === 0) await socket.ask('doc:close', { docId: socket.docId })
      else if (index % 3 === 1) void openDoc(socket, 1000 + index).catch(() => {})
      socket.close()
    }
    for (let from = 0; from < 500; from += 20) {
      await Promise.all(Array.from({ length: 20 }, (_, offset) => visit(from + offset)))
    }
    await until('nothing is left', () => {
      const { sockets, rooms, documents, timers } = node.realtime.counts()
      return sockets + rooms + documents + timers === 0
    })
    expect(node.realtime.peopleInside(rooms.map(({ id }) => id)).size).toBe(0)
    expect(node.realtime.counts().sequenceGaps).toBe(0)
  }, 90_000)

  it('made-up room and document names leave nothing behind', async () => {
    const room = await buildRoom()
    const socket = await rawSocket(node, room.editor)
    for (let i = 0; i < 50; i++) {
      await socket.ask('doc:open', { v: 1, docId: newUuid(), stateVector: new Uint8Array([0]), clientId: i })
    }
    socket.close()
    await until(
      'nothing is left',
      () => node.realtime.counts().documents === 0 && node.realtime.counts().rooms === 0,
    )
  })
})
