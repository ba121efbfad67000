import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import * as Y from 'yjs'
import { connectDatabase, type Database } from '#lib/db/client'
import { compactDocument } from '#lib/db/document-compaction'
import { keepVersion, listVersions, restoreVersion } from '#lib/db/document-versions'
import { appendUpdates, clientOwners, documentOf, loadDocument } from '#lib/db/documents'
import { eventsAfter } from '#lib/db/events'
import type { DocId } from '#lib/investigation/ids'
import type { RoomConnection } from '#lib/realtime/client/room-types'
import { startTestNode, type TestNode } from '#test/build/nodes'
import { cloneDatabase } from '#test/build/postgres'
import { buildRoom, type TestRoom } from '#test/build/room'
import { isSaved, joinRoom, joinSynced, newUuid, storedText, textOf, type, until } from '#test/build/sockets'

let clone: { url: string; drop(): Promise<void> }
let database: Database
let node: TestNode
const said: { level: number; msg: string; err?: { message: string } }[] = []
const open: RoomConnection[] = []
const join = async (access: TestRoom['viewer']): Promise<RoomConnection> => {
  const connection = await joinSynced(node, access)
  open.push(connection)
  return connection
}

beforeAll(async () => {
  clone = await cloneDatabase(inject('templateUrl'))
  database = connectDatabase(clone.url)
  const log = pino({ level: 'error' }, { write: (line: string) => void said.push(JSON.parse(line)) })
  node = await startTestNode(clone.url, { log, times: { graceMs: 20, pollMs: 500 } })
})
afterEach(async () => {
  for (const connection of open.splice(0)) connection.close()
  await until('all documents are closed', () => node.realtime.counts().documents === 0)
  said.length = 0
})
afterAll(async () => {
  await node.stop()
  await database.close()
  await clone.drop()
})

/** Stores these texts one after the other, each at the end, by one writer. Returns the writer's document. */
async function writeLog(docId: DocId, texts: readonly string[]): Promise<Y.Doc> {
  const doc = new Y.Doc()
  for (const text of texts) {
    const before = Y.encodeStateVector(doc)
    doc.getText('typed').insert(doc.getText('typed').length, text)
    const update = Y.encodeStateAsUpdate(doc, before)
    await appendUpdates(docId, 1, newUuid(), [{ update, authorId: null, claims: [] }])
  }
  return doc
}

const rawRows = async (docId: DocId): Promise<string[]> => {
  const { rows } = await database.pool.query<{ row: string }>(
    `select seq || ':' || encode(payload, 'hex') as row from ydoc_update where doc_id = $1
     union select seq || ':' || encode(payload, 'hex') from ydoc_update_archive where doc_id = $1 order by 1`,
    [docId],
  )
  return rows.map(({ row }) => row)
}
const labelsOf = async (room: TestRoom) => (await listVersions(room.viewer)).map(({ label }) => label)
const statusOf = (person: RoomConnection) => person.document.status.getSnapshot()

