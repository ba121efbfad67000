import { randomUUID } from 'node:crypto'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { connectDatabase, type Database, db } from '#lib/db/client'
import { deleteInvestigation } from '#lib/db/investigations'
import { listSeries, loadSamples } from '#lib/db/series'
import { appendAllLive, type LiveSamples } from '#lib/db/series-live'
import { UserError } from '#lib/errors/user-error'
import { ingest } from '#lib/http/ingest'
import type { OwnerAccess, WriteAccess } from '#lib/investigation/access'
import type { Samples } from '#lib/series/samples'
import { provideServices, type Services } from '#lib/services'
import { cloneDatabase } from '#test/build/postgres'
import { seeded } from '#test/unit/series/draw-series'

const T0 = Math.floor(Date.now() / 1000) * 1000 - 3_600_000

let clone: Awaited<ReturnType<typeof cloneDatabase>>
let database: Database

beforeAll(async () => {
  clone = await cloneDatabase(inject('templateUrl'))
  database = connectDatabase(clone.url)
  const services: Pick<Services, 'announcePoints' | 'peopleInside' | 'log'> = {
    log: pino({ level: 'silent' }),
    announcePoints: () => {},
    peopleInside: () => new Map(),
  }
  // reason: ingest announces points and asks who is inside; the other services are not reached.
  provideServices(services as Services)
})
afterAll(async () => {
  await database.close()
  await clone.drop()
})

async function room(): Promise<WriteAccess> {
  const team = await db().organization.create({
    data: { id: randomUUID(), name: 'Core', slug: randomUUID(), createdAt: new Date() },
  })
  const id = randomUUID()
  await db().investigation.create({ data: { id, teamId: team.id, title: 'It grows', createdBy: 'u1' } })
  const actor = { kind: 'machine', tokenId: randomUUID(), name: 'agent' } as const
  // reason: only the gate makes access values; this test is about what stands behind the gate.
  return { investigationId: id, teamId: team.id, actor, role: 'editor' } as unknown as WriteAccess
}

/** Whoever measures a second of a host measures the same. */
const valueAt = (host: number, second: number) => 5e7 + host * 1e6 + second * 4096
const of = (host: number, from: number, count: number): LiveSamples => {
  const samples: Samples = {
    t: Float64Array.from({ length: count }, (_, i) => T0 + (from + i) * 1000),
    v: Float64Array.from({ length: count }, (_, i) => valueAt(host, from + i)),
  }
  return { name: 'rss', label: `RSS host-${host}`, process: `host-${host}`, unit: 'bytes', samples }
}
/** How many transactions wrote what now stands in the rows of a room's series and in their chunks. */
const transactions = async ({ investigationId }: WriteAccess): Promise<number> => {
  const { rows } = await database.pool.query<{ writers: string }>(
    `select count(distinct writer) as writers from (
       select xmin::text as writer from series where investigation_id = $1
       union all select series_chunk.xmin::text from series_chunk join series on series.id = series_id
       where investigation_id = $1
     ) as written`,
    [investigationId],
  )
  return Number(rows[0]!.writers)
}

