import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { db } from '#lib/db/client'
import { listSeries, loadSamples } from '#lib/db/series'
import { ingestOtlp, ingestRemoteWrite } from '#lib/http/ingest-metrics'
import { answerReading } from '#lib/http/series'
import type { WriteAccess } from '#lib/investigation/access'
import { otlpRequest, packSnappy, type WrittenSeries, writeRequest } from '#test/build/metrics'
import { buildNode, type TestNode } from '#test/build/reading'

const T0 = 1_795_000_000_000
const SHOP = { __name__: 'process_resident_memory_bytes', job: 'shop', instance: 'a:1' }

let node: TestNode
beforeAll(async () => {
  node = await buildNode(inject('templateUrl'))
})
afterAll(() => node.close())

/** A room of its own per test, by a token of its own: budgets are per token. */
async function room(): Promise<WriteAccess> {
  const team = await db().organization.create({
    data: { id: randomUUID(), name: 'Core', slug: randomUUID(), createdAt: new Date() },
  })
  const id = randomUUID()
  await db().investigation.create({ data: { id, teamId: team.id, title: 'It grows', createdBy: 'u1' } })
  const actor = { kind: 'machine', tokenId: randomUUID(), name: 'prometheus' } as const
  // reason: only the gate makes access values; this test is about what stands behind the gate.
  return { investigationId: id, teamId: team.id, actor, role: 'editor' } as unknown as WriteAccess
}

const request = (
  body: Uint8Array<ArrayBuffer> | string,
  headers: Record<string, string>,
  query = '',
): Request => new Request(`http://localhost/api/ingest${query}`, { method: 'POST', body, headers })
const write = (list: readonly WrittenSeries[], query = '', headers: Record<string, string> = {}): Request => {
  const usual = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
  return request(packSnappy(writeRequest(list)), { ...usual, ...headers }, query)
}
const samples = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => [T0 + (from + i) * 1000, 5e7 + from + i] as const)

