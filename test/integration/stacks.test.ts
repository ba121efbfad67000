import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { captureReport } from '#lib/http/captures'
import { captureStacks } from '#lib/http/stacks'
import { readingNode } from '#lib/jobs/shared-node'
import { CallsAnswer, FlameAnswer, StackTablePage } from '#lib/reports/stack-questions'
import { attach, buildNode, captureIn, type TestNode } from '#test/build/reading'

const FIXTURES = join(import.meta.dirname, '../fixtures')

describe('questions about allocation stacks', () => {
  let node: TestNode
  let base: string
  let later: string
  beforeAll(async () => {
    node = await buildNode(inject('templateUrl'))
    base = await attached('stacks/pprof/go-base.pb.gz')
    later = await attached('stacks/pprof/go-later.pb.gz')
  })
  afterAll(() => node.close())

  const attached = async (path: string): Promise<string> => {
    const id = await attach(node, path.slice(path.lastIndexOf('/') + 1), readFileSync(join(FIXTURES, path)))
    expect(await captureIn(id, 'ready', 'failed')).toMatchObject({ state: 'ready', problem: null })
    return id
  }
  const ask = (id: string, query: Record<string, string>) => captureStacks(node.room.viewer, id, query)

  it('are answered in a thread: a flame graph, a table, a call tree', async () => {
    const flame = FlameAnswer.parse(await ask(later, { ask: 'flame' }))
    expect(flame.boxes.map(({ frame }) => frame.name)).toContain('main.openTicket')
    const table = StackTablePage.parse(await ask(later, { ask: 'table', by: 'site' }))
    expect(table.rows[0]).toMatchObject({ name: 'main.newTicket', place: '/home/app/store/go/main.go:26' })
    const calls = CallsAnswer.parse(await ask(later, { ask: 'calls', measure: 'allocated-blocks' }))
    expect(calls).toMatchObject({ measure: 'allocated-blocks', isBytes: false })
  })

  it('compare with an earlier capture of the room', async () => {
    const table = StackTablePage.parse(await ask(later, { ask: 'table', since: base, q: 'Ticket' }))
    const changed = new Map(table.rows.map(({ name, total, earlier }) => [name, total - (earlier ?? 0)]))
    expect(changed.get('main.openTicket')).toBeGreaterThan(40_000_000)
    expect(Math.abs(changed.get('main.cacheTicket') ?? 0)).toBeLessThan(2_000_000)
  })

  it('are refused with a sentence: no such stack, no such capture, another kind, another question', async () => {
    const code = (wanted: string) => ({ code: wanted })
    await expect(ask(later, { ask: 'calls', node: '999999' })).rejects.toMatchObject(
      code('request/not-found'),
    )
    await expect(ask(randomUUID(), { ask: 'flame' })).rejects.toMatchObject(code('request/not-found'))
    await expect(ask(later, { ask: 'flame', since: randomUUID() })).rejects.toMatchObject(
      code('request/not-found'),
    )
    await expect(ask(later, { ask: 'sql' })).rejects.toMatchObject(code('request/malformed'))
    const heap = await attached('dumps/ruby-objspace/3.1.7/weird.json.gz')
    await expect(ask(heap, { ask: 'flame' })).rejects.toMatchObject(code('capture/other-kind'))
    await expect(ask(later, { ask: 'flame', since: heap })).rejects.toMatchObject(code('capture/other-kind'))
  })

  it('mend what is damaged: the capture is read again', async () => {
    const report = await captureReport(node.room.viewer, base)
    if (report.kind !== 'stacks') throw new Error('not stacks')
    const { path } = await readingNode().folders.store.local(report.tables.profile.sha256)
    const bytes = readFileSync(path)
    bytes[bytes.length - 20]! ^= 0xff
    rmSync(path)
    await writeFile(path, bytes)
    await expect(ask(base, { ask: 'flame' })).rejects.toMatchObject({ code: 'read/damaged-columns' })
    await captureIn(base, 'ready', 'failed')
    const flame = FlameAnswer.parse(await ask(base, { ask: 'flame' }))
    expect(flame.sum).toBe(22_394_891)
  })
})