describe('a request that feeds several series', () => {
  it('[SER110] is one transaction', async () => {
    const access = await room()
    const hosts = Array.from({ length: 20 }, (_, host) => host)
    await appendAllLive(
      access,
      hosts.map((host) => of(host, 0, 10)),
    )
    expect(await transactions(access)).toBe(1)
    const outcomes = await appendAllLive(
      access,
      hosts.map((host) => of(host, 5, 10)),
    )
    expect(await transactions(access)).toBe(1)
    expect(outcomes.map((one) => one instanceof UserError || [one.accepted, one.duplicates])).toEqual(
      hosts.map(() => [5, 5]),
    )
    for (const row of await listSeries(access)) {
      expect(row).toMatchObject({ points: 15, from: T0, to: T0 + 14_000, version: 2 })
      const host = Number(row.process.slice(5))
      expect([...(await loadSamples(access, row.id)).v]).toEqual([...of(host, 0, 15).samples.v])
    }
    const events = await db().roomEvent.findMany({ where: { investigationId: access.investigationId } })
    expect(events.map(({ type }) => type)).toEqual(hosts.map(() => 'series:added'))
  })

  it('[SER111] may name one series twice: the later samples win', async () => {
    const access = await room()
    const again = of(1, 5, 10)
    const [first, second] = await appendAllLive(access, [
      of(1, 0, 10),
      { ...again, samples: { ...again.samples, v: again.samples.v.map(() => 7) } },
    ])
    expect(first).toMatchObject({ accepted: 10, duplicates: 0 })
    expect(second).toMatchObject({ accepted: 5, duplicates: 5 })
    const [row] = await listSeries(access)
    const { v } = await loadSamples(access, row!.id)
    expect([...v]).toEqual([...of(1, 0, 5).samples.v, ...Array.from({ length: 10 }, () => 7)])
  })

  it('[SER112] loses no series to one that the room does not take, and says which one that was', async () => {
    const access = await room()
    const { investigationId } = access
    await db().series.createMany({
      data: Array.from({ length: 498 }, (_, i) => ({
        ...{ investigationId, name: 'rss', label: 'RSS', process: `old-${i}`, unit: 'bytes' },
        ...{ source: 'live', createdBy: 'u1' },
      })),
    })
    const line = (process: string, t = T0) => JSON.stringify({ t, series: 'rss', process, v: 5e7 })
    const post = (lines: readonly string[]) =>
      ingest(access, new Request('http://x/', { method: 'POST', body: lines.join('\n') }))
    const answer = await post(['a', 'b', 'c', 'old-3', 'd', 'd'].map((process, i) => line(process, T0 + i)))
    expect(answer).toEqual({
      accepted: 3,
      duplicate: 0,
      refused: 3,
      seriesProblem: {
        series: 'RSS c',
        why: 'The request is not of the expected form (this investigation has 500 series already).',
      },
    })
    await expect(post([line('c')])).rejects.toThrow(/500 series/)
    expect(await db().series.count({ where: { investigationId } })).toBe(500)
  })

  it('[SER113] of a name that PostgreSQL cannot hold, is stored under one that it can', async () => {
    const access = await room()
    const outcomes = await appendAllLive(access, [of(1, 0, 3), { ...of(2, 0, 3), process: 'a\0b\ud800' }])
    expect(outcomes).toMatchObject([{ accepted: 3 }, { accepted: 3 }])
    expect((await listSeries(access)).map(({ process }) => process).sort()).toEqual([
      'a\ufffdb\ufffd',
      'host-1',
    ])
  })

  it.each([5, 77, 2026])(
    '[SER114] with others at the same time over the same series: nothing is lost, counted twice or waits for ever (seed %i)',
    async (seed) => {
      const access = await room()
      const random = seeded(seed)
      const upTo = (n: number) => Math.floor(random() * n)
      const expected = new Map<string, Map<number, number>>()
      const requests = Array.from({ length: 8 }, () =>
        Array.from({ length: 6 }, () => {
          const batches = Array.from({ length: 1 + upTo(9) }, () => of(upTo(7), upTo(1200), 1 + upTo(400)))
          // Each its own order: who comes crosswise must not wait crosswise.
          batches.sort(() => random() - 0.5)
          for (const { process, samples } of batches) {
            const known = expected.get(process) ?? new Map<number, number>()
            expected.set(process, known)
            for (const [i, t] of samples.t.entries()) known.set(t, samples.v[i]!)
          }
          return batches
        }),
      )
      let accepted = 0
      let sent = 0
      const writer = async (list: readonly LiveSamples[][]) => {
        for (const batches of list)
          for (const one of await appendAllLive(access, batches)) {
            if (one instanceof UserError) throw one
            accepted += one.accepted
            sent += one.accepted + one.duplicates
          }
      }
      await Promise.all(requests.map(writer))

      const all = requests.flat(2)
      expect(sent).toBe(all.reduce((sum, { samples }) => sum + samples.t.length, 0))
      const rows = await listSeries(access)
      expect(rows.map(({ process }) => process).sort()).toEqual([...expected.keys()].sort())
      for (const row of rows) {
        const known = [...expected.get(row.process)!].sort(([a], [b]) => a - b)
        const { t, v } = await loadSamples(access, row.id)
        expect([...t]).toEqual(known.map(([at]) => at))
        expect([...v]).toEqual(known.map(([, value]) => value))
        expect(row).toMatchObject({ points: known.length, from: t[0], to: t[t.length - 1] })
      }
      expect(accepted).toBe(rows.reduce((sum, { points }) => sum + points, 0))
      const events = await db().roomEvent.findMany({
        where: { investigationId: access.investigationId },
        orderBy: { seq: 'asc' },
      })
      expect(events.map(({ seq }) => Number(seq))).toEqual(events.map((_, i) => i + 1))
      expect(events.filter(({ type }) => type === 'series:added')).toHaveLength(rows.length)
    },
  )
  it('[SER115] does not keep its room from being removed, by somebody else at the same time', async () => {
    for (let round = 0; round < 5; round++) {
      const access = await room()
      const hosts = Array.from({ length: 12 }, (_, host) => host)
      await appendAllLive(
        access,
        hosts.map((host) => of(host, 0, 10)),
      )
      let isGone = false
      const problems: unknown[] = []
      const writers = [hosts, hosts.toReversed(), hosts.slice(3, 9)].map(async (mine) => {
        for (let second = 0; !isGone && second < 200; second++) {
          const batches = mine.map((host) => of(host, second, 2))
          // Its room is gone meanwhile: there is nothing to store it in.
          await appendAllLive(access, batches).catch((error: unknown) => problems.push(error))
        }
      })
      // reason: only the gate makes access values.
      await deleteInvestigation(access as OwnerAccess)
      isGone = true
      await Promise.all(writers)
      expect(problems.map(String).filter((problem) => /deadlock/i.test(problem))).toEqual([])
      expect(await db().series.count({ where: { investigationId: access.investigationId } })).toBe(0)
    }
  })
})