describe('Prometheus remote write', () => {
  it('[SER90] feeds one series per set of labels, late and repeated requests included', async () => {
    const access = await room()
    const other = { ...SHOP, instance: 'b:1' }
    await ingestRemoteWrite(
      access,
      write([
        { labels: SHOP, samples: samples(10, 5) },
        { labels: other, samples: samples(10, 5) },
      ]),
    )
    const late = await ingestRemoteWrite(access, write([{ labels: SHOP, samples: samples(0, 5) }]))
    expect(late).toMatchObject({ accepted: 5, duplicate: 0, refused: 0 })
    const again = await ingestRemoteWrite(access, write([{ labels: SHOP, samples: samples(0, 5) }]))
    expect(again).toMatchObject({ accepted: 0, duplicate: 5 })
    const rows = await listSeries(access)
    expect(rows.map((row) => [row.name, row.process, row.points]).sort()).toEqual([
      ['rss', 'shop · a:1', 10],
      ['rss', 'shop · b:1', 5],
    ])
    const stored = await loadSamples(access, rows.find((row) => row.points === 10)!.id)
    expect(stored.t[0]).toBe(T0)
    expect(stored.v[9]).toBe(5e7 + 14)
  })

  it('[SER91] takes memory only, more by name and less by label', async () => {
    const access = await room()
    const list = [
      { labels: SHOP, samples: samples(0, 2) },
      { labels: { ...SHOP, __name__: 'go_goroutines' }, samples: samples(0, 2) },
      { labels: { ...SHOP, __name__: 'http_requests_total', code: '200' }, samples: samples(0, 2) },
      { labels: { ...SHOP, job: 'other' }, samples: samples(0, 2) },
    ]
    expect(await ingestRemoteWrite(access, write(list, '?label=job=shop'))).toMatchObject({ accepted: 2 })
    expect(await ingestRemoteWrite(access, write(list, '?metric=http_*&label=job=shop'))).toMatchObject({
      accepted: 2,
      duplicate: 2,
    })
    expect((await listSeries(access)).map((row) => [row.name, row.process]).sort()).toEqual([
      ['requests', 'shop · a:1 · code=200'],
      ['rss', 'shop · a:1'],
    ])
  })

  it('[SER92] workers with pids are series of their own; a stale marker is no value', async () => {
    const access = await room()
    const worker = (pid: string) => ({ __name__: 'ruby_rss', job: 'web', pid })
    const answer = await ingestRemoteWrite(
      access,
      write([
        { labels: worker('7'), samples: samples(0, 3) },
        { labels: worker('8'), samples: [...samples(0, 3), [T0 + 3000, 0x7ff0000000000002n]] },
      ]),
    )
    expect(answer).toMatchObject({ accepted: 6, ended: 1, refused: 0 })
    expect((await listSeries(access)).map((row) => row.process).sort()).toEqual(['web', 'web · 2'])
  })

  it('[SER98] a process with a new pid is the next life of its series, also when requests come late or again', async () => {
    const access = await room()
    const of = (pid: string, from: number, count: number) => [
      { labels: { __name__: 'ruby_rss', job: 'web', pid }, samples: samples(from, count) },
      { labels: { __name__: 'ruby_heap_live_slots', job: 'web', pid }, samples: samples(from, count) },
    ]
    for (const list of [of('7', 0, 40), of('8', 42, 40), of('7', 0, 40), of('8', 82, 20), of('9', 110, 30)])
      await ingestRemoteWrite(access, write(list))
    const rows = await listSeries(access)
    expect(rows.map(({ name, process, points }) => [name, process, points]).sort()).toEqual([
      ['heap-live-slots', 'web', 130],
      ['rss', 'web', 130],
    ])
    const { reading } = await answerReading(access, new Request('http://localhost/api'))
    expect(reading?.restarts.map(({ because, at }) => [because, (at - T0) / 1000])).toEqual([
      ['pid', 42],
      ['pid', 110],
    ])
  })

  it('[SER99] of workers side by side, the one that ended gives its place to the one that came; a stale marker says which', async () => {
    const access = await room()
    const worker = (pid: string, list: WrittenSeries['samples']) => ({
      labels: { __name__: 'ruby_rss', job: 'web', pid },
      samples: list,
    })
    await ingestRemoteWrite(access, write(['7', '8', '9'].map((pid) => worker(pid, samples(0, 10)))))
    const stale = [T0 + 10_000, 0x7ff0000000000002n] as const
    await ingestRemoteWrite(
      access,
      write([
        worker('7', samples(10, 5)),
        worker('8', [stale]),
        worker('9', samples(10, 5)),
        worker('10', samples(10, 5)),
      ]),
    )
    const rows = await listSeries(access)
    expect(Object.fromEntries(rows.map(({ process, points }) => [process, points]))).toEqual({
      web: 15,
      'web · 2': 15,
      'web · 3': 15,
    })
    const second = await loadSamples(access, rows.find(({ process }) => process === 'web · 2')!.id)
    expect([second.pids?.[9], second.pids?.[10]]).toEqual([8, 10])
  })

  it('[SER100] without a pid, and for a container’s pid 1, the time at which the process was started tells its lives', async () => {
    for (const labels of [SHOP, { ...SHOP, pid: '1' }]) {
      const access = await room()
      const { __name__: _, ...target } = labels
      const started = { ...target, __name__: 'process_start_time_seconds' }
      const starts = Array.from(
        { length: 120 },
        (_, i) => [T0 + i * 1000, i < 60 ? T0 / 1000 - 5.2 : T0 / 1000 + 59.7] as const,
      )
      const answer = await ingestRemoteWrite(
        access,
        write([
          { labels, samples: samples(0, 120) },
          { labels: started, samples: starts },
        ]),
      )
      expect(answer).toMatchObject({ accepted: 120, refused: 0 })
      // A request without start times says nothing of lives, and makes none.
      await ingestRemoteWrite(access, write([{ labels, samples: samples(120, 20) }]))
      expect((await listSeries(access)).map(({ process, points }) => [process, points])).toEqual([
        ['shop · a:1', 140],
      ])
      const { reading } = await answerReading(access, new Request('http://localhost/api'))
      expect(reading?.restarts.map(({ because, at }) => [because, (at - T0) / 1000])).toEqual([['pid', 60]])
    }
  })

  it('[SER101] requests that come at the same time put the same workers into the same places', async () => {
    const access = await room()
    const list = ['7', '8', '9', '10'].map((pid) => ({
      labels: { __name__: 'ruby_rss', job: 'web', pid },
      samples: samples(0, 3),
    }))
    await Promise.all([1, 2, 3].map(() => ingestRemoteWrite(access, write(list))))
    const rows = await listSeries(access)
    expect(Object.fromEntries(rows.map(({ process, points }) => [process, points]))).toEqual({
      web: 3,
      'web · 2': 3,
      'web · 3': 3,
      'web · 4': 3,
    })
  })

  it('[SER93] 2.0, what is too large unpacked, and what is none are refused with a sentence', async () => {
    const access = await room()
    const second = { 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request' }
    await expect(ingestRemoteWrite(access, write([], '', second))).rejects.toMatchObject({ status: 415 })
    const bomb = Uint8Array.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0])
    await expect(ingestRemoteWrite(access, request(bomb, {}))).rejects.toMatchObject({ status: 413 })
    await expect(ingestRemoteWrite(access, request('hello', {}))).rejects.toMatchObject({ status: 400 })
    const future = write([
      {
        labels: SHOP,
        samples: [
          [Date.now() + 9e8, 1],
          [5, 1],
        ],
      },
    ])
    expect(await ingestRemoteWrite(access, future)).toMatchObject({ accepted: 0, refused: 2 })
    expect(await listSeries(access)).toEqual([])
  })

  it('[SER94] a large request is read in a worker thread; requests are bounded per token', async () => {
    const access = await room()
    const list = Array.from({ length: 150 }, (_, i) => ({
      labels: { ...SHOP, instance: `host-${i}` },
      samples: samples(0, 20),
    }))
    expect(await ingestRemoteWrite(access, write(list))).toMatchObject({ accepted: 3000, refused: 0 })
    const many = await Promise.allSettled(
      Array.from({ length: 25 }, () => ingestRemoteWrite(access, write([]))),
    )
    const refused = many.filter((one) => one.status === 'rejected')
    expect(String(refused[0]?.status === 'rejected' && refused[0].reason)).toMatch(/Too many requests/)
  })
})

