import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { connectDatabase, type Database, db } from '#lib/db/client'
import { listSeries, loadReading, loadSamples, storeSeries } from '#lib/db/series'
import { chunkCache } from '#lib/db/series-cache'
import { appendLive } from '#lib/db/series-live'
import { loadPoints } from '#lib/db/series-points'
import { ingest } from '#lib/http/ingest'
import { LiveTelling } from '#lib/http/live-telling'
import { answerPoints, importFile } from '#lib/http/series'
import type { WriteAccess } from '#lib/investigation/access'
import type { SeriesId } from '#lib/investigation/ids'
import { stepFor, stepStart, thinned, withEnds } from '#lib/series/downsample'
import { type Samples, samplesBetween } from '#lib/series/samples'
import { provideServices, type Services } from '#lib/services'
import { cloneDatabase } from '#test/build/postgres'
import { until } from '#test/build/reading'
import { seeded } from '#test/unit/series/draw-series'

const T0 = 1_795_000_000_000
const RSS = { name: 'rss', label: 'RSS', process: 'app', unit: 'bytes' } as const

const MIKA = { userId: 'u1', name: 'Mika', color: 1 }

let clone: Awaited<ReturnType<typeof cloneDatabase>>
let database: Database
let inside = false
let announced: { seriesId: string; t: readonly number[]; v: readonly number[]; pids?: readonly number[] }[] =
  []

beforeAll(async () => {
  clone = await cloneDatabase(inject('templateUrl'))
  database = connectDatabase(clone.url)
  const services: Pick<Services, 'announcePoints' | 'peopleInside' | 'log'> = {
    log: pino({ level: 'silent' }),
    announcePoints: (_, seriesId, t, v, pids) => announced.push({ seriesId, t, v, ...(pids && { pids }) }),
    peopleInside: (ids) => new Map(ids.map((id) => [id, inside ? [MIKA] : []])),
  }
  // reason: ingest announces points and asks who is inside; the other services are not reached.
  provideServices(services as Services)
})
afterAll(async () => {
  await database.close()
  await clone.drop()
})

/** A fresh room and the right to write to it, as a machine or a person. */
async function room(kind: 'machine' | 'person' = 'machine'): Promise<WriteAccess> {
  const team = await db().organization.create({
    data: { id: randomUUID(), name: 'Core', slug: randomUUID(), createdAt: new Date() },
  })
  const id = randomUUID()
  await db().investigation.create({ data: { id, teamId: team.id, title: 'It grows', createdBy: 'u1' } })
  const actor =
    kind === 'machine' ? { kind, tokenId: randomUUID(), name: 'agent' } : { kind, userId: 'u1', name: 'Mika' }
  // reason: only the gate makes access values; this test is about what stands behind the gate.
  return { investigationId: id, teamId: team.id, actor, role: 'editor' } as unknown as WriteAccess
}

const seconds = (from: number, count: number, value = (s: number) => s * 4096): Samples => ({
  t: Float64Array.from({ length: count }, (_, i) => T0 + (from + i) * 1000),
  v: Float64Array.from({ length: count }, (_, i) => value(from + i)),
})
const eventsOf = async (access: WriteAccess) =>
  (
    await db().roomEvent.findMany({
      where: { investigationId: access.investigationId },
      orderBy: { seq: 'asc' },
    })
  ).map((event) => event.type)

