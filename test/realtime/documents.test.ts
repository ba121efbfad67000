import { createEncoder, toUint8Array, writeUint8, writeVarUint } from 'lib0/encoding'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import * as Y from 'yjs'
import { openState } from '#lib/collab/state'
import { connectDatabase, type Database } from '#lib/db/client'
import { compactDocument } from '#lib/db/document-compaction'
import { keepVersion, listVersions, restoreVersion } from '#lib/db/document-versions'
import { appendUpdates, documentOf, loadDocument } from '#lib/db/documents'
import type { RoomConnection } from '#lib/realtime/client/room-types'
import type { PushReply } from '#lib/realtime/protocol'
import { startTestNode, type TestNode } from '#test/build/nodes'
import { cloneDatabase } from '#test/build/postgres'
import { lineTo } from '#test/build/proxy'
import { buildRoom, idOf, type TestRoom } from '#test/build/room'
import {
  isContiguous,
  isSaved,
  joinSynced,
  newUuid,
  openDoc,
  type RawSocket,
  rawSocket,
  storedText,
  textOf,
  type,
  until,
} from '#test/build/sockets'

let clone: { url: string; drop(): Promise<void> }
let database: Database
let node: TestNode
const open: { close(): unknown }[] = []
const join = async (access: TestRoom['viewer']): Promise<RoomConnection> => {
  const connection = await joinSynced(node, access)
  open.push(connection)
  return connection
}
const raw = async (access: TestRoom['viewer']): Promise<RawSocket> => {
  const socket = await rawSocket(node, access)
  open.push(socket)
  return socket
}
const push = (socket: RawSocket, update: Uint8Array, epoch = 1) =>
  socket.value<PushReply>('doc:push', { docId: socket.docId, epoch, update })

/** A document that writes under this client id, and its updates. */
function writer(clientId: number): { doc: Y.Doc; write(text: string): Uint8Array } {
  const doc = new Y.Doc()
  doc.clientID = clientId
  return {
    doc,
    write(text) {
      const before = Y.encodeStateVector(doc)
      doc.getText('typed').insert(doc.getText('typed').length, text)
      return Y.encodeStateAsUpdate(doc, before)
    },
  }
}

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)

/** Numbers from 0 to 1 that are the same for the same seed (Park and Miller). */
function randomFrom(seed: number): () => number {
  let state = (seed % 2147483646) + 1
  return () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}

beforeAll(async () => {
  clone = await cloneDatabase(inject('templateUrl'))
  database = connectDatabase(clone.url)
  node = await startTestNode(clone.url, { times: { graceMs: 50, pollMs: 500 } })
})
afterEach(async () => {
  for (const connection of open.splice(0)) connection.close()
  await database.pool.query(
    'drop trigger if exists slow on ydoc_update; drop trigger if exists broken on ydoc_update',
  )
})
afterAll(async () => {
  await node.stop()
  await database.close()
  await clone.drop()
})

/** Makes every append wait, or fail, as a struggling disk does. */
const disturbAppends = (name: 'slow' | 'broken', body: string) =>
  database.pool.query(`
    create or replace function ${name}() returns trigger language plpgsql as $$ begin ${body}; return new; end $$;
    create trigger ${name} before insert on ydoc_update for each statement execute function ${name}()`)

