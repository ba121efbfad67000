import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { db } from '#lib/db/client'
import { captureFile, captureGrowth, captureRows, readCaptureAgain } from '#lib/http/captures'
import { warmDump } from '#lib/jobs/warm-dump'
import { GrowthPage } from '#lib/reports/growth-report'
import { RowsPage } from '#lib/reports/rows'
import { type ObjectStore, startObjectStore } from '#test/build/object-store'
import { buildNode, captureIn, heapReportOf, sendFile, type TestNode } from '#test/build/reading'

const DEMO = join(import.meta.dirname, '../../prisma/demo/ruby-small')
const dump = (name: string) => readFileSync(join(DEMO, `${name}.json.gz`))

/** Everything that touches the files of a capture, on a server that keeps them in a bucket. */
describe('an installation with its files in a bucket', () => {
  let bucket: ObjectStore
  let node: TestNode
  let first: string
  let second: string
  beforeAll(async () => {
    bucket = await startObjectStore()
    const settings = { ...bucket.settings, prefix: 'team/' }
    node = await buildNode(inject('templateUrl'), { remote: { settings, cacheBytes: 1e9 } })
    first = await sendFile(node, 'one.json.gz', dump('trace-1-warm'))
    second = await sendFile(node, 'two.json.gz', dump('trace-2-after-4000'))
    await Promise.all([first, second].map((id) => captureIn(id, 'ready')))
  })
  afterAll(async () => {
    await node?.close()
    await bucket?.close()
  })

  it('reads what was uploaded, and keeps nothing of it on its own disk', async () => {
    expect((await heapReportOf(node.room.viewer, first)).totals.objects).toBe(166_284)
    expect(readdirSync(node.dataDir)).not.toContain('files')
    for (const folder of ['uploads', 'work']) expect(readdirSync(join(node.dataDir, folder))).toEqual([])
  })

  it('pages through tables, compares, and gives the file back, also a part of it', async () => {
    const rows = RowsPage.parse(await captureRows(node.room.viewer, first, { table: 'groups' }))
    expect(rows.rows.length).toBeGreaterThan(10)
    const growth = GrowthPage.parse(await captureGrowth(node.room.viewer, { captures: `${first},${second}` }))
    expect(growth.rows.length).toBeGreaterThan(10)
    const whole = await captureFile(node.room.viewer, first, null)
    expect(Buffer.from(await whole.arrayBuffer()).equals(dump('trace-1-warm'))).toBe(true)
    const part = await captureFile(node.room.viewer, first, 'bytes=10-19')
    expect(Buffer.from(await part.arrayBuffer())).toEqual(dump('trace-1-warm').subarray(10, 20))
  })

  it('reads a capture again after a restart, from the bucket', async () => {
    await node.restart()
    const { tables } = await heapReportOf(node.room.viewer, first)
    await node.reading.folders.store.remove(tables.groups.sha256)
    await readCaptureAgain(node.room.editor, first)
    await captureIn(first, 'ready')
    expect(await node.reading.folders.store.has(tables.groups.sha256)).toBe(true)
  })

  it('says on the capture and in its health that the bucket does not answer, and reads it when it is back', async () => {
    expect((await node.reading.health()).store.detail).toMatch(/^an S3-compatible object store, answers in/)
    const name = await db().capture.findUniqueOrThrow({ where: { id: first }, select: { sha256: true } })
    await bucket.stop()
    await expect(captureFile(node.room.viewer, first, null)).rejects.toMatchObject({
      code: 'store/unreachable',
      status: 503,
    })
    await readCaptureAgain(node.room.editor, first)
    const failed = await captureIn(first, 'failed')
    expect(failed.problem).toContain('object store that keeps the files does not answer')
    expect(failed.sha256).toBe(name.sha256)
    await bucket.start()
    await readCaptureAgain(node.room.editor, first)
    await captureIn(first, 'ready')
  })

  it('finishes an upload that came while the bucket was away', async () => {
    await bucket.stop()
    const content = warmDump(700)
    await expect(sendFile(node, 'late.json', content, { retryDelays: [] })).rejects.toThrow(
      'store/unreachable',
    )
    await bucket.start()
    await node.uploads.sweep()
    const row = await db().capture.findFirstOrThrow({ where: { fileName: 'late.json' } })
    expect((await captureIn(row.id, 'ready')).totals).toMatchObject({ objects: 700 })
  })
})