describe('storing series', () => {
  it('[SER50] gives back exactly what was stored: whole, fractional and negative values, and pids', async () => {
    const access = await room()
    const samples: Samples = {
      t: Float64Array.of(T0, T0 + 1, T0 + 7),
      v: Float64Array.of(0.1, -5, 2 ** 52 + 1),
      pids: Float64Array.of(7, 7, 25_000),
    }
    const [row] = await storeSeries(access, [{ ...RSS, samples }])
    const back = await loadSamples(access, row!.id)
    expect([...back.t]).toEqual([...samples.t])
    expect([...back.v]).toEqual([...samples.v])
    expect([...back.pids!]).toEqual([...samples.pids!])
    expect(row).toMatchObject({ points: 3, from: T0, to: T0 + 7, version: 1 })
    expect(await eventsOf(access)).toEqual(['series:added'])
  })

  it('[SER51] the same samples again change nothing; late ones find their place; the last value wins', async () => {
    const access = await room()
    await appendLive(access, RSS, seconds(0, 100))
    const again = await appendLive(access, RSS, seconds(50, 100))
    expect(again).toMatchObject({ accepted: 50, duplicates: 50 })
    await appendLive(access, RSS, seconds(300, 10))
    const late = await appendLive(
      access,
      RSS,
      seconds(149, 20, () => 1),
    )
    expect(late).toMatchObject({ accepted: 19, duplicates: 1 })
    const back = await loadSamples(access, late.seriesId)
    expect(back.t.length).toBe(179)
    expect([...back.t].every((t, i) => i === 0 || t > back.t[i - 1]!)).toBe(true)
    expect(back.v[149]).toBe(1)
    const [row] = await listSeries(access)
    expect(row).toMatchObject({ points: 179, source: 'live' })
  })

  it('[SER52] many small batches leave few chunks, and the log is not flooded', async () => {
    const access = await room()
    let id: SeriesId | undefined
    for (let batch = 0; batch < 60; batch++) id = (await appendLive(access, RSS, seconds(batch, 1))).seriesId
    expect(await db().seriesChunk.count({ where: { seriesId: id! } })).toBe(1)
    expect((await eventsOf(access)).length).toBeLessThanOrEqual(2)
  })

  it('[SER53] two writers at once lose no sample', async () => {
    const access = await room()
    await appendLive(access, RSS, seconds(0, 1))
    const batches = Array.from({ length: 10 }, (_, k) => appendLive(access, RSS, seconds(1 + k * 10, 10)))
    const results = await Promise.all(batches)
    expect(results.reduce((sum, one) => sum + one.accepted, 0)).toBe(100)
    expect((await loadSamples(access, results[0]!.seriesId)).t.length).toBe(101)
  })

  it('[SER54] a million samples are drawn from in little time, with the highest one kept', async () => {
    const access = await room()
    const samples = seconds(0, 1_000_000, (s) =>
      s === 777_777 ? 9e9 : 50_000_000 + ((s * 7919) % 1000) * 4096,
    )
    const [row] = await storeSeries(access, [{ ...RSS, samples }])
    const started = performance.now()
    const { points } = await loadPoints(access, row!.id, { width: 1000 })
    const took = performance.now() - started
    console.log(`1,000,000 samples → ${points.t.length} points in ${took.toFixed(0)} ms`)
    expect(points.t.length).toBeLessThanOrEqual(4006)
    expect(Math.max(...points.v)).toBe(9e9)
    // A guard against something quadratic, not a benchmark: the machine is shared.
    expect(took).toBeLessThan(3000)
  })

  it('[SER57] what was read before is not unpacked again, and never shown when it has changed', async () => {
    const access = await room()
    const [row] = await storeSeries(access, [{ ...RSS, samples: seconds(0, 70_000) }])
    const first = await loadSamples(access, row!.id)
    expect(chunkCache().samples.bytes).toBeGreaterThanOrEqual(70_000 * 16)
    const again = await loadSamples(access, row!.id, { from: T0, to: T0 + 1000 })
    // A view on the very memory of the first chunk.
    expect(again.v.buffer).not.toBe(first.v.buffer)
    const third = await loadSamples(access, row!.id, { from: T0, to: T0 + 1000 })
    expect(third.v.buffer).toBe(again.v.buffer)

    // The same moments with other values: as many points as before, in chunks that were all replaced.
    await storeSeries(access, [{ ...RSS, samples: seconds(0, 70_000, (s) => s * 4096 + 4096) }])
    const changed = await loadSamples(access, row!.id)
    expect(changed.t.length).toBe(70_000)
    expect([changed.v[0], changed.v[69_999]]).toEqual([4096, 70_000 * 4096])
  })

  it('[SER58] readers of a series that others write to see whole chunks: every sample of before, in order', async () => {
    const access = await room()
    const { seriesId } = await appendLive(access, RSS, seconds(0, 200))
    const write = async () => {
      // Every second batch falls among older samples, so that chunks are replaced under the readers.
      for (let k = 1; k <= 20; k++) {
        await appendLive(access, RSS, seconds(k * 200, 200))
        await appendLive(access, RSS, seconds(k * 200 - 150, 20))
      }
    }
    const lengths: number[] = []
    let isWriting = true
    const read = async () => {
      while (isWriting) {
        const { t } = await loadSamples(access, seriesId)
        lengths.push(t.length)
        expect(t.every((at, i) => i === 0 || at === t[i - 1]! + 1000)).toBe(true)
      }
    }
    await Promise.all([write().finally(() => (isWriting = false)), read(), read()])
    expect(lengths.every((length) => length % 200 === 0)).toBe(true)
    expect((await loadSamples(access, seriesId)).t.length).toBe(4200)
  })

  it('[SER55] another room’s series is not there', async () => {
    const [row] = await storeSeries(await room(), [{ ...RSS, samples: seconds(0, 3) }])
    await expect(loadSamples(await room(), row!.id)).rejects.toThrow(/does not exist/)
  })

  it('[SER56] the reading is that of the range, against the room’s limits', async () => {
    const access = await room()
    const text = readFileSync('test/fixtures/series/fastleak.csv', 'utf8')
    await importFile(access, post(text, '?name=fastleak.csv&confirm=1'))
    await db().limitLine.create({
      data: {
        id: randomUUID(),
        investigationId: access.investigationId,
        kind: 'ram',
        label: 'RAM',
        bytes: 200n * 1024n ** 2n,
      },
    })
    const whole = await loadReading(access, {})
    expect(whole?.reading.reading.kind).toBe('growing')
    expect(whole?.reading.reachesLimit?.state).toBe('ahead')
    const few = await loadReading(access, { from: whole!.reading.from, to: whole!.reading.from + 9000 })
    expect(few?.reading.reading.kind).toBe('cannot-tell')
  })
})