describe('a shared document', () => {
  it('[#1] that cannot be loaded is not registered and not written, and opens once it can be', async () => {
    const room = await buildRoom()
    const docId = await documentOf(room.owner)
    await appendUpdates(docId, 1, newUuid(), [
      { update: writer(5).write('kept'), authorId: null, claims: [] },
    ])
    await database.pool.query('alter table ydoc_update rename to ydoc_update_away')
    const socket = await raw(room.owner)
    await expect(openDoc(socket, 11)).rejects.toThrow(/bug/)
    await database.pool.query('alter table ydoc_update_away rename to ydoc_update')
    await openDoc(socket, 11)
    expect(await storedText(docId)).toBe('kept')
    expect((await loadDocument(docId))?.headSeq).toBe(1)
  })

  it('[#1] with a hole in its log is refused instead of served without its middle', async () => {
    const room = await buildRoom()
    const docId = await documentOf(room.owner)
    const author = writer(5)
    for (const text of ['a', 'b', 'c']) {
      await appendUpdates(docId, 1, newUuid(), [{ update: author.write(text), authorId: null, claims: [] }])
    }
    await database.pool.query('delete from ydoc_update where doc_id = $1 and seq = 2', [docId])
    await expect(loadDocument(docId)).rejects.toThrow(/lacks update 2/)
  })

  it(`[#2] keeps every acknowledged edit when people leave and come back 1000 times within the grace time (seed ${SEED})`, async () => {
    const own = await startTestNode(clone.url, { times: { graceMs: 6, pollMs: 500 } })
    const random = randomFrom(SEED)
    const lane = async (index: number): Promise<void> => {
      const room = await buildRoom()
      const docId = await documentOf(room.owner)
      const author = writer(1000 + index)
      let socket = await rawSocket(own, room.owner)
      let expected = ''
      for (let round = 0; round < 250; round++) {
        await openDoc(socket, 1000 + index)
        const reply = await push(socket, author.write(`${round} `))
        expect(reply.ok).toBe(true)
        expected += `${round} `
        // Most leave the text only; every tenth loses the connection. Then around the grace time: before, at, after it.
        if (round % 10 === 9) {
          socket.close()
          socket = await rawSocket(own, room.owner)
        } else await socket.ask('doc:close', { docId })
        await new Promise((resolve) => setTimeout(resolve, random() * 12))
      }
      socket.close()
      expect(await storedText(docId)).toBe(expected)
      expect(await isContiguous(docId)).toBe(true)
    }
    await Promise.all([0, 1, 2, 3].map(lane))
    expect(own.realtime.counts().sequenceGaps).toBe(0)
    await own.stop()
  }, 60_000)

  it('[#3] is not forgotten while a commit takes half a second: whoever comes next has the change', async () => {
    const room = await buildRoom()
    const docId = await documentOf(room.owner)
    const ana = await join(room.owner)
    await disturbAppends('slow', 'perform pg_sleep(0.5)')
    type(ana, 'one ')
    await until('it is on its way', () => ana.document.status.getSnapshot().state === 'saving')
    type(ana, 'two')
    await until('the second is passed on', async () => node.realtime.counts().documents > 0)
    const [edu] = [await join(room.editor)]
    ana.close()
    await until('Edu has both', () => textOf(edu).startsWith('one'))
    await until('the log has what Edu has', async () => (await storedText(docId)) === textOf(edu))
  })

  it('[#4] says Not saving while PostgreSQL refuses, keeps everything, and stores it when it can', async () => {
    const room = await buildRoom()
    const docId = await documentOf(room.owner)
    const [ana, edu] = [await join(room.owner), await join(room.editor)]
    await disturbAppends('broken', `raise exception 'no space left on device'`)
    type(ana, 'not lost')
    await until('both are told', () =>
      [ana, edu].every((each) => each.document.status.getSnapshot().state === 'not-saving'),
    )
    expect(node.realtime.counts().degraded).toBe(1)
    expect(textOf(edu)).toBe('not lost')
    await database.pool.query('drop trigger broken on ydoc_update')
    await until('it is saved', () => isSaved(ana))
    expect(await storedText(docId)).toBe('not lost')
    await until('Edu is told', () => isSaved(edu))
  })

  it('[#5] stores what was typed in the last moment before the page was left', async () => {
    const room = await buildRoom()
    const docId = await documentOf(room.owner)
    let expected = ''
    for (let round = 0; round < 10; round++) {
      const ana = await join(room.owner)
      // The first letter goes out at once, the others wait for the end of the 30 ms.
      for (const letter of `${round}ab `) type(ana, letter)
      ana.close()
      expected += `${round}ab `
      await until(`round ${round} is stored`, async () => (await storedText(docId)) === expected)
    }
  })

  it('[#11] that five people open cold at once is one document', async () => {
    const room = await buildRoom()
    const docId = await documentOf(room.owner)
    await appendUpdates(docId, 1, newUuid(), [
      { update: writer(5).write('seed '), authorId: null, claims: [] },
    ])
    const people = await Promise.all(
      [room.owner, room.editor, room.second, room.viewer, room.owner].map(join),
    )
    type(people[0]!, 'more')
    await until('all read the same', () => people.every((each) => textOf(each) === 'seed more'))
    expect(node.realtime.counts().documents).toBeGreaterThanOrEqual(1)
  })

  it('[#12] survives five nodes that append and compact it at once: replay gives every edit once', async () => {
    const room = await buildRoom()
    const docId = await documentOf(room.owner)
    await Promise.all(
      Array.from({ length: 5 }, async (_, index) => {
        const author = writer(100 + index)
        for (let round = 0; round < 30; round++) {
          const update = author.write(`${index}:${round} `)
          await appendUpdates(docId, 1, newUuid(), [{ update, authorId: null, claims: [] }])
          if (round % 7 === index) await compactDocument(docId)
        }
      }),
    )
    await compactDocument(docId)
    await compactDocument(docId)
    const words = (await storedText(docId)).trim().split(' ')
    expect(new Set(words).size).toBe(150)
    expect(words).toHaveLength(150)
    expect(await isContiguous(docId)).toBe(true)
  })

  it('[#7] refuses to merge a copy of another epoch and offers its text as a draft', async () => {
    const room = await buildRoom()
    const docId = await documentOf(room.owner)
    const ana = await join(room.owner)
    ana.document.doc.getXmlFragment('notes').insert(0, [paragraph('my words')])
    await until('it is saved', () => isSaved(ana))
    await database.pool.query(
      'update ydoc set epoch = 2, head_seq = 0, snap_seq = 0, snap = null where id = $1',
      [docId],
    )
    type(ana, 'typed after the restore')
    await until('it needs attention', () => ana.document.status.getSnapshot().state === 'needs-attention')
    expect(ana.document.status.getSnapshot()).toMatchObject({
      why: 'older-version',
      draft: expect.stringContaining('my words'),
    })
    expect((await loadDocument(docId))?.headSeq).toBe(0)
  })

  it('[#14] is not changed by a viewer: her state vector and the log stay, whatever her page writes', async () => {
    const room = await buildRoom()
    const docId = await documentOf(room.owner)
    const vera = await join(room.viewer)
    type(vera, 'a viewer’s editor tidies up')
    expect(vera.document.status.getSnapshot().state).toBe('read-only')
    const socket = await raw(room.viewer)
    await openDoc(socket, 77)
    expect(await push(socket, writer(77).write('forced'))).toEqual({ ok: false, code: 'readonly' })
    expect((await loadDocument(docId))?.headSeq).toBe(0)
  })

  it('[#14] is not changed by a viewer who opens a hundred of them', async () => {
    const visit = async (index: number): Promise<void> => {
      const room = await buildRoom(`room ${index}`)
      const docId = await documentOf(room.owner)
      const update = writer(5).write('as it was')
      await appendUpdates(docId, 1, newUuid(), [{ update, authorId: null, claims: [] }])
      const vera = await joinSynced(node, room.viewer)
      type(vera, ' tidied up')
      vera.document.resync()
      await until('she is synced again', () => vera.document.synced.getSnapshot())
      vera.close()
      const stored = await loadDocument(docId)
      expect([stored?.headSeq, await storedText(docId)]).toEqual([1, 'as it was'])
    }
    for (let from = 0; from < 100; from += 20) {
      await Promise.all(Array.from({ length: 20 }, (_, offset) => visit(from + offset)))
    }
  }, 60_000)

  it('[#16] shows a caret again within a second after each of ten reconnections', async () => {
    const room = await buildRoom()
    const line = await lineTo(() => node.url)
    const edu = await join(room.editor)
    const ana = await joinSynced(line, room.owner)
    open.push(ana, line)
    const seesAna = () => edu.document.awareness.getStates().has(ana.document.doc.clientID)
    for (let round = 0; round < 10; round++) {
      await until('Edu sees Ana’s caret', seesAna, 1000)
      line.drop()
      await until('the caret is gone', () => !seesAna(), 1000)
      await until('she is back', () => ana.document.synced.getSnapshot(), 5000)
    }
    await until('Edu sees Ana’s caret', seesAna, 1000)
    const user: unknown = edu.document.awareness.getStates().get(ana.document.doc.clientID)?.user
    expect(user).toMatchObject({ name: 'Olga', userId: idOf(room.owner) })
  })

  it('[#17] converges within five seconds when one in ten broadcasts is lost, and nothing stays pending', async () => {
    const room = await buildRoom()
    const [ana, edu] = [await join(room.owner), await join(room.editor)]
    const hear = edu.document.updated.bind(edu.document)
    let count = 0
    edu.document.updated = (fact) => (++count % 10 === 0 ? undefined : hear(fact))
    for (let i = 0; i < 60; i++) {
      type(ana, `${i} `)
      if (i % 5 === 4) ana.document.doc.getText('typed').delete(0, 1)
      await new Promise((resolve) => setTimeout(resolve, 4))
    }
    await until('Edu has it all', () => textOf(edu) === textOf(ana), 5000)
    expect(edu.document.doc.store.pendingStructs).toBeNull()
  })

  it('[#20] recovers when applying the server’s answer throws once', async () => {
    const room = await buildRoom()
    const ana = await join(room.owner)
    type(ana, 'before')
    await until('saved', () => isSaved(ana))
    const edu = await join(room.editor)
    let throws = 1
    edu.document.doc.on('beforeTransaction', (transaction: Y.Transaction) => {
      if (transaction.origin === edu.document && throws-- > 0) throw new Error('an extension broke')
    })
    edu.document.resync()
    await until(
      'Edu is synced again',
      () => edu.document.synced.getSnapshot() && textOf(edu) === 'before',
      5000,
    )
  })

  it('[#5] stores and passes on marked text: Yjs tidies up after it, which must not hide that it is news', async () => {
    const room = await buildRoom()
    const [ana, edu] = [await join(room.owner), await join(room.editor)]
    const block = paragraph('it grows')
    ana.document.doc.getXmlFragment('notes').insert(0, [block])
    await until('saved', () => isSaved(ana))
    const text = block.get(0)
    if (!(text instanceof Y.XmlText)) throw new Error('a paragraph holds text')
    text.format(3, 5, { bold: {} })
    await until('saved', () => isSaved(ana))
    text.insert(8, ' by one', { bold: {} })
    await until('saved', () => isSaved(ana))

    const written = block.toString()
    expect(written).toContain('<bold>grows by one</bold>')
    const theirs = edu.document.doc.getXmlFragment('notes')
    await until('Edu reads it', () => theirs.toString() === written)
    const stored = await loadDocument(await documentOf(room.owner))
    const doc = openState(stored?.snapshot ?? null, stored?.updates ?? [])
    expect(doc.getXmlFragment('notes').toString()).toBe(written)
    doc.destroy()
  })

  it('[#21] comes back in one call after somebody deleted everything, and the deletion can be had back too', async () => {
    const room = await buildRoom()
    const ana = await join(room.owner)
    const notes = ana.document.doc.getXmlFragment('notes')
    notes.insert(0, [paragraph('week one'), paragraph('week two')])
    await until('saved', () => isSaved(ana))
    const seq = await keepVersion(await documentOf(room.owner), 'Automatic', null)
    notes.delete(0, 2)
    await until('saved', () => isSaved(ana))
    await restoreVersion(room.owner, 1, seq ?? 0)
    await until('it is back on the page', () => notes.length === 2)
    expect(notes.toString()).toContain('week two')
    expect((await listVersions(room.owner)).map(({ label }) => label)).toContain(
      'Before restoring "Automatic"',
    )
  })

  it('[#23] shows no caret of a viewer', async () => {
    const room = await buildRoom()
    const [ana, vera] = [await join(room.owner), await join(room.viewer)]
    vera.document.awareness.setLocalStateField('cursor', { anchor: 1 })
    vera.setPresence({ panel: 'notes' })
    await until('Ana sees where Vera is', () =>
      ana.presence.getSnapshot().some(({ panel }) => panel === 'notes'),
    )
    expect(ana.document.awareness.getStates().has(vera.document.doc.clientID)).toBe(false)
  })

  it('[#25] never says Saved with an edit that is not committed', async () => {
    const room = await buildRoom()
    const docId = await documentOf(room.owner)
    const ana = await join(room.owner)
    await disturbAppends('slow', 'perform pg_sleep(0.02)')
    const lies: string[] = []
    let checks: Promise<void> = Promise.resolve()
    ana.document.status.subscribe(() => {
      const status = ana.document.status.getSnapshot()
      const said = textOf(ana)
      if (status.state !== 'saved') return
      checks = checks.then(async () => {
        if (!(await storedText(docId)).startsWith(said)) lies.push(said)
      })
    })
    for (let i = 0; i < 60; i++) {
      type(ana, `${i} `)
      await new Promise((resolve) => setTimeout(resolve, i % 15 === 14 ? 100 : 7))
    }
    await until('it is saved', () => isSaved(ana))
    await checks
    expect(lies).toEqual([])
  })
})

