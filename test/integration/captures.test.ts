import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { db } from '#lib/db/client'
import { runCommand } from '#lib/db/commands'
import { storeSeries } from '#lib/db/series'
import {
  attachKnownFile,
  captureCsv,
  captureFile,
  captureGrowth,
  captureGrowthCsv,
  captureReport,
  captureRows,
  readCaptureAgain,
} from '#lib/http/captures'
import { respond } from '#lib/http/respond'
import { warmDump } from '#lib/jobs/warm-dump'
import { GrowthPage } from '#lib/reports/growth-report'
import { RowsPage } from '#lib/reports/rows'
import { attach, buildNode, captureIn, heapReportOf, type TestNode } from '#test/build/reading'
import { buildRoom } from '#test/build/room'

const RUBY = join(import.meta.dirname, '../fixtures/dumps/ruby-objspace/3.1.7')
const TRIO = ['trace-1-warm', 'trace-2-after-4000', 'trace-3-after-8000']
const DEMO = join(import.meta.dirname, '../../prisma/demo/ruby-small')
const REQUESTS = [2500n, 6500n, 10500n]

/** The sites of the two planted growths, as the programs that made the dumps have them. */
const PLANTED = [
  /audit_trail\.rb:(7|8|10|14)\b/,
  /quote_memo\.rb:6\b/,
  /<internal:timev>:224\b/,
  /router\/utils\.rb:65\b/,
]

