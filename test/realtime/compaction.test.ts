import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import * as Y from 'yjs'
import { connectDatabase, type Database } from '#lib/db/client'
import { compactDocument, forgetArchive } from '#lib/db/document-compaction'
import { appendUpdates, documentOf, loadDocument } from '#lib/db/documents'
import { WorkerPool } from '#lib/jobs/pool'
import { workerFile } from '#lib/jobs/worker-file'
import { cloneDatabase } from '#test/build/postgres'
import { buildRoom } from '#test/build/room'
import { isContiguous, newUuid } from '#test/build/sockets'

let clone: { url: string; drop(): Promise<void> }
let database: Database

beforeAll(async () => {
  clone = await cloneDatabase(inject('templateUrl'))
  database = connectDatabase(clone.url)
})
afterAll(async () => {
  await database.close()
  await clone.drop()
})

const rowsOf = async (table: 'ydoc_update' | 'ydoc_update_archive', docId: string): Promise<number> => {
  const { rows } = await database.pool.query<{ n: string }>(
    `select count(*) as n from ${table} where doc_id = $1`,
    [docId],
  )
  return Number(rows[0]?.n)
}

describe('a document’s log', () => {
  it('is folded in a worker thread: a document of 5 MiB does not keep the sockets waiting', async () => {
    const docId = await documentOf((await buildRoom()).owner)
    const doc = new Y.Doc()
    doc.getXmlFragment('notes').insert(
      0,
      Array.from({ length: 25_000 }, (_, line) => {
        const paragraph = new Y.XmlElement('paragraph')
        paragraph.insert(0, [new Y.XmlText(`${'word '.repeat(36)}${line}`)])
        return paragraph
      }),
    )
    const update = Y.encodeStateAsUpdate(doc)
    expect(update.byteLength).toBeGreaterThan(5 * 1024 * 1024)
    await appendUpdates(docId, 1, newUuid(), [{ update, authorId: null, claims: [] }])
    const pool = new WorkerPool({ workerFile: await workerFile(), size: 1, warmRounds: 0 })
    try {
      const delay = monitorEventLoopDelay({ resolution: 5 })
      let inWorkerMs = 0
      delay.enable()
      const seq = await compactDocument(docId, async (snapshot, updates) => {
        const from = performance.now()
        const state = await pool.run({ kind: 'compact', snapshot, updates })
        inWorkerMs = performance.now() - from
        return state
      })
      delay.disable()
      const stallMs = delay.max / 1e6
      console.log(`5 MiB folded in ${Math.round(inWorkerMs)} ms; longest stall ${Math.round(stallMs)} ms`)
      expect(seq).toBe(1)
      expect(stallMs).toBeLessThan(Math.max(150, inWorkerMs / 2))
      const stored = await loadDocument(docId)
      expect(stored?.updates).toEqual([])
      const copy = new Y.Doc()
      if (stored?.snapshot) Y.applyUpdate(copy, stored.snapshot)
      expect(copy.getXmlFragment('notes').length).toBe(25_000)
    } finally {
      await pool.close()
    }
  }, 60_000)

  it('is kept for 30 days after it was folded, and not longer', async () => {
    const docId = await documentOf((await buildRoom()).owner)
    const doc = new Y.Doc()
    const updates: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => updates.push(update))
    for (const text of ['one ', 'two ', 'three ']) {
      doc.getText('typed').insert(doc.getText('typed').length, text)
      const update = updates.pop()
      if (update) await appendUpdates(docId, 1, newUuid(), [{ update, authorId: null, claims: [] }])
      await compactDocument(docId)
    }
    expect(await rowsOf('ydoc_update_archive', docId)).toBe(2)
    expect(await isContiguous(docId)).toBe(true)
    const inDays = (days: number) => new Date(Date.now() + days * 24 * 60 * 60_000)
    await forgetArchive(30, inDays(29))
    expect(await rowsOf('ydoc_update_archive', docId)).toBe(2)
    expect(await forgetArchive(30, inDays(31))).toBeGreaterThanOrEqual(2)
    expect(await rowsOf('ydoc_update_archive', docId)).toBe(0)
    // The newest generation stays, and the text.
    expect(await rowsOf('ydoc_update', docId)).toBe(1)
    const stored = await loadDocument(docId)
    const copy = new Y.Doc()
    if (stored?.snapshot) Y.applyUpdate(copy, stored.snapshot)
    expect(copy.getText('typed').toString()).toBe('one two three ')
  })
})