describe('what graphs are drawn from', () => {
  const noisy = (count: number, pid = false): Samples => {
    const random = seeded(11)
    const t = Float64Array.from({ length: count }, (_, i) => T0 + i * 1000 + (i > 90_000 ? 500_000 : 0))
    const v = t.map((_, i) => 4096 * Math.round(50_000 + i / 50 + 200 * random()))
    return pid ? { t, v, pids: t.map((_, i) => (i < 70_000 ? 7 : 8)) } : { t, v }
  }
  /** The same picture from the samples themselves. */
  function drawn(samples: Samples, from: number, to: number, width: number): Samples {
    const { t } = samples
    const [first, last] = [Math.max(from, t[0]!), Math.min(to, t[t.length - 1]!)]
    const step = stepFor(last - first, width)
    const whole = samplesBetween(samples, first, last)
    if (whole.t.length <= 4 * width) return { t: whole.t, v: whole.v }
    const wide = samplesBetween(samples, stepStart(first, step), stepStart(last, step) + step - 1)
    const end = (at: number) => ({ t: wide.t[at]!, v: wide.v[at]! })
    const isStart = wide.t[0] === t[0]
    const isEnd = wide.t[wide.t.length - 1] === t[t.length - 1]
    return withEnds(
      thinned(wide, step),
      isStart ? end(0) : undefined,
      isEnd ? end(wide.t.length - 1) : undefined,
    )
  }

  it('[SER103] at every zoom and place the graph is what the samples themselves would give (seed 12)', async () => {
    const access = await room()
    const samples = noisy(300_000)
    const [row] = await storeSeries(access, [{ ...RSS, samples }])
    const random = seeded(12)
    const ends = { from: samples.t[0]!, to: samples.t[299_999]! }
    const ranges = Array.from({ length: 60 }, () => {
      const span = (ends.to - ends.from) * 2 ** (-14 * random())
      const from = Math.round(ends.from + random() * (ends.to - ends.from) - span / 3)
      return { from, to: Math.round(from + span), width: 1 + Math.floor(1500 * random()) }
    })
    const levels = new Set<string>()
    for (const { from, to, width } of [...ranges, { ...ends, width: 4 }, { ...ends, width: 1000 }]) {
      const { points, step } = await loadPoints(access, row!.id, { from, to, width })
      const whole = drawn(samples, from, to, width)
      expect([...points.t]).toEqual([...whole.t])
      expect([...points.v]).toEqual([...whole.v])
      levels.add(step === 0 ? 'all' : step >= 2 ** 22 ? 'coarse' : step >= 2 ** 17 ? 'fine' : 'samples')
    }
    expect([...levels].sort()).toEqual(['all', 'coarse', 'fine', 'samples'])
  })

  it('[SER102] chunks that were stored before there were levels are drawn the same, and get theirs then', async () => {
    const access = await room()
    const [row] = await storeSeries(access, [{ ...RSS, samples: noisy(200_000, true) }])
    const now = await loadPoints(access, row!.id, { width: 500 })
    expect(now.restarts.map(({ pidAfter }) => pidAfter)).toEqual([8])
    expect(now.gaps).toHaveLength(1)
    const sketched = () =>
      db().seriesChunk.count({ where: { seriesId: row!.id, outline: { not: null }, fine: { not: null } } })
    expect(await sketched()).toBe(4)

    const old = { outline: null, fine: null }
    await db().seriesChunk.updateMany({ where: { seriesId: row!.id }, data: old })
    // Another node, which has read nothing.
    await database.close()
    database = connectDatabase(clone.url)
    expect(await loadPoints(access, row!.id, { width: 500 })).toEqual(now)
    expect(await sketched()).toBe(4)
    expect(await loadPoints(access, row!.id, { width: 2000 })).toMatchObject({ stored: 200_000 })
  })

  it('[SER105] live samples of days are few chunks, a late one splits none off, and nothing is lost', async () => {
    const access = await room()
    const { seriesId } = await appendLive(access, RSS, seconds(0, 4096))
    for (let k = 1; k < 40; k++) await appendLive(access, RSS, seconds(k * 4096 + k, 4096))
    const chunks = () => db().seriesChunk.findMany({ where: { seriesId }, orderBy: { fromMs: 'asc' } })
    const before = await chunks()
    expect(before.length).toBeLessThanOrEqual(4)
    expect(before.every(({ points }) => points <= 65_536)).toBe(true)
    // Between two batches a second is missing: it comes late, into a chunk that is full.
    await appendLive(access, RSS, seconds(4096, 1))
    const after = await chunks()
    expect(after.reduce((sum, { points }) => sum + points, 0)).toBe(40 * 4096 + 1)
    expect(after.every(({ points }) => points >= 4096)).toBe(true)
    const { t } = await loadSamples(access, seriesId)
    expect(t.every((at, i) => i === 0 || at > t[i - 1]!)).toBe(true)
    const { points, stored } = await loadPoints(access, seriesId, { width: 300 })
    expect([points.t[0], points.t[points.t.length - 1], stored]).toEqual([t[0], t[t.length - 1], t.length])
  })
})

