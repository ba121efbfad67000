import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { db } from '#lib/db/client'
import { runCommand } from '#lib/db/commands'
import { loadReport } from '#lib/db/reports'
import { READ_QUEUE } from '#lib/jobs/read-queue'
import { startReading } from '#lib/jobs/reading-node'
import { warmDump } from '#lib/jobs/warm-dump'
import { heapReportKey, readHeapReport } from '#lib/reports/heap-report'
import { attach, buildNode, captureIn, type TestNode, until } from '#test/build/reading'

const text = (words: string) => new TextEncoder().encode(words)
/** A dump that no other test has: contents are read once. */
let made = 0
const freshDump = (objects = 500): Uint8Array => {
  made++
  const own = `{"address":"0x1${String(made).padStart(6, '0')}", "type":"STRING", "memsize":40}\n`
  return Buffer.concat([warmDump(objects), text(own)])
}

describe('reading captures', () => {
  let node: TestNode
  beforeAll(async () => {
    node = await buildNode(inject('templateUrl'))
  })
  afterAll(() => node.close())

  it('turns a stored dump into a report, totals on the row, and facts in the log', async () => {
    const id = await attach(node, 'app.json', freshDump())
    const row = await captureIn(id, 'ready')
    expect(row).toMatchObject({ format: 'Ruby heap dump', problem: null })
    expect(row.totals).toMatchObject({ objects: 501, skippedLines: 0 })

    const report = readHeapReport(await loadReport(heapReportKey(row.sha256 ?? '')))
    expect(report).toMatchObject({ encoding: 'plain', totals: { objects: 501 } })
    expect(report?.byType.reduce((sum, type) => sum + type.count, 0)).toBe(501)

    const events = await db().roomEvent.findMany({
      where: { investigationId: node.room.id },
      orderBy: { seq: 'asc' },
    })
    const states = events.flatMap(({ payload }) =>
      JSON.stringify(payload).includes(id)
        ? [Reflect.get(Object(Reflect.get(Object(payload), 'capture')), 'state')]
        : [],
    )
    expect(states).toEqual(['queued', 'reading', 'ready'])
  })

  it('shows everybody how far it is, stage by stage', async () => {
    const id = await attach(node, 'seen.json.gz', gzipSync(freshDump(50_000)))
    await captureIn(id, 'ready')
    const mine = node.progress.filter((progress) => progress.captureId === id)
    const stages = [...new Set(mine.map((progress) => progress.stage))]
    expect(stages).toEqual(['unpacking', 'linking', 'dominators', 'grouping', 'columns', 'storing'])
    expect(mine.every((progress) => progress.userName === 'Edu')).toBe(true)
  })

  it('reads one content once for all captures that hold it', async () => {
    const dump = freshDump()
    const ids = await Promise.all([
      attach(node, 'a.json', dump),
      attach(node, 'b.json', dump),
      attach(node, 'c.json', dump),
    ])
    const rows = await Promise.all(ids.map((id) => captureIn(id, 'ready')))
    const readMs = new Set(rows.map((row) => row.totals?.readMs))
    expect(readMs.size).toBe(1)
  })

  it('recognises a dump by content, whatever it is called', async () => {
    const id = await attach(node, 'IMG_0001.png', freshDump())
    expect((await captureIn(id, 'ready', 'failed')).state).toBe('ready')
  })

  it('says what a foreign file is and what can be read', async () => {
    const id = await attach(
      node,
      'dump.json',
      text('<!doctype html><html><body>502 Bad Gateway</body></html>'),
    )
    const row = await captureIn(id, 'failed')
    expect(row.problem).toMatch(/^This is a web page/)
    expect(row.problem).toMatch(/Leakroom reads Ruby heap dumps/)
  })

  it('stops a bomb: 300 MB of nothing out of 300 kB', async () => {
    // Two gzip members, one file: a dump that looks honest, then the bomb.
    const bomb = gzipSync(Buffer.alloc(300 * 1024 * 1024, '\n'), { level: 9 })
    const id = await attach(node, 'bomb.json.gz', Buffer.concat([gzipSync(freshDump(100)), bomb]))
    const row = await captureIn(id, 'failed')
    expect(row.problem).toMatch(/unpacks to more than 6\d\.\d MiB/)
  })

  it('says where an archive is cut, and where it is damaged', async () => {
    const packed = gzipSync(freshDump(20_000))
    const cut = await attach(node, 'cut.gz', packed.subarray(0, packed.length >> 1))
    expect((await captureIn(cut, 'failed')).problem).toMatch(/gzip archive stops short after/)

    const broken = Buffer.from(packed)
    broken.fill(0xff, broken.length >> 1, (broken.length >> 1) + 2000)
    const damaged = await attach(node, 'damaged.gz', broken)
    expect((await captureIn(damaged, 'failed')).problem).toMatch(/gzip archive is damaged after/)
  })

  it('reads a dump that stops in the middle of a line, and says so', async () => {
    const dump = freshDump(2000)
    const id = await attach(node, 'truncated.json', dump.subarray(0, dump.length - 300))
    const row = await captureIn(id, 'ready')
    expect(row.totals?.partial).toBe(true)
    const report = readHeapReport(await loadReport(heapReportKey(row.sha256 ?? '')))
    expect(report?.totals.remarks.join(' ')).toMatch(/stops in the middle of a line/)
  })

  it('carries on after a stop of the server in the middle', async () => {
    const id = await attach(node, 'interrupted.json', freshDump(300_000))
    await captureIn(id, 'reading')
    await node.restart()
    expect((await captureIn(id, 'ready', 'failed')).state).toBe('ready')
  })

  it('gives a file up over which the server went down twice, and tries again when asked', async () => {
    const id = await attach(node, 'killer.json', freshDump())
    const { sha256 } = await captureIn(id, 'ready')
    // As two nodes that were killed in the middle leave it: the capture reads, and nobody holds its lock.
    await db().report.delete({ where: { key: heapReportKey(sha256 ?? '') } })
    await db().capture.update({ where: { id }, data: { state: 'reading' } })
    for (let death = 0; death < 2; death++)
      await node.database.pool.query(
        `insert into pgboss.job (name, data, state, singleton_key, started_on, policy)
         values ($1, $2, 'active', $3, now(), 'short')`,
        [READ_QUEUE, JSON.stringify({ sha256 }), sha256],
      )
    await node.reading.resumeStuck()
    expect((await captureIn(id, 'failed')).problem).toMatch(/went down twice/)

    await db().capture.update({ where: { id }, data: { state: 'queued' } })
    await node.reading.resumeStuck()
    expect((await captureIn(id, 'ready')).problem).toBeNull()
  })

  it('forgets files that no capture has used for a day, with their tables', async () => {
    const id = await attach(node, 'unused.json', freshDump())
    const { sha256 } = await captureIn(id, 'ready')
    await db().capture.delete({ where: { id } })
    await node.reading.tidy()
    expect(await node.reading.folders.store.has(sha256 ?? '')).toBe(true)
    await node.reading.tidy(Date.now() + 25 * 60 * 60_000)
    expect(await node.reading.folders.store.has(sha256 ?? '')).toBe(false)
    expect(await loadReport(heapReportKey(sha256 ?? ''))).toBeUndefined()
  })

  it('keeps tables that another content has too: the same dump, packed', async () => {
    const dump = freshDump()
    const plain = await attach(node, 'same.json', dump)
    const packed = await attach(node, 'same.json.gz', gzipSync(dump))
    const rows = await Promise.all([plain, packed].map((id) => captureIn(id, 'ready')))
    await db().capture.delete({ where: { id: plain } })
    await node.reading.tidy(Date.now() + 25 * 60 * 60_000)
    expect(await node.reading.folders.store.has(rows[0]?.sha256 ?? '')).toBe(false)
    const report = await node.reading.report(await captureIn(packed, 'ready'))
    expect(report.encoding).toBe('gzip')
    expect((await captureIn(packed, 'ready')).state).toBe('ready')
  })

  it('shares the work between two nodes, each content read by one', async () => {
    const second = await startReading({
      dataDir: node.dataDir,
      workers: 2,
      maxPlainGib: 4,
      warmRounds: 0,
      log: pino({ level: 'silent' }),
      announceProgress: () => {},
    })
    const ids = await Promise.all(
      Array.from({ length: 6 }, (_, at) => attach(node, `shared-${at}.json`, freshDump(3000))),
    )
    await Promise.all([second.resumeStuck(), node.reading.resumeStuck(), second.resumeStuck()])
    await Promise.all(ids.map((id) => captureIn(id, 'ready')))
    const events = await db().roomEvent.findMany({
      where: { investigationId: node.room.id, type: 'capture:state-changed' },
      orderBy: { seq: 'asc' },
    })
    for (const id of ids) {
      const told = events.filter(({ payload }) => JSON.stringify(payload).includes(id))
      expect(told.map(({ payload }) => /"state":"(\w+)"/.exec(JSON.stringify(payload))?.[1])).toEqual([
        'reading',
        'ready',
      ])
    }
    await second.close()
  })

  it('stops reading a capture that somebody cancels', async () => {
    const id = await attach(node, 'cancelled.json', freshDump(600_000))
    const { sha256 } = await captureIn(id, 'reading')
    await runCommand(node.room.editor, crypto.randomUUID(), 'capture:cancel', { id })
    await until(async () => (node.reading.pool.facts.busy === 0 ? true : undefined), 'the thread to be free')
    expect((await captureIn(id, 'cancelled')).state).toBe('cancelled')
    expect(await loadReport(heapReportKey(sha256 ?? ''))).toBeUndefined()
  })
})

