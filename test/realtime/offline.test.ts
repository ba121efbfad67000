import 'fake-indexeddb/auto'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { connectDatabase, type Database } from '#lib/db/client'
import { documentOf } from '#lib/db/documents'
import { HypothesisId, MessageId } from '#lib/investigation/ids'
import { startTestNode, type TestNode } from '#test/build/nodes'
import { cloneDatabase } from '#test/build/postgres'
import { type Line, lineTo } from '#test/build/proxy'
import { buildRoom, type TestRoom } from '#test/build/room'
import { isSaved, joinRoom, joinSynced, newUuid, storedText, textOf, type, until } from '#test/build/sockets'

let clone: { url: string; drop(): Promise<void> }
let database: Database
let node: TestNode
let line: Line
let room: TestRoom
const open: { close(): unknown }[] = []
const device = () => ({ persist: true, device: newUuid() })

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

describe('without a connection', () => {
  it('what is typed merges with what others typed meanwhile, also after a reload', async () => {
    room = await buildRoom()
    const place = device()
    const edu = await joinSynced(node, room.editor)
    const ana = await joinSynced(line, room.owner, place)
    open.push(edu)
    type(ana, 'together ')
    await until('saved', () => isSaved(ana))
    await until('Edu has it', () => textOf(edu) === 'together ')
    line.cut()
    await until('Ana is offline', () => ana.document.status.getSnapshot().state === 'offline')
    type(ana, 'on the train ')
    type(ana, 'without a network ')
    type(edu, 'in the office ')
    expect(ana.document.status.getSnapshot()).toEqual({ state: 'offline', changes: 2 })
    // The reload: this page ends, another begins on the same device, still offline.
    await new Promise((resolve) => setTimeout(resolve, 300))
    ana.close()
    const again = await joinRoom(line, room.owner, place)
    open.push(again)
    await again.document.whenShown
    expect(textOf(again)).toContain('without a network')
    expect(again.document.status.getSnapshot()).toEqual({ state: 'offline', changes: 2 })
    line.mend()
    await until('all is saved', () => isSaved(again))
    await until('both read the same', () => textOf(again) === textOf(edu))
    expect(textOf(edu)).toContain('on the train without a network')
    expect(textOf(edu)).toContain('in the office')
    expect(await storedText(await documentOf(room.owner))).toBe(textOf(edu))
  })

  it('deletions made offline arrive too', async () => {
    room = await buildRoom()
    const place = device()
    const ana = await joinSynced(line, room.owner, place)
    type(ana, 'wrong right')
    await until('saved', () => isSaved(ana))
    line.cut()
    await until('offline', () => ana.document.status.getSnapshot().state === 'offline')
    ana.document.doc.getText('typed').delete(0, 6)
    await new Promise((resolve) => setTimeout(resolve, 300))
    ana.close()
    const again = await joinRoom(line, room.owner, place)
    open.push(again)
    line.mend()
    await until('saved', () => isSaved(again))
    await until('stored', async () => (await storedText(await documentOf(room.owner))) === 'right')
  })

  it('hypotheses and messages wait in order on this device, survive a reload, and are done once', async () => {
    room = await buildRoom()
    const place = device()
    const ana = await joinSynced(line, room.owner, place)
    line.cut()
    await until('offline', () => ana.status.getSnapshot().link !== 'online')
    const id = HypothesisId.parse(newUuid())
    const bodies = ['first', 'second', 'third']
    ana.command('hypothesis:add', { id, title: 'Found on the train' }).catch(() => {})
    for (const body of bodies)
      ana.command('message:post', { id: MessageId.parse(newUuid()), body }).catch(() => {})
    expect(ana.status.getSnapshot().queued).toBe(4)
    expect(ana.state.getSnapshot().messages.map(({ body }) => body)).toEqual(bodies)
    await new Promise((resolve) => setTimeout(resolve, 200))
    ana.close()
    const again = await joinRoom(line, room.owner, place)
    open.push(again)
    await until('they wait', () => again.status.getSnapshot().queued === 4)
    line.mend()
    await until('all are done', () => again.status.getSnapshot().queued === 0)
    const edu = await joinSynced(node, room.editor)
    open.push(edu)
    expect(edu.state.getSnapshot().messages.map(({ body }) => body)).toEqual(bodies)
    expect(edu.state.getSnapshot().hypotheses.filter((row) => row.id === id)).toHaveLength(1)
  })

  it('[#9] a line that breaks at any moment loses nothing and doubles nothing', async () => {
    room = await buildRoom()
    const ana = await joinSynced(line, room.owner)
    const edu = await joinSynced(node, room.editor)
    open.push(ana, edu)
    const posted: Promise<string>[] = []
    for (let round = 0; round < 25; round++) {
      type(ana, `${round} `)
      // Heard at once: a promise that is refused before anybody listens is a warning of the process.
      const post = ana.command('message:post', { id: MessageId.parse(newUuid()), body: `m${round}` })
      posted.push(post.then(() => 'done', String))
      await new Promise((resolve) => setTimeout(resolve, (round * 7) % 23))
      line.drop()
      await until('she is back', () => ana.document.synced.getSnapshot(), 10_000)
    }
    expect(new Set(await Promise.all(posted))).toEqual(new Set(['done']))
    await until('saved', () => isSaved(ana))
    const expected = Array.from({ length: 25 }, (_, round) => `${round} `).join('')
    await until('Edu has it', () => textOf(edu) === expected)
    await until('Edu has all messages', () => edu.state.getSnapshot().messages.length === 25)
    expect(edu.state.getSnapshot().messages.map(({ body }) => body)).toEqual(
      Array.from({ length: 25 }, (_, round) => `m${round}`),
    )
  }, 60_000)

  it('[#9] a line that breaks at every single step of connecting, opening and pushing loses nothing', async () => {
    room = await buildRoom()
    const ana = await joinSynced(line, room.owner)
    open.push(ana)
    let expected = ''
    for (const direction of ['up', 'down'] as const) {
      // Chunks of a visit: handshake, connection, room, members, presence, text, push, caret, ticks.
      for (let step = 0; step < 10; step++) {
        line.dropAfter(direction, step)
        line.drop()
        expected += `${direction}${step} `
        type(ana, `${direction}${step} `)
        for (let more = 0; !line.hasDropped(); more++) {
          // A quiet line does not get so far by itself.
          await until('this is saved', () => line.hasDropped() || isSaved(ana))
          expected += `${more} `
          type(ana, `${more} `)
        }
        await until('she is back', () => ana.document.synced.getSnapshot())
      }
    }
    await until('saved', () => isSaved(ana))
    expect(textOf(ana)).toBe(expected)
    expect(await storedText(await documentOf(room.owner))).toBe(expected)
  }, 60_000)

  it('a command under way when the page is left is done, also where the browser keeps nothing', async () => {
    room = await buildRoom()
    const ana = await joinSynced(line, room.owner)
    const edu = await joinSynced(node, room.editor)
    open.push(edu)
    const post = ana.command('message:post', { id: MessageId.parse(newUuid()), body: 'last words' })
    const refused = expect(post).rejects.toThrow(/Look whether it was done/)
    ana.close()
    await refused
    await until('Edu has it', () => edu.state.getSnapshot().messages.at(-1)?.body === 'last words')
  })

  it('[#8] the word Saved goes away with the connection, and typing says offline', async () => {
    room = await buildRoom()
    const ana = await joinSynced(line, room.owner)
    open.push(ana)
    type(ana, 'a')
    await until('saved', () => isSaved(ana))
    line.cut()
    await until('offline', () => ana.document.status.getSnapshot().state === 'offline')
    type(ana, 'b')
    expect(ana.document.status.getSnapshot()).toEqual({ state: 'offline', changes: 1 })
  })
})
