import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import pino from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { db } from '#lib/db/client'
import { loadEventsAfter } from '#lib/db/events'
import { loadRoomState } from '#lib/db/room-state'
import { listSeries, loadSamples } from '#lib/db/series'
import { claimSources, LEASE_MS, listSourceTimes } from '#lib/db/series-sources'
import { addSource, previewSource } from '#lib/http/series-sources'
import { type FetcherSettings, SourceFetcher } from '#lib/http/source-fetcher'
import type { WriteAccess } from '#lib/investigation/access'
import { applyRoomEvent } from '#lib/investigation/room-state'
import type { SourceRow } from '#lib/investigation/sources'
import { describeEvent, namesOf } from '#lib/investigation/timeline'
import { lives } from '#lib/series/restarts'
import { Slots } from '#lib/sources/slots'
import { type DrawnMetric, startPrometheus, type TestPrometheus } from '#test/build/prometheus'
import { buildNode, type TestNode } from '#test/build/reading'
import { buildRoom, command, emptyState, type TestRoom } from '#test/build/room'

const SECRET = 'a secret of the tests that is long enough'
process.env.AUTH_SECRET = SECRET

/** About now, because ranges are bounded by it; a whole multiple of every step that is used here. */
const T0 = Math.floor(Date.now() / 60_000) * 60_000
const RSS = 'process_resident_memory_bytes'
const TOKEN = 'Bearer s3cret-of-a-prometheus'

let node: TestNode
let room: TestRoom
let prometheus: TestPrometheus
let now: number
const fetchers: SourceFetcher[] = []

beforeAll(async () => {
  node = await buildNode(inject('templateUrl'))
})
afterAll(() => node.close())
beforeEach(async () => {
  room = await buildRoom()
  prometheus = await startPrometheus()
  now = T0
})
afterEach(async () => {
  for (const fetcher of fetchers.splice(0)) await fetcher.stop()
  await prometheus.close()
  await db().seriesSource.deleteMany()
})

/** A node's fetcher by the test's clock, without chance. */
function fetcher(change: Partial<FetcherSettings> = {}): SourceFetcher {
  const made = new SourceFetcher({
    log: pino({ level: 'silent' }),
    policy: 'loopback',
    secret: SECRET,
    slots: new Slots(4),
    now: () => new Date(now),
    random: () => 0.5,
    ...change,
  })
  fetchers.push(made)
  return made
}
async function fetchAll(one: SourceFetcher = fetcher()): Promise<number> {
  const begun = await one.tick()
  await one.idle()
  return begun
}

const metric = (instance: string, value: DrawnMetric['value'], more: Record<string, string> = {}) => ({
  labels: { __name__: RSS, job: 'shop', instance, ...more },
  value,
})
const rising = (instance = 'a:1') => metric(instance, (ms) => 5e7 + (ms - T0) / 1000)

const request = (body: object) =>
  new Request('http://localhost/api', { method: 'POST', body: JSON.stringify(body) })
const asking = (change: object = {}) => ({
  url: prometheus.url,
  query: RSS,
  stepSeconds: 15,
  from: T0 - 600_000,
  ...change,
})
const series = (instance = 'a:1', change: object = {}) => ({
  key: `${RSS}{instance="${instance}",job="shop"}`,
  name: 'rss',
  label: `RSS shop · ${instance}`,
  process: `shop · ${instance}`,
  unit: 'bytes' as const,
  factor: 1,
  ...change,
})
const add = (change: object = {}, access: WriteAccess = room.editor): Promise<SourceRow> => {
  const ids = { id: randomUUID(), key: randomUUID() }
  return addSource(
    access,
    request({ ...ids, ...asking(), refreshSeconds: 30, series: [series()], ...change }),
  )
}
/** The commands' clock is the machine's; the fetchers' is the test's. */
const dueNow = (id?: string) =>
  db().seriesSource.updateMany({ where: id ? { id } : {}, data: { nextAt: new Date(now) } })
async function added(change: object = {}): Promise<SourceRow> {
  const source = await add(change)
  await dueNow(source.id)
  return source
}
const rowOf = (id: string) => db().seriesSource.findUniqueOrThrow({ where: { id } })
const sentences = async (): Promise<string[]> => {
  const names = namesOf(await loadRoomState(room.viewer))
  const events = await loadEventsAfter(room.id, 0)
  return events.filter(({ type }) => type.startsWith('source:')).map((one) => describeEvent(one, names).text)
}