describe('OTLP over HTTP', () => {
  const point = { service: 'shop', metric: 'process.memory.usage', unit: 'By', tMs: T0, value: 5e7 }

  it('[SER95] JSON, protobuf and gzip feed the same series', async () => {
    const access = await room()
    const json = (at: number) => JSON.stringify(otlpRequest({ ...point, tMs: T0 + at }).json)
    const first = await ingestOtlp(
      access,
      request(json(0), { 'content-type': 'application/json; charset=utf-8' }),
    )
    expect([first.status, await first.text()]).toEqual([200, '{}'])
    const headers = { 'content-type': 'application/x-protobuf' }
    const second = await ingestOtlp(
      access,
      request(otlpRequest({ ...point, tMs: T0 + 1000 }).protobuf, headers),
    )
    expect([second.headers.get('content-type'), (await second.arrayBuffer()).byteLength]).toEqual([
      'application/x-protobuf',
      0,
    ])
    const packed = new Uint8Array(gzipSync(json(2000)))
    await ingestOtlp(
      access,
      request(packed, { 'content-type': 'application/json', 'content-encoding': 'gzip' }),
    )
    const rows = await listSeries(access)
    expect(rows.map((row) => [row.name, row.process, row.unit, row.points])).toEqual([
      ['rss', 'shop', 'bytes', 3],
    ])
  })

  it('[SER102] an instance with a new id is the next life, one beside it a series of its own', async () => {
    const access = await room()
    const gauge = (id: string, at: number) => {
      const attributes = [
        { key: 'service.name', value: { stringValue: 'shop' } },
        { key: 'service.instance.id', value: { stringValue: id } },
      ]
      const dataPoints = [{ timeUnixNano: `${T0 + at * 1000}000000`, asInt: '50000000' }]
      const metrics = [{ name: 'process.memory.usage', unit: 'By', gauge: { dataPoints } }]
      return { resource: { attributes }, scopeMetrics: [{ metrics }] }
    }
    const send = (...resourceMetrics: object[]) =>
      ingestOtlp(access, request(JSON.stringify({ resourceMetrics }), { 'content-type': 'application/json' }))
    await send(gauge('aa', 0))
    await send(gauge('aa', 10))
    await send(gauge('bb', 20))
    await send(gauge('bb', 30), gauge('cc', 30))
    const rows = await listSeries(access)
    expect(Object.fromEntries(rows.map(({ process, points }) => [process, points]))).toEqual({
      shop: 4,
      'shop · 2': 1,
    })
    const { pids } = await loadSamples(access, rows.find(({ points }) => points === 4)!.id)
    expect(new Set(pids)).toHaveProperty('size', 2)
  })

  it('[SER96] what was refused is told as a partial success, in the form of the request', async () => {
    const access = await room()
    const delta = otlpRequest({ ...point, temporality: 1 })
    const told = await ingestOtlp(
      access,
      request(JSON.stringify(delta.json), { 'content-type': 'application/json' }),
    )
    expect(await told.json()).toMatchObject({
      partialSuccess: { rejectedDataPoints: '1', errorMessage: expect.stringContaining('cumulative') },
    })
    const binary = await ingestOtlp(
      access,
      request(delta.protobuf, { 'content-type': 'application/x-protobuf' }),
    )
    const answer = new Uint8Array(await binary.arrayBuffer())
    expect([answer[0], answer[2], answer[3]]).toEqual([0x0a, 0x08, 1])
    expect(new TextDecoder().decode(answer)).toContain('cumulative temporality')
  })

  it('[SER97] other forms get 415, a bomb 413, and broken bodies 400', async () => {
    const access = await room()
    const send = (body: Uint8Array<ArrayBuffer> | string, headers: Record<string, string>) =>
      ingestOtlp(access, request(body, headers))
    await expect(send('x', { 'content-type': 'text/plain' })).rejects.toMatchObject({ status: 415 })
    const zeros = new Uint8Array(gzipSync(Buffer.alloc(20 * 1024 ** 2)))
    const gzip = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    await expect(send(zeros, gzip)).rejects.toMatchObject({ status: 413 })
    await expect(send('no gzip', gzip)).rejects.toMatchObject({ status: 400 })
    await expect(send('{', { 'content-type': 'application/json' })).rejects.toMatchObject({ status: 400 })
    await expect(send('\u0007', { 'content-type': 'application/x-protobuf' })).rejects.toMatchObject({
      status: 400,
    })
  })
})