describe('a document whose stored log is damaged', () => {
  it('[#1] opens with what can be read: the server’s log, the timeline and the page say so, raw rows stay', async () => {
    const room = await buildRoom()
    const docId = await documentOf(room.owner)
    await writeLog(docId, ['a', 'b', 'c'])
    await database.pool.query('delete from ydoc_update where doc_id = $1 and seq = 2', [docId])
    const before = await rawRows(docId)

    const ana = await join(room.owner)
    expect(textOf(ana)).toBe('a')
    expect(statusOf(ana)).toMatchObject({ state: 'saved', isIncomplete: true })
    expect(said.map(({ msg, err }) => [msg, err?.message])).toEqual([
      [
        'a damaged document was repaired, some text could not be restored',
        expect.stringContaining('lacks update 2'),
      ],
    ])
    expect(await rawRows(docId)).toEqual(before)
    const events = await eventsAfter(room.owner, 0, 100)
    expect(events.map(({ payload }) => payload)).toContainEqual({
      label: 'Repaired: some text could not be restored',
      seq: 3,
    })
    type(ana, ' and on')
    await until('saved', () => isSaved(ana))
    expect(await storedText(docId)).toBe('a and on')
    await compactDocument(docId)
    expect(await rawRows(docId)).toEqual(expect.arrayContaining(before))
  })

  it('[#5] with an update that was acknowledged and not stored opens too, and the author’s page brings it back', async () => {
    const room = await buildRoom()
    const docId = await documentOf(room.owner)
    const ana = await join(room.owner)
    for (const text of ['one ', 'two ', 'three ']) {
      type(ana, text)
      await until('saved', () => isSaved(ana))
    }
    // Sequences without a hole, but the content of one is gone: what the old mistake left behind.
    await database.pool.query(`update ydoc_update set payload = $2 where doc_id = $1 and seq = 2`, [
      docId,
      Buffer.from([0, 0]),
    ])
    expect((await clientOwners(docId)).size).toBe(1)
    const other = await startTestNode(clone.url, { times: { graceMs: 20, pollMs: 500 } })
    try {
      const edu = await joinRoom(other, room.editor)
      open.push(edu)
      await until('Edu reads what is left', () => textOf(edu) === 'one ')
      // Ana's page opens the document anew, on the node that repaired it.
      const doc = new Y.Doc()
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(ana.document.doc))
      const again = await joinRoom(other, room.owner)
      open.push(again)
      Y.applyUpdate(again.document.doc, Y.encodeStateAsUpdate(doc))
      await until('all of it is back for Edu', () => textOf(edu) === 'one two three ')
      await until('and stored', async () => (await storedText(docId)) === 'one two three ')
    } finally {
      for (const connection of open.splice(0)) connection.close()
      await other.stop()
    }
  })

  it('[#1] is made whole again from a version and the rows after it when its compacted state is damaged', async () => {
    const room = await buildRoom()
    const docId = await documentOf(room.owner)
    await writeLog(docId, ['kept ', 'and ', 'folded'])
    await keepVersion(docId, 'By hand', null)
    await compactDocument(docId)
    await database.pool.query(
      'update ydoc set snap = set_byte(snap, 3, (get_byte(snap, 3) + 1) % 256) where id = $1',
      [docId],
    )
    await expect(loadDocument(docId)).rejects.toThrow(/damaged/)
    const ana = await join(room.owner)
    expect(textOf(ana)).toBe('kept and folded')
    expect(statusOf(ana)).not.toHaveProperty('isIncomplete')
    expect(await labelsOf(room)).toEqual(['Repaired: the text is whole (By hand)'])
    const { rows } = await database.pool.query(
      'select 1 from ydoc_update_archive where doc_id = $1 and seq < 0',
      [docId],
    )
    expect(rows).toHaveLength(1)
  })

  it('is repaired once, however many nodes and people open it at the same time', async () => {
    const room = await buildRoom()
    const docId = await documentOf(room.owner)
    await writeLog(docId, ['a', 'b', 'c'])
    await database.pool.query('delete from ydoc_update where doc_id = $1 and seq = 2', [docId])
    const other = await startTestNode(clone.url, { times: { graceMs: 20, pollMs: 500 } })
    try {
      const people = await Promise.all([
        join(room.owner),
        join(room.editor),
        joinSynced(other, room.second),
        joinSynced(other, room.viewer),
      ])
      open.push(...people)
      expect(people.map(textOf)).toEqual(['a', 'a', 'a', 'a'])
      const events = await eventsAfter(room.owner, 0, 100)
      expect(events.filter(({ type }) => type === 'document:version-saved')).toHaveLength(1)
    } finally {
      for (const connection of open.splice(0)) connection.close()
      await other.stop()
    }
  })
})

describe('versions of the text', () => {
  it('[#21] are kept before a session’s first change: a text wiped at once can be restored', async () => {
    const room = await buildRoom()
    const docId = await documentOf(room.owner)
    const ana = await join(room.owner)
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.insert(0, [new Y.XmlText('a week of work')])
    ana.document.doc.getXmlFragment('notes').insert(0, [paragraph])
    await until('saved', () => isSaved(ana))
    ana.close()
    await until('closed', () => node.realtime.counts().documents === 0)
    await until('the version of the end is kept', async () => (await labelsOf(room)).length === 1)
    // As if it had been long ago, and that version were not there.
    await database.pool.query('delete from ydoc_version where doc_id = $1', [docId])

    const edu = await join(room.editor)
    const notes = edu.document.doc.getXmlFragment('notes')
    notes.delete(0, notes.length)
    await until('saved', () => isSaved(edu))
    await until('a version is kept', async () => (await labelsOf(room)).length === 1)
    const version = (await listVersions(room.viewer))[0]
    expect(version?.label).toMatch(/^Before the changes of \d{4}-\d\d-\d\d \d\d:\d\d UTC$/)
    await restoreVersion(room.owner, version?.epoch ?? 0, version?.seq ?? 0)
    await until('it is back', () => notes.toString().includes('a week of work'))
  })

  it('are not kept of an empty text, nor when the last one is younger than a quarter of an hour', async () => {
    const room = await buildRoom()
    const docId = await documentOf(room.owner)
    const ana = await join(room.owner)
    type(ana, 'first')
    await until('saved', () => isSaved(ana))
    ana.close()
    await until('the version of the end is kept', async () => (await labelsOf(room)).length === 1)
    await until('closed', () => node.realtime.counts().documents === 0)
    const age = (minutes: number) =>
      database.pool.query(
        `update ydoc_version set created_at = now() - make_interval(mins => $2) where doc_id = $1`,
        [docId, minutes],
      )
    await age(14)
    const edu = await join(room.editor)
    type(edu, ' second')
    await until('saved', () => isSaved(edu))
    edu.close()
    await until('closed again', () => node.realtime.counts().documents === 0)
    await until('the version of the end is kept', async () => (await labelsOf(room)).length === 2)
    expect(await labelsOf(room)).toEqual(['When everybody had left', 'When everybody had left'])
  })
})
