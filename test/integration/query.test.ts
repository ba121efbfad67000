import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { captureParquet, queryableTables, queryCapture, queryCsv } from '#lib/http/query'
import { respond } from '#lib/http/respond'
import { attach, buildNode, captureIn, type TestNode } from '#test/build/reading'
import { rubyFixturePath } from '#test/build/ruby-dump'

describe('SQL over a capture, over HTTP', { timeout: 60_000 }, () => {
  let node: TestNode
  let capture: string
  beforeAll(async () => {
    node = await buildNode(inject('templateUrl'))
    vi.stubEnv('DATA_DIR', node.dataDir)
    const dump = readFileSync(rubyFixturePath('trace-1-warm'))
    capture = await attach(node, 'trace-1-warm.json.gz', dump)
    await captureIn(capture, 'ready')
  }, 60_000)
  afterAll(async () => {
    vi.unstubAllEnvs()
    await node.close()
    await rm(join('.data', 'parquet'), { recursive: true, force: true }).catch(() => {})
  })

  it('lists the tables, and begins to make them', async () => {
    const { kind, tables } = await queryableTables(node.room.viewer, capture)
    expect(kind).toBe('heap')
    expect(tables.map(({ name }) => name)).toEqual([
      'objects',
      'groups',
      'owners',
      'duplicates',
      'roots',
      'refs',
    ])
  })

  it('answers a viewer', async () => {
    const sql = 'SELECT count(*) AS objects, sum(shallow_bytes) AS bytes FROM objects'
    const answer = await queryCapture(node.room.viewer, capture, { sql })
    expect(answer.columns.map(({ name, kind }) => [name, kind])).toEqual([
      ['objects', 'number'],
      ['bytes', 'number'],
    ])
    expect(answer.rows[0]?.[0]).toBe(166_284)
    expect((await queryCapture(node.room.viewer, capture, { sql })).exportMs).toBe(0)
  })

  it('refuses with a sentence and the place of the fault', async () => {
    const response = await respond(() =>
      queryCapture(node.room.viewer, capture, { sql: 'SELECT\n  nothing' }),
    )
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({
      code: 'query/refused',
      sentence: expect.stringMatching(/nothing/),
      detail: { line: 2, column: 3 },
    })
    const reading = { sql: `SELECT * FROM read_text('/etc/passwd')` }
    expect((await respond(() => queryCapture(node.room.viewer, capture, reading))).status).toBe(422)
    for (const body of [{}, { sql: '' }, { sql: 'x'.repeat(20_001) }, { sql: 1 }])
      expect((await respond(() => queryCapture(node.room.viewer, capture, body))).status).toBe(400)
  })

  it('gives CSV and Parquet files', async () => {
    const csv = await queryCsv(node.room.viewer, capture, {
      sql: 'SELECT type, count(*) AS n FROM objects GROUP BY 1 ORDER BY 2 DESC',
    })
    expect(csv.headers.get('content-disposition')).toMatch(/^attachment; .*query\.csv/)
    expect(await csv.text()).toMatch(/^type,n\r\n\w+,\d+\r\n/)
    const parquet = await captureParquet(node.room.viewer, capture, { table: 'objects' })
    const bytes = new Uint8Array(await parquet.arrayBuffer())
    expect(new TextDecoder().decode(bytes.subarray(0, 4))).toBe('PAR1')
    expect(Number(parquet.headers.get('content-length'))).toBe(bytes.length)
    for (const table of ['nothing', '../files', ''])
      await expect(captureParquet(node.room.viewer, capture, { table })).rejects.toMatchObject({
        code: expect.stringMatching(/^request\//),
      })
  })

  it('stops when the request is given up', async () => {
    const leaving = new AbortController()
    const sql = 'SELECT count(*) FROM range(1000000000000) WHERE range % 7 = 8'
    const asked = queryCapture(node.room.editor, capture, { sql }, leaving.signal)
    setTimeout(() => leaving.abort(), 50)
    await expect(asked).rejects.toMatchObject({ code: 'query/cancelled' })
  })

  it('knows no capture of another room', async () => {
    await expect(
      queryCapture(node.room.viewer, '00000000-0000-4000-8000-000000000000', { sql: 'SELECT 1' }),
    ).rejects.toMatchObject({ code: 'request/not-found' })
  })
})