describe('threads that misbehave', () => {
  /** Does as the file's first word says: a stand-in for a crash, a hang, too little memory. */
  const EVIL = `
    import { readFileSync } from 'node:fs'
    import { parentPort } from 'node:worker_threads'
    parentPort.on('message', ({ path }) => {
      const word = readFileSync(path, 'latin1').split(' ')[0]
      if (word === 'crash') process.exit(7)
      if (word === 'hang') for (;;);
      if (word === 'throw') throw new Error('out of luck')
      if (word === 'memory') { const kept = []; for (;;) kept.push(new Array(1e5).fill(kept.length)) }
      parentPort.postMessage({ kind: 'refused', code: 'format/unknown', status: 422, sentence: 'Read to the end.' })
    })`
  let node: TestNode
  beforeAll(async () => {
    const workerFile = join('/tmp', `evil-${process.pid}.mjs`)
    writeFileSync(workerFile, EVIL)
    node = await buildNode(inject('templateUrl'), {
      workerFile,
      timeoutMs: 2500,
      heapMegabytes: 48,
      workers: 2,
    })
  })
  afterAll(() => node.close())

  it('says that a file broke its reader, and reads the next one', async () => {
    for (const word of ['crash', 'throw', 'memory']) {
      const id = await attach(node, word, text(`${word} ${made++}`))
      expect((await captureIn(id, 'failed')).problem).toMatch(/ran out of memory or broke/)
    }
    const id = await attach(node, 'good', text(`good ${made++}`))
    expect((await captureIn(id, 'failed')).problem).toBe('Read to the end.')
    expect(node.reading.pool.deaths).toBe(3)
  })

  it('ends a reader that hangs, while the other thread goes on', async () => {
    const hanging = await attach(node, 'hang', text(`hang ${made++}`))
    await captureIn(hanging, 'reading')
    const good = await attach(node, 'good', text(`good ${made++}`))
    expect((await captureIn(good, 'failed')).problem).toBe('Read to the end.')
    expect((await captureIn(hanging, 'reading', 'failed')).state).toBe('reading')
    expect((await captureIn(hanging, 'failed')).problem).toMatch(/stopped after 1 min without an end/)
    expect(node.reading.pool.facts).toMatchObject({ threads: 2, busy: 0 })
  })

  it('tells its health', async () => {
    const health = await node.reading.health()
    expect(health.workers).toMatchObject({ ok: true, detail: expect.stringContaining('2 reader threads') })
    expect(health.disk.detail).toMatch(/free/)
    expect(health.store).toMatchObject({ ok: true, detail: expect.stringContaining('a local disk') })
  })
})