describe('looking at a Prometheus', () => {
  it('shows what a query answers and stores nothing', async () => {
    prometheus.answers.set(RSS, [rising(), metric('b:1', (ms) => (ms % 60_000 === 0 ? Number.NaN : 4096))])
    prometheus.answers.set('process_start_time_seconds', [
      { labels: { job: 'shop', instance: 'a:1' }, value: () => 1000 },
    ])
    prometheus.warnings = ['one store did not answer']
    const preview = await previewSource(room.editor, request(asking({ from: Date.now() - 3_600_000 })))
    expect(
      preview.series.map(({ label, process, unit, suggested }) => [label, process, unit, suggested]),
    ).toEqual([
      ['RSS', 'shop · a:1', 'bytes', true],
      ['RSS', 'shop · b:1', 'bytes', true],
    ])
    expect(preview.series.map(({ points }) => points)).toEqual([240, 180])
    expect(preview).toMatchObject({
      isWhole: true,
      badSamples: 60,
      warnings: ['one store did not answer'],
      startTimes: true,
    })
    expect([await listSeries(room.viewer), await db().seriesSource.count()]).toEqual([[], 0])
  })

  it('of a long range it shows the newest part, asked for in one answer', async () => {
    prometheus.answers.set(RSS, [rising()])
    const preview = await previewSource(
      room.editor,
      request(asking({ stepSeconds: 1, from: Date.now() - 86_400_000 })),
    )
    expect([preview.isWhole, preview.series[0]?.points]).toEqual([false, 10_000])
    const ranges = prometheus.asked.filter(({ query, path }) => query === RSS && path.endsWith('range'))
    expect(ranges).toHaveLength(1)
  })

  it.each([
    [{ query: 'sum(!!)' }, /refused the query: 1:4: parse error: unexpected "!!"/],
    [{ query: 'nothing_like_it' }, /has nothing for this query in this range/],
    [{ from: 9e12 }, /begins later than now/],
    [{ url: 'http://user:pw@127.0.0.1' }, /a password does not belong into an address/],
    [{ url: 'http://127.0.0.1/?a=b' }, /no \? and no #/],
    [{ url: 'ftp://127.0.0.1' }, /begins with http/],
    [{ url: 'prometheus' }, /begins with http/],
    [{ url: 'http://169.254.169.254' }, /metadata address, and this server does not fetch from there/],
    [{ url: 'http://10.255.255.1' }, /10.255.255.1 is a private address/],
    [{ authorization: 'a\r\nHost: evil' }, /expected form \(source: authorization\)/],
    [{ query: '' }, /expected form \(source: query\)/],
  ])('%j is refused in words', async (change, sentence) => {
    prometheus.answers.set(RSS, [rising()])
    await expect(previewSource(room.second, request(asking(change)))).rejects.toThrow(sentence)
  })

  it('says what is wrong with whoever answers', async () => {
    const look = () => previewSource(room.owner, request(asking()))
    prometheus.authorization = TOKEN
    await expect(look()).rejects.toThrow('does not let us in (401)')
    prometheus.instead = (_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Log in')
    await expect(look()).rejects.toThrow('A web page was answered')
    prometheus.instead = (_request, response) => response.writeHead(200).end('{"hello":1}')
    await expect(look()).rejects.toThrow('Something else was answered')
    prometheus.instead = (_request, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
    await expect(look()).rejects.toThrow('sends us on to http://169.254.169.254')
    prometheus.instead = (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        .end(gzipSync(Buffer.alloc(40 * 1024 ** 2, ' ')))
    await expect(look()).rejects.toThrow('; 200 can be shown')
  })

  it('may be done so often a minute', async () => {
    const person = (await buildRoom()).editor
    const all = await Promise.allSettled(
      Array.from({ length: 23 }, () => previewSource(person, request(asking({ url: 'http://[::2]/' })))),
    )
    const refused = all.filter((one) => one.status === 'rejected' && /Too many/.test(String(one.reason)))
    expect(refused).toHaveLength(3)
  })
})

describe('a source of a room', () => {
  it('keeps its authorization from everybody, and asks with it', async () => {
    prometheus.authorization = TOKEN
    prometheus.answers.set(RSS, [rising()])
    const source = await added({ authorization: TOKEN })
    expect(source).toMatchObject({ hasAuthorization: true, state: 'ok', labels: ['RSS shop · a:1'] })
    await fetchAll()
    expect(prometheus.asked.at(-1)?.authorization).toBe(TOKEN)
    const stored = await db().$queryRaw<object[]>`
      select (select json_agg(s) from series_source s)::text || (select json_agg(e) from room_event e)::text
        || (select json_agg(k) from request_key k)::text as everything`
    const everything = JSON.stringify(stored) + JSON.stringify(await loadRoomState(room.viewer))
    expect(everything).toContain(prometheus.url)
    expect(everything).not.toContain('s3cret')

    // Another installation's secret opens nothing, and nobody is asked without what was to be said.
    const before = prometheus.asked.length
    now += 30_000
    await dueNow()
    await fetchAll(fetcher({ secret: 'another secret of another place' }))
    expect(prometheus.asked).toHaveLength(before)
    expect((await rowOf(source.id)).problem).toMatch(/cannot be opened any more/)
  })

  it('is fetched part by part up to now, then from one step before where it ended', async () => {
    prometheus.answers.set(RSS, [rising()])
    const source = await added({ stepSeconds: 1, from: T0 - 25_000_000 })
    await fetchAll()
    const asked = () => prometheus.asked.map(({ start, end }) => [start - T0, end - T0])
    expect(asked()).toEqual([
      [-25_000_000, -15_001_000],
      [-15_002_000, -5_003_000],
      [-5_004_000, 0],
    ])
    const [row] = await listSeries(room.viewer)
    expect(row).toMatchObject({ name: 'rss', process: 'shop · a:1', source: 'live', points: 25_001 })
    expect((await rowOf(source.id)).nextAt?.getTime()).toBe(T0 + 30_000)
    expect(await fetchAll()).toBe(0)

    now += 30_000
    await fetchAll()
    expect(asked().at(-1)).toEqual([-1000, 30_000])
    const stored = await loadSamples(room.viewer, row!.id)
    expect(stored.t.length).toBe(25_031)
    expect(stored.t.every((t, i) => i === 0 || t - stored.t[i - 1]! === 1000)).toBe(true)
    expect(stored.v.every((v, i) => v === 5e7 + (stored.t[i]! - T0) / 1000)).toBe(true)
  })

  it('the room’s log tells its changes and not its fetches, and gives the rows when it is replayed', async () => {
    prometheus.answers.set(RSS, [rising()])
    const source = await added()
    for (let n = 0; n < 5; n++) {
      await fetchAll()
      now += 30_000
    }
    const paused = await command(room.second, 'source:change', { id: source.id, version: 1, paused: true })
    expect(paused).toMatchObject({ state: 'paused', version: 2 })
    await expect(
      command(room.editor, 'source:change', { id: source.id, version: 1, paused: false }),
    ).rejects.toThrow(/Sam was faster: paused fetching from/)
    await command(room.editor, 'source:change', { id: source.id, version: 2, paused: false })
    await command(room.editor, 'source:change', { id: source.id, version: 3, refreshSeconds: 300 })
    const host = `“127.0.0.1:${prometheus.port}”`
    expect(await sentences()).toEqual([
      `Edu began to fetch from ${host} every 30 s`,
      `Sam paused fetching from ${host}`,
      `Edu let ${host} be fetched from again`,
      `Edu set ${host} to be fetched every 5 min`,
    ])
    const state = await loadRoomState(room.viewer)
    const events = await loadEventsAfter(room.id, 0, 1000)
    expect(events.reduce(applyRoomEvent, emptyState(state)).sources).toEqual(state.sources)
    expect(events.filter(({ type }) => type === 'series:added').map(({ actorName }) => actorName)).toEqual([
      `127.0.0.1:${prometheus.port}`,
    ])

    await command(room.editor, 'source:remove', { id: source.id })
    expect((await sentences()).at(-1)).toBe(`Edu ended fetching from ${host}`)
    expect((await loadRoomState(room.viewer)).sources).toEqual([])
    expect(await listSeries(room.viewer)).toHaveLength(1)
  })

  it('left alone for a year, it asks for as much as a new one might', async () => {
    prometheus.answers.set(RSS, [rising()])
    const source = await added({ stepSeconds: 86_400 })
    const longAgo = new Date(T0 - 400 * 86_400_000)
    await db().seriesSource.update({
      where: { id: source.id },
      data: { fromAt: longAgo, reachedAt: longAgo },
    })
    await fetchAll()
    const [asked] = prometheus.asked
    expect(T0 - (asked?.start ?? 0)).toBeLessThanOrEqual(90 * 86_400_000)
    expect(T0 - (asked?.start ?? 0)).toBeGreaterThan(89 * 86_400_000)
  })

  it('fetched once, it is done when the range is here, and can be brought up to date', async () => {
    prometheus.answers.set(RSS, [rising()])
    const source = await added({ refreshSeconds: 0 })
    await fetchAll()
    expect(await rowOf(source.id)).toMatchObject({ state: 'done', nextAt: null, version: 2 })
    now += 90_000
    expect(await fetchAll()).toBe(0)
    await command(room.editor, 'source:change', { id: source.id, version: 2, paused: false })
    await dueNow()
    await fetchAll()
    expect(await rowOf(source.id)).toMatchObject({ state: 'done', version: 4 })
    expect((await listSeries(room.viewer))[0]?.points).toBe(41 + 6)
  })

  it('restarts are certain where the same Prometheus knows when the process was started', async () => {
    const restart = T0 - 300_000
    prometheus.answers.set(RSS, [metric('a:1', (ms) => 4e7 + ((ms - T0 + 600_000) % 300_000))])
    prometheus.answers.set('process_start_time_seconds', [
      { labels: { job: 'shop', instance: 'a:1' }, value: (ms) => (ms < restart ? 1000 : restart / 1000) },
    ])
    await added({ startTimes: true })
    await fetchAll()
    const [row] = await listSeries(room.viewer)
    const found = lives(await loadSamples(room.viewer, row!.id)).restarts
    expect(found.map(({ at, because }) => [at, because])).toEqual([[restart, 'pid']])
  })

  it('series that come later are taken where that was asked for; counters stay counters', async () => {
    const requests = { labels: { __name__: 'http_requests_total', job: 'shop' }, value: (ms: number) => ms }
    prometheus.answers.set(RSS, [rising(), requests])
    const counter = { key: 'http_requests_total{job="shop"}', name: 'requests', label: 'Requests shop' }
    const both = [series(), series('', { ...counter, process: 'shop', unit: 'count' })]
    await added({ series: both, follows: true })
    await fetchAll()
    prometheus.answers.set(RSS, [rising('new-pod:1'), requests])
    now += 30_000
    await fetchAll()
    expect(
      (await listSeries(room.viewer)).map(({ name, process, unit }) => [name, process, unit]).sort(),
    ).toEqual([
      ['requests', 'shop', 'count'],
      ['rss', 'shop · a:1', 'bytes'],
      ['rss', 'shop · new-pod:1', 'bytes'],
    ])
  })

  it('never mixes what it fetches with what is fed otherwise', async () => {
    prometheus.answers.set(RSS, [rising()])
    const first = await added()
    const second = await added({ stepSeconds: 60 })
    expect(second.labels).toEqual([`RSS shop · a:1 · 127.0.0.1:${prometheus.port}`])
    await fetchAll()
    expect(await listSeries(room.viewer)).toHaveLength(2)
    // What a removed source has fed is carried on by the next one.
    await command(room.editor, 'source:remove', { id: first.id })
    expect((await add()).labels).toEqual(['RSS shop · a:1'])
  })

  it('people only may add one, twenty a room, within bounds; the same twice is one', async () => {
    await expect(add({}, room.machine)).rejects.toMatchObject({ code: 'row/person-needed' })
    await expect(add({ from: T0 - 4e10 })).rejects.toThrow('at most 90 days back')
    await expect(add({ stepSeconds: 1, from: Date.now() - 7e8 })).rejects.toThrow('take a longer one')
    await expect(add({ series: [] })).rejects.toMatchObject({ code: 'request/malformed' })
    const twice = { id: randomUUID(), key: randomUUID(), from: Date.now() - 60_000 }
    expect((await add(twice)).id).toBe((await add(twice)).id)
    for (let n = 1; n < 20; n++) await add({ from: Date.now() - 60_000 })
    await expect(add({ from: Date.now() - 60_000 })).rejects.toThrow('holds 20 sources')
  })
})

describe('when it fails', () => {
  it('what may pass is told when it happened three times, with longer and longer waits; and when it works again', async () => {
    prometheus.answers.set(RSS, [rising()])
    const source = await added()
    await fetchAll()
    prometheus.instead = (_request, response) => response.writeHead(503).end('busy')
    const waits: number[] = []
    for (let n = 0; n < 5; n++) {
      now = (await rowOf(source.id)).nextAt?.getTime() ?? 0
      await fetchAll()
      waits.push(((await rowOf(source.id)).nextAt?.getTime() ?? 0) - now)
      expect((await rowOf(source.id)).state).toBe(n < 2 ? 'ok' : 'failing')
    }
    expect(waits).toEqual([10_000, 20_000, 40_000, 80_000, 160_000])
    const [times] = (await listSourceTimes(room.viewer)).sources
    expect(times?.lastError).toMatch(/answered with 503/)

    prometheus.instead = undefined
    now += 160_000
    await fetchAll()
    expect(await rowOf(source.id)).toMatchObject({ state: 'ok', problem: null, lastError: null, failures: 0 })
    const host = `“127.0.0.1:${prometheus.port}”`
    expect((await sentences()).slice(1)).toEqual([
      `Leakroom could not fetch from ${host}: ${host.slice(1, -1)} answered with 503, so nothing could be read. It is asked again later`,
      `Leakroom fetches from ${host} again`,
    ])
    // Nothing is missing of what passed meanwhile.
    const [row] = await listSeries(room.viewer)
    const { t } = await loadSamples(room.viewer, row!.id)
    expect(t.every((at, i) => i === 0 || at - t[i - 1]! === 15_000)).toBe(true)
  })

  it('what only people can mend is told at once', async () => {
    prometheus.answers.set(RSS, [rising()])
    const source = await added()
    await fetchAll()
    prometheus.authorization = TOKEN
    now += 30_000
    await fetchAll()
    expect(await rowOf(source.id)).toMatchObject({ state: 'failing', failures: 1 })
    expect(await sentences()).toHaveLength(2)
    // Somebody let us in again, and does not want to wait.
    prometheus.authorization = undefined
    const { version } = await rowOf(source.id)
    await command(room.editor, 'source:change', { id: source.id, version, paused: false })
    await dueNow()
    await fetchAll()
    expect(await rowOf(source.id)).toMatchObject({ state: 'ok' })
  })

  it('a query that answers none of the chosen series is said to be silent', async () => {
    prometheus.answers.set(RSS, [rising()])
    const source = await added()
    await fetchAll()
    prometheus.answers.set(RSS, [rising('b:1'), rising('c:1')])
    for (let n = 0; n < 3; n++) {
      now = (await rowOf(source.id)).nextAt?.getTime() ?? 0
      await fetchAll()
    }
    const row = await rowOf(source.id)
    expect([row.state, row.problem]).toEqual(['failing', expect.stringContaining('but 2 others')])
  })

  it('it is not fetched from where this server may not connect to, whatever the row says', async () => {
    prometheus.answers.set(RSS, [rising()])
    const source = await added()
    await fetchAll(fetcher({ policy: 'public' }))
    expect(prometheus.asked).toEqual([])
    expect((await rowOf(source.id)).problem).toMatch(/this machine itself/)

    // A name that leads inside: judged by where it leads, at the moment of connecting.
    const named = await added({ url: `http://localhost:${prometheus.port}` })
    await fetchAll(fetcher({ policy: 'public' }))
    expect((await rowOf(named.id)).problem).toMatch(/localhost:\d+ is this machine itself/)
    expect(prometheus.asked).toEqual([])
  })

  it.each([
    ['a redirect inside', /sends us on to http:\/\/169\.254\.169\.254/],
    ['a bomb', /larger than 32\.0 MiB/],
    ['a body without an end', /did not answer within 1 s/],
  ])('%s ends the fetch with a sentence', async (attack, sentence) => {
    const bomb = gzipSync(Buffer.alloc(40 * 1024 ** 2, ' '))
    prometheus.instead = (_request, response) => {
      if (attack === 'a redirect inside') {
        response.writeHead(307, { location: 'http://169.254.169.254/latest/' }).end()
      } else if (attack === 'a bomb') {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
      } else {
        const drip = setInterval(() => response.write(' '), 10)
        response.on('close', () => clearInterval(drip))
      }
    }
    const source = await added()
    await fetchAll(attack === 'a body without an end' ? fetcher({ timeoutMs: 200 }) : fetcher())
    const row = await rowOf(source.id)
    expect([row.state, row.problem]).toEqual(['failing', expect.stringMatching(sentence)])
  })

  it('an answer that is too large is asked for again in smaller parts', async () => {
    prometheus.answers.set(RSS, [rising()])
    const values = (start: number, end: number, step: number) =>
      Array.from({ length: (end - start) / step + 1 }, (_, i) => [start + i * step, '1'])
    const sizes: number[] = []
    prometheus.instead = (asked, response) => {
      const { searchParams } = new URL(asked.url ?? '/', 'http://x')
      const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(searchParams.get(name)))
      const list = values(start!, end!, step!)
      sizes.push(list.length)
      const metric = { __name__: RSS, job: 'shop', instance: 'a:1' }
      const body = JSON.stringify({
        status: 'success',
        data: { resultType: 'matrix', result: [{ metric, values: list }] },
      })
      response.end(list.length > 1000 ? body + ' '.repeat(33 * 1024 ** 2) : body)
    }
    await added({ stepSeconds: 1, from: T0 - 3_000_000 })
    await fetchAll()
    expect(sizes).toEqual([3001, 1500, 750, 750, 750, 750, 9])
    expect((await listSeries(room.viewer))[0]?.points).toBe(3001)
  })
})

describe('several nodes', () => {
  it('each source is fetched by one of them', async () => {
    prometheus.answers.set(RSS, [rising()])
    for (let n = 0; n < 9; n++) await added({ query: `${RSS} + ${n} * 0` })
    const nodes = [fetcher(), fetcher(), fetcher()]
    const begun = await Promise.all(nodes.map((one) => one.tick()))
    expect(begun.reduce((sum, count) => sum + count)).toBe(9)
    await Promise.all(nodes.map((one) => one.idle()))
    expect(prometheus.asked).toHaveLength(9)
    expect(new Set(prometheus.asked.map(({ query }) => query)).size).toBe(9)
    expect(await Promise.all(nodes.map((one) => one.tick()))).toEqual([0, 0, 0])
  })

  it('one that goes down gives back at once what it fetches; one that dies loses it after a minute', async () => {
    prometheus.answers.set(RSS, [rising()])
    let wasAsked = () => {}
    const asked = new Promise<void>((resolve) => {
      wasAsked = resolve
    })
    prometheus.instead = () => wasAsked()
    await added()
    const going = fetcher()
    await going.tick()
    await asked
    await going.stop()
    expect(await going.tick()).toBe(0)

    prometheus.instead = undefined
    const [dead] = await claimSources(4, new Date(now))
    expect(dead?.failures).toBe(0)
    expect(await fetchAll()).toBe(0)
    now += LEASE_MS
    expect(await fetchAll()).toBe(1)
    expect(await listSeries(room.viewer)).toHaveLength(1)
  })

  it('one that is paused or removed while it is fetched stays so', async () => {
    prometheus.answers.set(RSS, [rising()])
    for (const ends of ['paused', 'removed'] as const) {
      let release = () => {}
      const arrived = new Promise<void>((here) => {
        prometheus.instead = (asked, response) => {
          prometheus.instead = undefined
          here()
          void new Promise<void>((go) => {
            release = go
          }).then(() => response.writeHead(500).end(asked.url))
        }
      })
      const source = await added()
      const one = fetcher()
      await one.tick()
      await arrived
      if (ends === 'paused')
        await command(room.editor, 'source:change', { id: source.id, version: 1, paused: true })
      else await command(room.editor, 'source:remove', { id: source.id })
      release()
      await one.idle()
      const row = await db().seriesSource.findUnique({ where: { id: source.id } })
      expect(row && [row.state, row.nextAt, row.lease, row.version]).toEqual(
        ends === 'paused' ? ['paused', null, null, 2] : null,
      )
    }
  })
})
