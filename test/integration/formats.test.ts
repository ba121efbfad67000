import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { captureGrowth, captureReport, captureRows } from '#lib/http/captures'
import { captureGraph, revealValue } from '#lib/http/objects'
import { GrowthPage } from '#lib/reports/growth-report'
import { ObjectDetails, ObjectPage } from '#lib/reports/objects'
import { memprofDump } from '#test/build/memprof-dump'
import { attach, buildNode, captureIn, heapReportOf, type TestNode } from '#test/build/reading'

const FIXTURES = join(import.meta.dirname, '../fixtures')
const fixture = (path: string): Uint8Array => readFileSync(join(FIXTURES, path))
const STACKS = ['gperftools', 'jemalloc', 'pprof', 'valgrind'].flatMap((folder) =>
  readdirSync(join(FIXTURES, 'stacks', folder))
    // Names of addresses without a profile: its own test is below.
    .filter((name) => !name.endsWith('.raw'))
    .map((name) => `stacks/${folder}/${name}`),
)

describe('attached to a room', () => {
  let node: TestNode
  beforeAll(async () => {
    node = await buildNode(inject('templateUrl'))
  })
  afterAll(() => node.close())

  const attached = async (path: string, content = fixture(path)): Promise<string> => {
    const id = await attach(node, path.slice(path.lastIndexOf('/') + 1), content)
    const { state, problem } = await captureIn(id, 'ready', 'failed')
    expect(problem).toBeNull()
    expect(state).toBe('ready')
    return id
  }

  it.each(STACKS)('%s is read as allocation stacks, with its tables', async (path) => {
    const id = await attached(path)
    const row = await captureIn(id, 'ready')
    expect(row.totals).toMatchObject({ kind: 'stacks', partial: false })
    const report = await captureReport(node.room.viewer, id)
    if (report.kind !== 'stacks') throw new Error('not stacks')
    expect(report.summary.stacks).toBeGreaterThan(0)
    for (const table of ['groups', 'classes', 'sites', 'types']) {
      const page = await captureRows(node.room.viewer, id, { table })
      expect(page.total).toBeGreaterThan(0)
    }
    expect((await captureRows(node.room.viewer, id, { table: 'generations' })).total).toBe(0)
    await expect(captureGraph(node.room.viewer, id, { ask: 'largest' })).rejects.toMatchObject({
      code: 'capture/other-kind',
    })
  })

  it('a Valgrind file tells the bytes that nothing refers to any more', async () => {
    const id = await attached('stacks/valgrind/memcheck-driver.xml')
    const page = await captureRows(node.room.viewer, id, { table: 'types' })
    // Direct and indirect of three stacks, and the one-off of mc_new.
    expect(page.rows.find(({ type }) => type === 'definitely lost')?.bytes).toBe(120_000 + 3_055_500 + 4096)
  })

  it('two profiles are compared by function and place', async () => {
    const ids = [
      await attached('stacks/valgrind/memcheck-driver.xml'),
      await attached('stacks/valgrind/memcheck-driver-later.xml'),
    ]
    const page = GrowthPage.parse(await captureGrowth(node.room.viewer, { captures: ids.join(',') }))
    expect(page.rows[0]).toMatchObject({
      type: 'definitely lost',
      siteWords: expect.stringContaining('leakyclient'),
    })
  })

  it('profiles and heaps are not compared with each other, and the sentence says why', async () => {
    const stacks = await attached('stacks/pprof/go-base.pb.gz')
    const heap = await attached('dumps/ruby-objspace/3.1.7/weird.json.gz')
    await expect(captureGrowth(node.room.viewer, { captures: `${stacks},${heap}` })).rejects.toMatchObject({
      code: 'compare/mixed',
    })
  })

  it('what is no capture gets a sentence: packed twice, or names of addresses without a profile', async () => {
    const whole = gunzipSync(fixture('stacks/pprof/go-base.pb.gz'))
    const twice = await attach(node, 'twice.pb.gz', gzipSync(gzipSync(whole)))
    expect((await captureIn(twice, 'failed')).problem).toMatch(/Leakroom reads/)
    const names = fixture('stacks/jemalloc/je-final.raw')
    const symbols = await attach(node, 'je.raw', names)
    expect((await captureIn(symbols, 'failed')).problem).toMatch(/no numbers/)
    const both = Buffer.concat([names, fixture('stacks/jemalloc/je-final.heap')])
    const symbolised = await attach(node, 'both.heap', both)
    expect((await captureIn(symbolised, 'ready', 'failed')).problem).toBeNull()
  })

  it('a memprof dump names the constant that holds its entries, and an object’s value is its line', async () => {
    const dump = memprofDump({ entries: 500, cached: 5 })
    const id = await attached('memprof.json', dump)
    const { viewer } = node.room
    expect((await heapReportOf(viewer, id)).format.id).toBe('memprof')
    const arrays = ObjectPage.parse(
      await captureGraph(viewer, id, { ask: 'members', table: 'classes', group: 'Array', limit: '1' }),
    )
    expect(arrays.lines[0]?.label).toBe('Array of 500')
    const object = arrays.lines[0]?.object ?? -1
    const details = ObjectDetails.parse(
      await captureGraph(viewer, id, { ask: 'object', object: `${object}` }),
    )
    const names = details.path.flatMap((step) => (step.kind === 'object' ? [step.line.edge?.name] : []))
    expect(names).toContain('ENTRIES')
    const value = await revealValue(viewer, id, { object })
    expect(dump.toString('latin1')).toContain(value.text.slice(0, 200))
    expect(value.text).toContain('array')
  })

  it('a V8 snapshot names what holds its sessions, and a string’s value is its text', async () => {
    const id = await attached('v8/leak-1-warm.heapsnapshot.gz')
    const report = await heapReportOf(node.room.viewer, id)
    expect(report.format.id).toBe('v8-heapsnapshot')
    const { viewer } = node.room
    const sessions = ObjectPage.parse(
      await captureGraph(viewer, id, { ask: 'members', table: 'classes', group: 'Session', limit: '1' }),
    )
    expect(sessions.total).toBe(4000)
    const object = String(sessions.lines[0]?.object)
    const details = ObjectDetails.parse(await captureGraph(viewer, id, { ask: 'object', object }))
    const names = details.path.flatMap((step) => (step.kind === 'object' ? [step.line.edge?.name] : []))
    expect(names).toContain('cache')
    expect(details.line.key).toMatch(/^@\d+$/)
    expect(details.hasValue).toBe(false)
    await expect(revealValue(viewer, id, { object: Number(object) })).rejects.toMatchObject({
      code: 'value/none',
    })
    const strings = ObjectPage.parse(
      await captureGraph(viewer, id, { ask: 'members', table: 'classes', group: '(string)', limit: '5' }),
    )
    for (const { object: string, label } of strings.lines) {
      expect(label).toBe('(string)')
      const value = await revealValue(viewer, id, { object: string })
      expect(value.text.length).toBeGreaterThan(0)
    }
  })
})
