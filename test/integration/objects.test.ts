import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { db } from '#lib/db/client'
import { captureFile, captureRows } from '#lib/http/captures'
import { captureGraph, revealValue } from '#lib/http/objects'
import type { ReadAccess } from '#lib/investigation/access'
import {
  DuplicatesPage,
  type GraphAnswers,
  type GraphQuery,
  ObjectDetails,
  ObjectPage,
  OwnerLevel,
  RevealedValue,
} from '#lib/reports/objects'
import { attach, buildNode, captureIn, heapReportOf, type TestNode } from '#test/build/reading'
import { buildRoom, command } from '#test/build/room'

const DEMO = join(import.meta.dirname, '../../prisma/demo/ruby-small')
const RUBY = join(import.meta.dirname, '../fixtures/dumps/ruby-objspace/3.1.7')
const dump = (name: string) => readFileSync(join(DEMO, `${name}.json.gz`))

describe('questions about the objects of a capture', () => {
  let node: TestNode
  let first: string
  let last: string
  beforeAll(async () => {
    node = await buildNode(inject('templateUrl'))
    first = await attach(node, 'first.json.gz', dump('trace-1-warm'))
    last = await attach(node, 'last.json', gunzipSync(dump('trace-3-after-8000')))
    await Promise.all([first, last].map((id) => captureIn(id, 'ready')))
  })
  afterAll(() => node.close())

  const ask = async <K extends GraphQuery['ask']>(
    kind: K,
    more: Record<string, string | number> = {},
    { capture = last, access = node.room.viewer }: { capture?: string; access?: ReadAccess } = {},
  ): Promise<GraphAnswers[K]> => {
    const query = Object.fromEntries(Object.entries(more).map(([name, value]) => [name, String(value)]))
    // reason: the answer to a question of this kind.
    return (await captureGraph(access, capture, { ask: kind, ...query })) as GraphAnswers[K]
  }
  /** The planted holder, module AuditTrail. */
  const auditTrail = async (): Promise<number> => {
    const page = await ask('members', { table: 'types', group: 'MODULE', limit: 500 })
    const line = page.lines.find(({ label }) => label === 'module AuditTrail')
    if (!line) throw new Error('no module AuditTrail')
    return line.object
  }

  it('tell of the planted holder what keeps it alive and what it keeps', async () => {
    const details = ObjectDetails.parse(await ask('object', { object: await auditTrail() }))
    expect(details.path[0]?.kind).toBe('root')
    expect(details.path.at(-1)).toMatchObject({ kind: 'object', line: { label: 'module AuditTrail' } })
    // The manifest leaves out 752 bytes of call caches and a singleton class.
    expect(details.line.retainedBytes).toBe(5_896_248 + 752)
    const entries = details.holds.find(({ className }) => className === 'AuditTrail::Entry')
    expect(entries).toMatchObject({ count: 10_500, site: expect.stringMatching(/audit_trail\.rb:14/) })
    expect(details).toMatchObject({ hasValue: true, fingerprint: expect.stringContaining('audit_trail') })
  })

  it('lead from the holder down to its entries and from an entry back up', async () => {
    const holder = await auditTrail()
    const below = ObjectPage.parse(await ask('dominated', { object: holder }))
    expect(below.lines[0]?.label).toBe('Array of 10,500')
    const array = below.lines[0]?.object ?? -1
    const entries = ObjectPage.parse(await ask('references', { object: array, offset: 10_400, limit: 200 }))
    expect(entries.total).toBe(10_501)
    expect(entries.lines).toHaveLength(101)
    expect(entries.lines[0]?.className).toBe('AuditTrail::Entry')
    const back = ObjectPage.parse(await ask('referrers', { object: entries.lines[0]?.object ?? -1 }))
    expect(back.lines.map(({ object }) => object)).toEqual([array])
    expect(await ask('find', { key: entries.lines[0]?.key ?? '' })).toEqual({
      object: entries.lines[0]?.object,
    })
  })

  it('give the members of every row of every table, as many as the row counts', async () => {
    for (const table of ['groups', 'classes', 'sites', 'types', 'generations']) {
      const rows = await captureRows(node.room.viewer, last, { table, limit: '3' })
      for (const row of rows.rows) {
        const page = ObjectPage.parse(await ask('members', { table, group: row.key, limit: 1 }))
        expect(page.total).toBe(row.count)
      }
    }
  })

  it('retain as a row what the set of its members frees, or less where members share', async () => {
    const { rows } = await captureRows(node.room.viewer, last, { table: 'classes', q: 'AuditTrail::Entry' })
    expect(rows[0]?.retainedBytes).toBeGreaterThan(5_000_000)
    const set = await ask('retained-set', { table: 'classes', group: 'AuditTrail::Entry' })
    expect(set.objects).toBe(10_500)
    expect(set.retainedBytes).toBeGreaterThanOrEqual(rows[0]?.retainedBytes ?? Number.POSITIVE_INFINITY)
  })

  it('show the owner tree with what it was in another capture', async () => {
    const level = OwnerLevel.parse(await ask('owners', { since: first }))
    const { totals } = await heapReportOf(node.room.viewer, last)
    const shown = level.children.reduce((sum, { retainedBytes }) => sum + retainedBytes, 0)
    expect(shown + level.rest.retainedBytes).toBe(level.crumbs[0]?.retainedBytes)
    expect(level.crumbs[0]?.retainedBytes).toBeLessThanOrEqual(totals.shallowBytes)
    const audit = level.children.find(({ name }) => name === 'module AuditTrail')
    expect(audit?.since?.retainedBytes).toBeGreaterThan(1_400_000)
    expect(audit?.since?.retainedBytes).toBeLessThan(1_500_000)
    const deeper = OwnerLevel.parse(await ask('owners', { path: audit?.path ?? 0, since: first }))
    expect(deeper.crumbs.map(({ name }) => name)).toEqual(['', 'module AuditTrail'])
    expect(deeper.children[0]).toMatchObject({ name: 'Array' })
  })

  it('page the largest and the equal strings without gaps or repeats', async () => {
    const seen = new Set<number>()
    for (let offset = 0; offset < 600; offset += 200) {
      const page = ObjectPage.parse(await ask('largest', { offset, limit: 200 }))
      for (const { object } of page.lines) seen.add(object)
    }
    expect(seen.size).toBe(600)
    const texts = DuplicatesPage.parse(await ask('duplicates', { limit: 100 }))
    expect(texts.rows[0]?.wastedBytes).toBeGreaterThan(0)
    const wasted = texts.rows.map((row) => row.wastedBytes)
    expect(wasted).toEqual(wasted.toSorted((a, b) => b - a))
  })

  it('refuse what is not there, not of the room, or not a question', async () => {
    await expect(ask('object', { object: 4_000_000_000 })).rejects.toMatchObject({
      code: 'request/not-found',
    })
    await expect(ask('members', { group: 'no such row' })).rejects.toMatchObject({
      code: 'request/not-found',
    })
    await expect(ask('owners', { path: 99_000_000 })).rejects.toMatchObject({ code: 'request/not-found' })
    const malformed: Record<string, string>[] = [
      { ask: 'password' },
      { ask: 'object', object: '-1' },
      { ask: 'largest', limit: '9999' },
    ]
    for (const query of malformed)
      await expect(captureGraph(node.room.viewer, last, query)).rejects.toMatchObject({
        code: 'request/malformed',
      })
    const stranger = await buildRoom('Elsewhere')
    await expect(ask('largest', {}, { access: stranger.viewer })).rejects.toMatchObject({
      code: 'request/not-found',
    })
    // `since` is of the same room, too.
    const elsewhere = await attach(node, 'x.json.gz', dump('trace-1-warm'), stranger.editor)
    await captureIn(elsewhere, 'ready')
    await expect(ask('owners', { since: elsewhere })).rejects.toMatchObject({ code: 'request/not-found' })
  })

  it('are dropped when nobody waits for the answer any more, and the thread keeps its heaps', async () => {
    const { deaths } = node.reading.questions
    const gone = new AbortController()
    const answer = captureGraph(node.room.viewer, last, { ask: 'duplicates' }, gone.signal)
    gone.abort()
    await expect(answer).rejects.toMatchObject({ code: 'request/given-up' })
    await ask('largest')
    expect(node.reading.questions.deaths).toBe(deaths)
  })

  it('are answered while files are being read', async () => {
    const busy = [1, 2, 3].map((copy) => {
      const own = `{"address":"0x1000000${copy}0", "type":"STRING", "memsize":40}\n`
      return attach(node, `busy-${copy}.json.gz`, Buffer.concat([dump('trace-3-after-8000'), gzipSync(own)]))
    })
    const ids = await Promise.all(busy)
    await captureIn(ids[0] ?? '', 'reading', 'ready')
    await ask('largest')
    const states = await db().capture.findMany({ where: { id: { in: ids } }, select: { state: true } })
    expect(states.some(({ state }) => state !== 'ready')).toBe(true)
    await Promise.all(ids.map((id) => captureIn(id, 'ready')))
  })

  it('find damage in what was stored, and have the capture read again', async () => {
    const id = await attach(node, 'damaged.json.gz', readFileSync(join(RUBY, 'weird.json.gz')))
    await captureIn(id, 'ready')
    const { tables } = await heapReportOf(node.room.viewer, id)
    const file = await node.reading.folders.store.local(tables.columns.sha256)
    const handle = openSync(file.path, 'r+')
    writeSync(handle, Buffer.from('damage'), 0, 6, tables.columns.size >> 1)
    closeSync(handle)
    await expect(ask('largest', {}, { capture: id })).rejects.toMatchObject({ code: 'read/not-ready' })
    await captureIn(id, 'ready')
    expect((await ask('largest', {}, { capture: id })).total).toBeGreaterThan(0)
  })
})