describe('[#18] hostile updates', () => {
  /** One struct without content under this client id. */
  function forged(clientId: number, clock: number, length: number): Uint8Array {
    const encoder = createEncoder()
    for (const value of [1, 1, clientId, clock]) writeVarUint(encoder, value)
    writeUint8(encoder, 0)
    writeVarUint(encoder, length)
    writeVarUint(encoder, 0)
    return toUint8Array(encoder)
  }

  it('cannot burn a teammate’s clock: her later text arrives', async () => {
    const room = await buildRoom()
    const docId = await documentOf(room.owner)
    const ana = await join(room.owner)
    const mallory = await raw(room.second)
    await openDoc(mallory, 66)
    // Before her first letter, and after it.
    expect(await push(mallory, forged(ana.document.doc.clientID, 0, 1000))).toEqual({
      ok: false,
      code: 'foreign-client',
    })
    type(ana, 'still ')
    await until('saved', () => isSaved(ana))
    expect(await push(mallory, forged(ana.document.doc.clientID, 6, 1000))).toEqual({
      ok: false,
      code: 'foreign-client',
    })
    type(ana, 'here')
    await until('saved', () => isSaved(ana))
    expect(await storedText(docId)).toBe('still here')
  })

  it('[#13] in one room delay nobody in another', async () => {
    const [poisoned, other] = [await buildRoom('poisoned'), await buildRoom('other')]
    const mallory = await raw(poisoned.second)
    await openDoc(mallory, 66)
    const [ana, edu] = [await join(other.owner), await join(other.editor)]
    const bombs = [
      new Uint8Array([1, 255, 255, 255, 127, 5, 0]),
      forged(66, 0, 2 ** 50),
      forged(66, 500, 1),
      new Uint8Array(300 * 1024),
      Y.encodeStateAsUpdateV2(writer(66).doc),
      new Uint8Array(200 * 1024).fill(1),
      new Uint8Array(0),
    ]
    const attack = Promise.allSettled(bombs.flatMap((bomb) => [push(mallory, bomb), push(mallory, bomb)]))
    let worst = 0
    for (let i = 0; i < 20; i++) {
      const from = performance.now()
      type(ana, 'x')
      const length = textOf(ana).length
      await until('Edu has it', () => textOf(edu).length === length)
      worst = Math.max(worst, performance.now() - from)
    }
    await attack
    expect(worst).toBeLessThan(1500)
    expect((await loadDocument(await documentOf(poisoned.owner)))?.headSeq).toBe(0)
  })

  it('and messages of any form end at most their own socket', async () => {
    const room = await buildRoom()
    const ana = await join(room.owner)
    const mallory = await raw(room.second)
    const names = [
      'room:open',
      'room:command',
      'presence:set',
      'doc:open',
      'doc:push',
      'doc:awareness',
      'nonsense',
    ]
    const values = [
      undefined,
      null,
      0,
      'x',
      [],
      {},
      { docId: 'x' },
      { docId: newUuid(), update: 'no base64 §' },
    ]
    for (const name of names) {
      for (const value of values) {
        if (!mallory.socket.connected) break
        mallory.socket.emit(name, value)
        mallory.socket.emit(name, value, 'not a function')
        mallory.socket.emit(name, value, () => {})
      }
    }
    await until('the socket was closed', () => !mallory.socket.connected)
    type(ana, 'fine')
    await until('the room goes on', () => isSaved(ana))
  })

  it('cannot reach a document of another room', async () => {
    const [mine, theirs] = [await buildRoom('mine'), await buildRoom('theirs')]
    const socket = await raw(mine.owner)
    const docId = await documentOf(theirs.owner)
    const asked = await socket.ask('doc:open', { v: 1, docId, stateVector: new Uint8Array([0]), clientId: 5 })
    expect(asked.ok).toBe(false)
    expect((await socket.ask('doc:push', { docId, epoch: 1, update: writer(5).write('x') })).ok).toBe(false)
  })

  it('a caret always carries the name of the session, and none larger than 2 KiB passes', async () => {
    const room = await buildRoom()
    const ana = await join(room.owner)
    const mallory = await raw(room.second)
    await openDoc(mallory, 66)
    const caret = (state: unknown, clock: number) => {
      const text = new TextEncoder().encode(JSON.stringify(state))
      const encoder = createEncoder()
      for (const value of [1, 66, clock, text.length]) writeVarUint(encoder, value)
      return new Uint8Array([...toUint8Array(encoder), ...text])
    }
    await mallory.ask('doc:awareness', { docId: mallory.docId, update: caret({ user: { name: 'Olga' } }, 1) })
    await until('the caret is seen', () => ana.document.awareness.getStates().has(66))
    expect(ana.document.awareness.getStates().get(66)?.user).toMatchObject({ name: 'Sam' })
    await mallory.ask('doc:awareness', { docId: mallory.docId, update: caret({ x: 'y'.repeat(5000) }, 2) })
    expect(ana.document.awareness.getStates().get(66)).not.toHaveProperty('x')
  })
})

function paragraph(text: string): Y.XmlElement {
  const made = new Y.XmlElement('paragraph')
  made.insert(0, [new Y.XmlText(text)])
  return made
}