describe('captures over HTTP', () => {
  let node: TestNode
  let trio: string[]
  let weird: string
  beforeAll(async () => {
    node = await buildNode(inject('templateUrl'))
    trio = []
    for (const [at, name] of TRIO.entries()) {
      const dump = readFileSync(join(DEMO, `${name}.json.gz`))
      trio.push(await attach(node, `${name}.json.gz`, dump, node.room.editor, REQUESTS[at]))
    }
    weird = await attach(node, 'weird.json.gz', readFileSync(join(RUBY, 'weird.json.gz')))
    await Promise.all([...trio, weird].map((id) => captureIn(id, 'ready')))
  })
  afterAll(() => node.close())

  it('reports totals, types, and where the numbers come from', async () => {
    const report = await heapReportOf(node.room.viewer, trio[0] ?? '')
    expect(report.totals).toMatchObject({ objects: 166_284, badLines: 0, isPartial: false })
    expect(report.encoding).toBe('gzip')
    expect(report.plainBytes).toBeGreaterThan(report.storedBytes * 5)
    expect(report.byType.map((type) => type.type)).toContain('STRING')
  })

  it('reads the weird dump with its one line outside JSON', async () => {
    const report = await heapReportOf(node.room.viewer, weird)
    expect(report.totals.badLines).toBe(0)
    const page = await captureRows(node.room.viewer, weird, { q: 'weird "file" \\ name' })
    expect(page.rows[0]?.file).toMatch(/weird "file" \\ name é\.rb$/)
  })

  it.each(['groups', 'classes', 'sites', 'types', 'generations'])(
    'pages %s without gaps or repeats',
    async (table) => {
      const id = trio[0] ?? ''
      const { totals } = await heapReportOf(node.room.viewer, id)
      const first = RowsPage.parse(await captureRows(node.room.viewer, id, { table, limit: '500' }))
      expect(first.total).toBe(first.all)
      expect(first.count).toBe(totals.objects)
      expect(first.bytes).toBe(totals.shallowBytes)
      const keys = new Set<string>()
      for (let offset = 0; offset < first.total; offset += 500) {
        const page = await captureRows(node.room.viewer, id, { table, limit: '500', offset: String(offset) })
        for (const row of page.rows) keys.add(row.key)
      }
      expect(keys.size).toBe(first.total)
      const sizes = first.rows.map((row) => row.bytes)
      expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
    },
  )

  it('filters by words and sorts both ways', async () => {
    const page = await captureRows(node.room.viewer, trio[2] ?? '', {
      q: 'audit_trail STRING',
      sort: 'count',
      dir: 'asc',
    })
    expect(page.total).toBeGreaterThan(0)
    expect(page.total).toBeLessThan(page.all)
    expect(page.rows.every((row) => row.type === 'STRING' && row.file?.includes('audit_trail'))).toBe(true)
    const counts = page.rows.map((row) => row.count)
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
  })

  it('sets rows beside what they were in another capture, and orders by the change', async () => {
    const [first = '', , third = ''] = trio
    const page = RowsPage.parse(
      await captureRows(node.room.viewer, third, { table: 'classes', since: first, sort: 'change' }),
    )
    const entries = page.rows.find((row) => row.className === 'AuditTrail::Entry')
    expect(entries).toMatchObject({ count: 10_500, since: { count: 2500 } })
    expect(entries?.retainedBytes).toBeGreaterThan(5_000_000)
    const changes = page.rows.map((row) => row.bytes - (row.since?.bytes ?? 0))
    expect(changes).toEqual(changes.toSorted((a, b) => b - a))
    const stranger = await buildRoom('Elsewhere')
    await expect(captureRows(stranger.viewer, third, { since: first })).rejects.toMatchObject({
      code: 'request/not-found',
    })
  })

  it('names, of three real dumps, exactly the planted sites as growing every time', async () => {
    const page = GrowthPage.parse(
      await captureGrowth(node.room.viewer, {
        captures: trio.toReversed().join(','),
        shape: 'growing every time',
      }),
    )
    // Given in any order, compared in the room's.
    expect(page.captures.map((capture) => capture.id)).toEqual(trio)
    expect(page.rows).toHaveLength(9)
    expect(page.rows.every((row) => PLANTED.some((site) => site.test(row.siteWords)))).toBe(true)
    const entries = page.rows.find((row) => row.siteWords.includes('audit_trail.rb:14'))
    expect(entries?.counts).toEqual([2500, 6500, 10500])
    expect(entries?.perRequest?.objects).toBeCloseTo(1, 5)
    expect(page.suspects).toHaveLength(2)
    expect(page.suspects.flatMap(({ keys }) => keys).sort()).toEqual(page.rows.map((row) => row.key).sort())
    expect(page.rows.some((row) => /callbacks|fragment_lru/.test(row.siteWords))).toBe(false)
  })

  it('keeps a comparison and gives the same answer from the store', async () => {
    const query = { captures: trio.join(','), limit: '20' }
    const first = await captureGrowth(node.room.viewer, query)
    expect(await db().report.count({ where: { key: { startsWith: 'growth:' } } })).toBe(1)
    await node.restart()
    expect(await captureGrowth(node.room.viewer, query)).toEqual(first)
    expect(await db().report.count({ where: { key: { startsWith: 'growth:' } } })).toBe(1)
  })

  it('compares anew when a request count changes', async () => {
    const query = { captures: trio.slice(0, 2).join(',') }
    const before = await captureGrowth(node.room.viewer, query)
    await db().capture.update({ where: { id: trio[1] }, data: { requestCount: 10_500n } })
    const after = await captureGrowth(node.room.viewer, query)
    await db().capture.update({ where: { id: trio[1] }, data: { requestCount: REQUESTS[1] } })
    const rate = (page: GrowthPage) => page.rows.find((row) => row.bytesChange > 0)?.perRequest?.bytes ?? 0
    expect(rate(after)).toBeCloseTo(rate(before) / 2, 5)
  })

  it('measures what is unexplained against the memory of the process, where a graph and the times are known', async () => {
    const query = { captures: trio.join(',') }
    expect((await captureGrowth(node.room.viewer, query)).unexplained.of).toBe('heap')
    const minute = 60_000
    const times = trio.map((_, at) => Date.UTC(2026, 5, 1) + at * 60 * minute)
    const rss = [102.6e6, 138.6e6, 155e6]
    const t = Float64Array.from(times, (time) => time + 5000)
    await storeSeries(node.room.editor, [
      { name: 'rss', label: 'rss', process: '', unit: 'bytes', samples: { t, v: Float64Array.from(rss) } },
    ])
    for (const [at, id] of trio.entries())
      await db().capture.update({ where: { id }, data: { takenAt: new Date(times[at] ?? 0) } })
    const page = await captureGrowth(node.room.viewer, query)
    expect(page.unexplained).toMatchObject({ of: 'rss', grownBytes: 155e6 - 102.6e6 })
    expect(page.rows[0]?.perHour?.objects).toBeGreaterThan(0)
    await db().capture.updateMany({ where: { id: { in: trio } }, data: { takenAt: null } })
  })

  it('says what is missing for a comparison', async () => {
    const one = { captures: trio[0] ?? '' }
    await expect(captureGrowth(node.room.viewer, one)).rejects.toMatchObject({ code: 'request/malformed' })
    const stranger = await buildRoom('Elsewhere')
    const both = { captures: trio.join(',') }
    await expect(captureGrowth(stranger.viewer, both)).rejects.toMatchObject({ code: 'request/not-found' })
    const broken = await attach(node, 'text.json', Buffer.from('not a dump'))
    await captureIn(broken, 'failed')
    await expect(captureGrowth(node.room.viewer, { captures: `${trio[0]},${broken}` })).rejects.toMatchObject(
      { code: 'read/not-ready' },
    )
  })

  it('saves tables and growth as CSV that no spreadsheet runs', async () => {
    const table = await captureCsv(node.room.viewer, trio[0] ?? '', { table: 'classes' })
    expect(table.headers.get('content-disposition')).toMatch(
      /^attachment; filename="trace-1-warm.*classes\.csv"/,
    )
    const lines = (await table.text()).split('\r\n')
    expect(lines[0]).toBe('type,class,file,line,method,generation,count,bytes,retained bytes')
    expect(lines.some((line) => /^,?[=+@-]/.test(line.replace(/^,/, '')))).toBe(false)
    const growth = await captureGrowthCsv(node.room.viewer, { captures: trio.join(',') })
    expect((await growth.text()).split('\r\n')[0]).toMatch(/^type,class,site,owner,count: trace-1-warm/)
  })

  it('gives the file back as it came, whole and by range, and only to save', async () => {
    const original = readFileSync(join(RUBY, 'weird.json.gz'))
    await db().capture.update({ where: { id: weird }, data: { fileName: 'we"ird\r\nX: é.json.gz' } })
    const whole = await captureFile(node.room.viewer, weird, null)
    expect(Buffer.from(await whole.arrayBuffer()).equals(original)).toBe(true)
    expect(whole.headers.get('content-disposition')).toBe(
      `attachment; filename="we_ird__X: _.json.gz"; filename*=UTF-8''we%22ird%0D%0AX%3A%20%C3%A9.json.gz`,
    )
    const part = await captureFile(node.room.viewer, weird, 'bytes=10-19')
    expect(part.status).toBe(206)
    expect(Buffer.from(await part.arrayBuffer()).equals(original.subarray(10, 20))).toBe(true)
  })

  it('attaches a file of the team by its hash, ready at once', async () => {
    const { sha256 } = await captureIn(weird, 'ready')
    const row = await attachKnownFile(node.room.editor, { sha256, filename: 'again.json.gz' })
    expect(row).toMatchObject({ state: 'ready', label: 'again', totals: { skippedLines: 0 } })
    const stranger = await buildRoom('Elsewhere')
    await expect(attachKnownFile(stranger.editor, { sha256 })).rejects.toMatchObject({
      code: 'request/not-found',
    })
  })

  it('reads again when asked, also after a cancel', async () => {
    const id = await attach(node, 'later.json', Buffer.from('nothing of ours'))
    await captureIn(id, 'failed')
    expect((await readCaptureAgain(node.room.editor, id)).state).toBe('queued')
    expect((await captureIn(id, 'failed')).problem).toMatch(/Leakroom reads/)
  })

  it('reads a capture again by itself when its report is of another version', async () => {
    const { sha256 } = await captureIn(weird, 'ready')
    await db().report.update({ where: { key: `heap:${sha256}` }, data: { body: { version: 0 } } })
    await expect(captureReport(node.room.viewer, weird)).rejects.toMatchObject({ code: 'read/not-ready' })
    await captureIn(weird, 'ready')
    expect((await heapReportOf(node.room.viewer, weird)).totals.badLines).toBe(0)
  })

  it.each(['a page of rows', 'a comparison'])(
    'finds damage in a stored table when asked for %s, and has the capture read again',
    async (asked) => {
      const own = `{"address":"0x2000", "type":"STRING", "memsize":${asked.length * 8}}\n`
      const id = await attach(node, 'small.json', Buffer.concat([warmDump(300), Buffer.from(own)]))
      await captureIn(id, 'ready')
      const { tables } = await heapReportOf(node.room.viewer, id)
      const file = await node.reading.folders.store.local(tables.groups.sha256)
      const bytes = readFileSync(file.path)
      writeFileSync(file.path, bytes.fill(0x55, bytes.length >> 1, (bytes.length >> 1) + 8))
      const ask = () =>
        asked === 'a comparison'
          ? captureGrowth(node.room.viewer, { captures: `${id},${trio[0]}` })
          : captureRows(node.room.viewer, id, {})
      await expect(ask()).rejects.toMatchObject({ code: 'read/damaged-columns' })
      await captureIn(id, 'ready')
      await ask()
    },
  )

  it('keeps captures of other rooms out of reach', async () => {
    const stranger = await buildRoom('Elsewhere')
    const id = trio[0] ?? ''
    for (const read of [
      () => captureReport(stranger.viewer, id),
      () => captureRows(stranger.viewer, id, {}),
      () => captureFile(stranger.viewer, id, null),
      () => readCaptureAgain(stranger.editor, id),
    ])
      await expect(read()).rejects.toMatchObject({ code: 'request/not-found' })
  })

  it('answers refusals with their sentence and bugs with one fixed sentence', async () => {
    const refused = await respond(() => captureRows(node.room.viewer, trio[0] ?? '', { limit: '100000' }))
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({ code: 'request/malformed' })
    const bug = await respond(() => Promise.reject(new Error('password=hunter2')))
    expect(bug.status).toBe(500)
    expect(await bug.text()).not.toContain('hunter2')
  })

  it('takes a removed capture out of every answer', async () => {
    const id = await attach(node, 'gone.json', readFileSync(join(RUBY, 'weird.json.gz')))
    const row = await captureIn(id, 'ready')
    await runCommand(node.room.editor, crypto.randomUUID(), 'capture:remove', { id: row.id })
    await expect(captureReport(node.room.viewer, id)).rejects.toMatchObject({ code: 'request/not-found' })
  })
})