describe('single values', () => {
  let node: TestNode
  let plain: string
  let packed: string
  beforeAll(async () => {
    node = await buildNode(inject('templateUrl'))
    const weird = readFileSync(join(RUBY, 'weird.json.gz'))
    packed = await attach(node, 'weird.json.gz', weird)
    plain = await attach(node, 'weird.json', gunzipSync(weird))
    await Promise.all([plain, packed].map((id) => captureIn(id, 'ready')))
  })
  afterAll(() => node.close())

  const strings = async (capture: string) => {
    const page = await captureGraph(node.room.viewer, capture, {
      ask: 'members',
      table: 'types',
      group: 'STRING',
      limit: '200',
    })
    return ObjectPage.parse(page).lines
  }
  const reveals = () =>
    db().roomEvent.findMany({
      where: { investigationId: node.room.id, type: 'value:revealed' },
      orderBy: { seq: 'asc' },
    })

  it('are the line of the dump, from a plain file and from a packed one alike, cut when long', async () => {
    const [longest] = (await strings(plain)).toSorted((a, b) => b.shallowBytes - a.shallowBytes)
    const some = (await strings(plain)).slice(50, 53)
    for (const { object, key } of some) {
      const value = RevealedValue.parse(await revealValue(node.room.viewer, plain, { object }))
      expect(value.text).toContain(`"address":"${key}"`)
      expect(await revealValue(node.room.viewer, packed, { object })).toEqual(value)
    }
    const cut = await revealValue(node.room.viewer, plain, { object: longest?.object })
    expect(cut.isCut).toBe(true)
    expect(cut.text.length).toBeLessThanOrEqual(64 * 1024)
  })

  it('are told in the log with who saw which object, and not with what it says', async () => {
    const before = await reveals()
    const [line] = await strings(plain)
    const { text } = await revealValue(node.room.viewer, plain, { object: line?.object })
    const [event, ...more] = (await reveals()).slice(before.length)
    expect(more).toEqual([])
    expect(event).toMatchObject({
      actorName: 'Vera',
      payload: { captureId: plain, object: line?.object, key: line?.key, what: 'String' },
    })
    expect(JSON.stringify(event?.payload)).not.toContain(text.slice(0, 40))
  })

  it('are hidden from everybody while the room hides them, owners too', async () => {
    const [line] = await strings(plain)
    const { version } = await db().investigation.findUniqueOrThrow({ where: { id: node.room.id } })
    const hidden = await command(node.room.owner, 'investigation:change', { version, valuesHidden: true })
    const before = (await reveals()).length
    for (const access of [node.room.owner, node.room.editor, node.room.viewer])
      await expect(revealValue(access, plain, { object: line?.object })).rejects.toMatchObject({
        code: 'value/hidden',
      })
    // The file holds them all.
    await expect(captureFile(node.room.owner, plain, null)).rejects.toMatchObject({
      code: 'value/file-hidden',
    })
    expect((await reveals()).length).toBe(before)
    await command(node.room.owner, 'investigation:change', { version: hidden.version, valuesHidden: false })
    expect(await revealValue(node.room.owner, plain, { object: line?.object })).toMatchObject({ isCut: true })
  })

  it('are for people: a machine is refused', async () => {
    await expect(revealValue(node.room.machine, plain, { object: 0 })).rejects.toMatchObject({
      code: 'row/person-needed',
    })
  })

  it('are not to be had of other rooms, of objects that are not there, or without a number', async () => {
    const stranger = await buildRoom('Elsewhere')
    await expect(revealValue(stranger.owner, plain, { object: 0 })).rejects.toMatchObject({
      code: 'request/not-found',
    })
    await expect(revealValue(node.room.owner, plain, { object: 900_000_000 })).rejects.toMatchObject({
      code: 'request/not-found',
    })
    for (const body of [{}, { object: '7' }, { object: -1 }, null])
      await expect(revealValue(node.room.owner, plain, body)).rejects.toMatchObject({
        code: 'request/malformed',
      })
  })
})
