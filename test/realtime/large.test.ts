import 'fake-indexeddb/auto'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import * as Y from 'yjs'
import { connectDatabase, type Database } from '#lib/db/client'
import { documentOf } from '#lib/db/documents'
import type { RoomConnection } from '#lib/realtime/client/room-types'
import { startTestNode, type TestNode } from '#test/build/nodes'
import { cloneDatabase } from '#test/build/postgres'
import { type Line, lineTo } from '#test/build/proxy'
import { buildRoom } from '#test/build/room'
import { isSaved, joinRoom, joinSynced, newUuid, storedText, textOf, type, until } from '#test/build/sockets'

let clone: { url: string; drop(): Promise<void> }
let database: Database
let node: TestNode
let line: Line
const open: RoomConnection[] = []
const KIB = 1024

beforeAll(async () => {
  clone = await cloneDatabase(inject('templateUrl'))
  database = connectDatabase(clone.url)
  node = await startTestNode(clone.url, { times: { graceMs: 50, pollMs: 500 } })
  line = await lineTo(() => node.url)
})
afterEach(() => {
  for (const connection of open.splice(0)) connection.close()
  line.mend()
})
afterAll(async () => {
  await line.close()
  await node.stop()
  await database.close()
  await clone.drop()
})

/** A log as somebody pastes it, with letters that take two UTF-16 units. */
const log = (bytes: number): string =>
  '2026-11-23T12:00:01Z gc 😀 heap 512 MB\n'.repeat(Math.ceil(bytes / 42)).slice(0, -1)

describe('much text at once', () => {
  for (const kib of [50, 600, 3 * KIB]) {
    it(`of ${kib} KiB, pasted offline, is saved after a reload, and peers have it`, async () => {
      const room = await buildRoom()
      const place = { persist: true, device: newUuid() }
      const edu = await joinSynced(node, room.editor)
      const ana = await joinSynced(line, room.owner, place)
      open.push(edu)
      line.cut()
      await until('offline', () => ana.document.status.getSnapshot().state === 'offline')
      const pasted = log(kib * KIB)
      type(ana, pasted)
      type(edu, 'meanwhile ')
      // What the device keeps is written with the next turns of the loop; a page that is closed waits for it too.
      await new Promise((resolve) => setTimeout(resolve, 300))
      ana.close()
      const again = await joinRoom(line, room.owner, place)
      open.push(again)
      await again.document.whenShown
      expect(textOf(again)).toBe(pasted)
      line.mend()
      await until('all is saved', () => isSaved(again), 25_000)
      await until('both read the same', () => textOf(again) === textOf(edu))
      expect(textOf(edu).length).toBe(pasted.length + 'meanwhile '.length)
      const docId = await documentOf(room.owner)
      await until('stored', async () => (await storedText(docId)) === textOf(edu))
    }, 60_000)
  }

  it('of 600 KiB, pasted while connected and typed after, is saved in order', async () => {
    const room = await buildRoom()
    const [ana, edu] = [await joinSynced(node, room.owner), await joinSynced(node, room.editor)]
    open.push(ana, edu)
    const pasted = log(600 * KIB)
    type(ana, pasted)
    for (const letter of ' and on') type(ana, letter)
    await until('saved', () => isSaved(ana), 20_000)
    await until('Edu has it', () => textOf(edu) === `${pasted} and on`)
    expect(await storedText(await documentOf(room.owner))).toBe(`${pasted} and on`)
  }, 40_000)

  it('whose connection breaks between two pieces is whole after the next', async () => {
    const room = await buildRoom()
    const ana = await joinSynced(line, room.owner)
    open.push(ana)
    const pasted = log(2000 * KIB)
    const docId = await documentOf(room.owner)
    type(ana, pasted)
    for (let some = 0, round = 0; round < 3; round++) {
      await until('a part is stored', async () => (await storedText(docId)).length > some)
      some = (await storedText(docId)).length
      line.drop()
    }
    await until('saved', () => isSaved(ana), 25_000)
    expect(await storedText(docId)).toBe(pasted)
  }, 60_000)

  it('above 4 MiB says what to do, keeps the text, and is over when it is undone', async () => {
    const room = await buildRoom()
    const ana = await joinSynced(node, room.owner)
    open.push(ana)
    const undo = new Y.UndoManager(ana.document.doc.getText('typed'), { captureTimeout: 0 })
    type(ana, 'small ')
    await until('saved', () => isSaved(ana))
    undo.stopCapturing()
    const pasted = log(5 * KIB * KIB)
    type(ana, pasted)
    await until('it needs attention', () => ana.document.status.getSnapshot().state === 'needs-attention')
    const status = ana.document.status.getSnapshot()
    if (status.state !== 'needs-attention') throw new Error('not any more')
    expect(status.why).toBe('too-big')
    expect(status.reason).toContain('undo it')
    expect(status.draft).toContain('heap 512 MB')
    expect(textOf(ana)).toBe(`small ${pasted}`)
    undo.undo()
    await until('saved', () => isSaved(ana))
    type(ana, 'again')
    await until('saved', () => isSaved(ana))
    expect(await storedText(await documentOf(room.owner))).toBe('small again')
  }, 40_000)
})
