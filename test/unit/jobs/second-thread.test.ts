import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { captureTables } from '#lib/findings/capture'
import { rubyObjspace } from '#lib/formats/ruby-objspace/index'
import { retention } from '#lib/heap/retention'
import { helpReading, SecondThread } from '#lib/jobs/second-thread'
import { scanShared } from '#lib/jobs/shared-scan'
import { sharedTables } from '#lib/jobs/shared-tables'
import { warmDump } from '#lib/jobs/warm-dump'
import { scanRuby } from '#test/build/ruby-dump'

const { id, rangeScanner } = rubyObjspace
if (!rangeScanner) throw new Error('Ruby dumps are read in ranges')
const format = { id, rangeScanner }

describe('a file that two threads read', () => {
  const dump = warmDump(3000)
  const whole = scanRuby(dump)
  let folder: string
  let path: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'leakroom-shared-'))
    path = join(folder, 'dump.json')
    writeFileSync(path, dump)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const file = () => ({ path })
  const used = (heap: typeof whole) => [
    heap.objects,
    heap.shallowBytes.slice(0, heap.objects),
    heap.referenceStart.slice(0, heap.objects + 1),
    heap.references.slice(0, heap.referenceStart[heap.objects]),
    heap.lineOffset.slice(0, heap.objects),
    heap.notes,
  ]

  it('gives what one would give', async () => {
    const { port1, port2 } = new MessageChannel()
    const helping = helpReading({ kind: 'help', path, port: port2 })
    const stages: string[] = []
    const heap = await scanShared(file(), format, new SecondThread(port1), ({ stage }) => stages.push(stage))
    expect(heap && used(heap)).toEqual(used(whole))
    expect(new Set(stages)).toEqual(new Set(['reading', 'linking']))
    port1.close()
    expect(await helping).toEqual({ hasHelped: true })
  })

  it('is read to the end by one when the other goes away', async () => {
    const { port1, port2 } = new MessageChannel()
    port2.once('message', () => port2.close())
    const heap = await scanShared(file(), format, new SecondThread(port1), () => {})
    expect(heap && used(heap)).toEqual(used(whole))
  })

  it('is read to the end by one when the other never came', async () => {
    const { port1, port2 } = new MessageChannel()
    port2.close()
    const heap = await scanShared(file(), format, new SecondThread(port1), () => {})
    expect(heap && used(heap)).toEqual(used(whole))
  })

  it('lets the other go when it cannot be cut', async () => {
    const line = join(folder, 'line.json')
    writeFileSync(line, `{"address":"0x10", "type":"STRING", "value":"${'x'.repeat(200_000)}"}`)
    const { port1, port2 } = new MessageChannel()
    const helping = helpReading({ kind: 'help', path: line, port: port2 })
    expect(await scanShared({ path: line }, format, new SecondThread(port1), () => {})).toBeUndefined()
    port1.close()
    expect(await helping).toEqual({ hasHelped: false })
  })

  it('is no more the other’s business when that one cannot open it', async () => {
    const { port1, port2 } = new MessageChannel()
    const helping = helpReading({ kind: 'help', path: join(folder, 'nowhere'), port: port2 })
    const failed = expect(helping).rejects.toThrow('ENOENT')
    const heap = await scanShared(file(), format, new SecondThread(port1), () => {})
    await failed
    expect(heap && used(heap)).toEqual(used(whole))
  })
})

describe('tables that two threads make', () => {
  const dump = warmDump(3000)
  const whole = scanRuby(dump)
  const alone = captureTables(whole, retention(whole))

  it('are those that one would make', async () => {
    const { port1, port2 } = new MessageChannel()
    const helping = helpReading({ kind: 'help', path: '', port: port2 })
    const tables = await sharedTables(scanRuby(dump), new SecondThread(port1), () => {})
    port1.close()
    expect(await helping).toEqual({ hasHelped: true })
    expect(tables).toEqual(alone)
  })

  it('are made by one when the other goes away in the middle', async () => {
    const { port1, port2 } = new MessageChannel()
    const second = new SecondThread(port1)
    const tables = await sharedTables(scanRuby(dump), second, () => port2.close())
    expect(tables).toEqual(alone)
  })

  it('are made by one when the other never came', async () => {
    const { port1, port2 } = new MessageChannel()
    port2.close()
    expect(await sharedTables(scanRuby(dump), new SecondThread(port1), () => {})).toEqual(alone)
  })

  it('leave nobody waiting when the other breaks', async () => {
    const { port1, port2 } = new MessageChannel()
    const helping = helpReading({ kind: 'help', path: '/nowhere', port: port2 })
    const broke = expect(helping).rejects.toThrow('ENOENT')
    const second = new SecondThread(port1)
    const range = second.ask('range', { formatId: id, start: 0, end: 10 })
    const later = second.ask('range', { formatId: id, start: 10, end: 20 })
    await broke
    expect(await range).toBeUndefined()
    expect(await later).toBeUndefined()
    expect(await second.ask('range', { formatId: id, start: 0, end: 10 })).toBeUndefined()
  })
})