const post = (body: string, query = ''): Request =>
  new Request(`http://localhost/api${query}`, { method: 'POST', body })

describe('attaching a file', () => {
  it('[SER60] shows what it would store, and stores nothing before it is confirmed', async () => {
    const access = await room('person')
    const text = readFileSync('test/fixtures/series/rss-3phase.csv', 'utf8')
    const shown = await importFile(access, post(text, '?name=rss-3phase.csv'))
    if (shown.state !== 'preview') throw new Error(shown.state)
    expect(shown.preview.series.filter((one) => one.suggested).length).toBe(8)
    expect(await listSeries(access)).toEqual([])
    const stored = await importFile(access, post(text, '?name=rss-3phase.csv&confirm=1'))
    expect(stored.state === 'stored' && stored.series.length).toBe(8)
    const again = await importFile(access, post(text, '?name=rss-3phase.csv&confirm=1'))
    expect(again.state === 'stored' && again.series.map((row) => row.points)).toEqual(Array(8).fill(330))
  })

  it('[SER61] keeps the file’s phases, and the reading uses them', async () => {
    const access = await room('person')
    const text = readFileSync('test/fixtures/series/rss-3phase.csv', 'utf8')
    await importFile(access, post(text, '?name=rss-3phase.csv&confirm=1'))
    const found = await loadReading(access, {})
    expect(found?.reading.segments.map((segment) => segment.phase)).toEqual(['up', 'down', 'up'])
    const answer = await answerPoints(
      access,
      found!.seriesId,
      new Request('http://localhost/points?width=50'),
    )
    expect(answer.phases).toHaveLength(3)
    expect(answer.dt.length).toBe(answer.v.length)
  })

  it('[SER62] two files with the same column stay two series', async () => {
    const access = await room('person')
    for (const name of ['healthy.csv', 'step.csv']) {
      await importFile(
        access,
        post(readFileSync(`test/fixtures/series/${name}`, 'utf8'), `?name=${name}&confirm=1`),
      )
    }
    const rss = (await listSeries(access)).filter((row) => row.name === 'rss')
    expect(rss.map((row) => [row.label, row.process, row.points])).toEqual([
      ['RSS', 'healthy', 420],
      ['RSS step', 'step', 420],
    ])
  })

  it('[SER63] refuses malformed answers and foreign files with a sentence', async () => {
    const access = await room('person')
    await expect(importFile(access, post('hello', ''))).rejects.toThrow(/Leakroom reads CSV/)
    await expect(importFile(access, post('a,b', '?answers=[1'))).rejects.toThrow(/expected form/)
    await expect(importFile(access, post('', ''))).rejects.toThrow(/holds nothing/)
  })
})

describe('live samples', () => {
  const now = Math.floor(Date.now() / 1000)
  const line = (more: object) => JSON.stringify({ t: now, series: 'rss', v: 5e7, ...more })

  it('[SER70] stores and announces each series of a batch, and counts what it refuses', async () => {
    const access = await room()
    announced = []
    const body = [
      line({}),
      line({ t: now + 1, v: 5.1e7 }),
      line({ series: 'requests', v: 12 }),
      '{"t":',
      line({ t: 5 }),
      '',
    ].join('\n')
    const answer = await ingest(access, post(body))
    expect(answer).toMatchObject({
      accepted: 3,
      duplicate: 0,
      refused: 2,
      firstProblem: { line: 4, why: 'the line is not JSON' },
    })
    expect(announced.map((one) => one.v)).toEqual([[5e7, 5.1e7], [12]])
    const rows = await listSeries(access)
    expect(rows.map((row) => [row.name, row.unit, row.points])).toEqual([
      ['rss', 'bytes', 2],
      ['requests', 'count', 1],
    ])
  })

  it('[SER71] sending a batch again is safe', async () => {
    const access = await room()
    await ingest(access, post(line({})))
    expect(await ingest(access, post(line({})))).toEqual({ accepted: 0, duplicate: 1, refused: 0 })
  })

  it('[SER72] reads KiB when the line or the name says so', async () => {
    const access = await room()
    await ingest(access, post([line({ unit: 'kib', v: 10 }), line({ series: 'pss_kb', v: 10 })].join('\n')))
    for (const row of await listSeries(access)) {
      expect((await loadSamples(access, row.id)).v[0]).toBe(10_240)
    }
  })

  it('[SER73] a new pid is a restart in the reading, and graphs that are open can draw it', async () => {
    const access = await room()
    announced = []
    const body = Array.from({ length: 60 }, (_, s) => line({ t: now - 100 + s, pid: s < 30 ? 7 : 8 })).join(
      '\n',
    )
    await ingest(access, post(body))
    expect((await loadReading(access, {}))?.reading.restarts).toHaveLength(1)
    expect(announced.map(({ pids }) => [...new Set(pids)])).toEqual([[7, 8]])
    const [memory] = await listSeries(access)
    // Who opens the graph now knows which process the next live sample has to be of.
    expect(await loadPoints(access, memory!.id, { width: 100 })).toMatchObject({ pid: 8 })
  })

  it('[SER74] more than 4 MiB, and more than 20 requests in ten seconds, are refused with a sentence', async () => {
    const access = await room()
    await expect(ingest(access, post(' '.repeat(4 * 1024 ** 2 + 1)))).rejects.toThrow(/4\.0 MiB/)
    const many = Array.from({ length: 25 }, () => ingest(access, post('')))
    const results = await Promise.allSettled(many)
    const refused = results.filter((one) => one.status === 'rejected')
    expect(refused.length).toBeGreaterThanOrEqual(4)
    expect(String(refused[0]?.status === 'rejected' && refused[0].reason)).toMatch(/Too many requests/)
  })

  it('[SER75] an open room hears that a live series grew, at most once in a while and once at the end; an empty one does not', async () => {
    const access = await room()
    const { seriesId } = await appendLive(access, RSS, seconds(0, 10))
    const changes = async () => (await eventsOf(access)).filter((type) => type === 'series:changed').length
    const telling = new LiveTelling(200)

    inside = false
    telling.grew(access, seriesId)
    await until(async () => (telling.size === 0 ? true : undefined), 'the empty room to be forgotten')
    expect(await changes()).toBe(0)

    inside = true
    for (let k = 0; k < 50; k++) telling.grew(access, seriesId)
    await until(async () => (telling.size === 0 ? true : undefined), 'the last telling')
    await until(async () => ((await changes()) >= 2 ? true : undefined), 'both tellings')
    expect(await changes()).toBe(2)
    inside = false
  })
})
