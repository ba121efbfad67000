import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { accessOf, asTeamWriter, teamAccessOf } from '#lib/auth/gate'
import { documentMarkdown, draftMarkdown } from '#lib/collab/projection'
import { connectDatabase, type Database, db } from '#lib/db/client'
import { demoStanding, removeDemo } from '#lib/db/demo'
import { documentOf, loadDocument } from '#lib/db/documents'
import { loadEventsAfter } from '#lib/db/events'
import { createInvestigation, listInvestigations } from '#lib/db/investigations'
import { loadRoomState } from '#lib/db/room-state'
import { GROUPS, TRACED_CAPTURES } from '#lib/demo/recordings'
import { repairDemos } from '#lib/demo/repair-demos'
import { restoreDemo, seedDemo } from '#lib/demo/seed-demo'
import { captureTables } from '#lib/findings/capture'
import { growth } from '#lib/findings/growth'
import type { ReadAccess, TeamWriteAccess } from '#lib/investigation/access'
import type { InvestigationId } from '#lib/investigation/ids'
import { applyRoomEvent } from '#lib/investigation/room-state'
import { growthReport } from '#lib/reports/growth-page'
import { diskStore } from '#lib/storage/disk-store'
import type { Store } from '#lib/storage/store'
import { cloneDatabase } from '#test/build/postgres'
import { buildRoom, emptyState, idOf, type TestRoom } from '#test/build/room'
import { scanRuby } from '#test/build/ruby-dump'

let database: Database
let drop: () => Promise<void>
let folder: string
let store: Store
let room: TestRoom
let team: TeamWriteAccess
const queued: string[] = []
const enqueue = async (captureId: string) => {
  queued.push(captureId)
}
const now = new Date('2026-11-23T12:00:00Z')

beforeAll(async () => {
  const clone = await cloneDatabase(inject('templateUrl'))
  drop = clone.drop
  database = connectDatabase(clone.url)
  folder = await mkdtemp(join(tmpdir(), 'demo-'))
  store = diskStore(join(folder, 'files'))
  room = await buildRoom()
  const found = await teamAccessOf({ userId: idOf(room.owner), name: 'Olga' }, room.owner.teamId)
  if (!found) throw new Error('no team')
  team = asTeamWriter(found)
})
afterAll(async () => {
  await database.close()
  await drop()
  await rm(folder, { recursive: true })
})

async function readerOf(id: InvestigationId): Promise<ReadAccess> {
  const access = await accessOf({ userId: idOf(room.viewer), name: 'Vera' }, id)
  if (!access) throw new Error('a member of the team cannot see the demo')
  return access
}

describe('the demo investigation', () => {
  it('is made once, however often and by however many it is asked for', async () => {
    const made = await Promise.all(Array.from({ length: 4 }, () => seedDemo(team, { store, enqueue, now })))
    expect(new Set(made).size).toBe(1)
    expect(await db().investigation.count({ where: { demo: true } })).toBe(1)
    expect(queued).toHaveLength(6)
  })

  it('tells the whole story: graph, dumps, evidence on both sides, a verdict that a second person gave', async () => {
    const id = await seedDemo(team, { store, enqueue, now })
    const state = await loadRoomState(await readerOf(id))
    const rss = state.series.find((row) => row.name === 'rss')
    expect(rss).toMatchObject({ points: 330, from: now.getTime() - 30 * 60_000, unit: 'bytes' })
    expect(state.series.map((row) => row.name)).toEqual([
      'rss',
      'heap-committed',
      'heap-live',
      'failures',
      'requests',
    ])
    expect(state.captures.map((row) => [row.state, row.requestCount])).toEqual(
      [53_790, 141_420, 194_370, 2500, 6500, 10_500].map((count) => ['queued', count]),
    )
    for (const capture of state.captures) expect(await store.has(capture.sha256 ?? '')).toBe(true)
    expect(state.hypotheses.map((row) => row.status)).toEqual(['testing', 'confirmed', 'ruled-out', 'hunch'])
    expect(state.hypotheses[2]?.statusReason).toContain('flat')
    expect(new Set(state.links.map((link) => link.stance))).toEqual(new Set(['for', 'against']))
    expect(state.members.map((member) => member.name)).toEqual(expect.arrayContaining(['Mika', 'Wes', 'Jo']))
    expect(state.marks.map((mark) => mark.kind)).toEqual(['outage', 'note'])
    expect(state.messages.length).toBeGreaterThan(6)
  })

  it('has a log that says the same as its rows, in the order of time', async () => {
    const id = await seedDemo(team, { store, enqueue, now })
    const state = await loadRoomState(await readerOf(id))
    const events = await loadEventsAfter(id, 0, 1000)
    const replayed = events.reduce(applyRoomEvent, emptyState(state))
    expect({ ...replayed, members: [] }).toEqual({ ...state, members: [] })
    const times = events.map((event) => event.at)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(times.at(-1)).toBeLessThan(now.getTime())
    expect(times[0]).toBeGreaterThan(now.getTime() - 31 * 60_000)
  })

  it('has notes, and words under its hypotheses', async () => {
    const id = await seedDemo(team, { store, enqueue, now })
    const access = await readerOf(id)
    const document = await loadDocument(await documentOf(access))
    const notes = documentMarkdown(document?.snapshot ?? new Uint8Array())
    expect(notes).toContain('# The store grows when memcached is away')
    expect(notes).toContain('| memcached down | 18.9 → 111.3 MiB | 18,321 | 87,630 |')
    expect(notes).toContain('- [x] Dumps of the process in all three phases')
    expect(notes).toContain('```ruby')
    const [first] = (await loadRoomState(access)).hypotheses
    const fragments = draftMarkdown(document?.snapshot ?? new Uint8Array())
    expect(fragments.get(`hyp:${first?.id}:rationale`)).toContain('Is it ever freed?')
  })

  it('can be removed and put back as it was at first', async () => {
    const first = await seedDemo(team, { store, enqueue, now })
    await db().investigation.update({ where: { id: first }, data: { title: 'Scribbled over' } })
    const second = await restoreDemo(team, { store, enqueue, now })
    expect(second).not.toBe(first)
    const rows = await db().investigation.findMany({ where: { demo: true } })
    expect(rows.map((row) => [row.id, row.title])).toEqual([
      [second, 'Memory climbs when memcached goes away'],
    ])
    expect((await loadRoomState(await readerOf(second))).hypotheses).toHaveLength(4)
  })

  it('is on its way until its story is complete, and nobody waits for that', async () => {
    await removeDemo(team)
    expect(await demoStanding(team)).toBe('none')
    let [begun, isMade] = [() => {}, false]
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve
    })
    const made = seedDemo(team, { store, enqueue, now, begun }).finally(() => {
      isMade = true
    })
    await hasBegun
    expect([await demoStanding(team), isMade]).toEqual(['coming', false])
    expect((await listInvestigations(team)).filter((row) => row.demo)).toEqual([])
    await made
    expect(await demoStanding(team)).toBe('there')
    expect((await listInvestigations(team)).filter((row) => row.demo)).toHaveLength(1)
  })

  it('that a stop of the server left half made is made anew by the next start, a whole one is left alone', async () => {
    await removeDemo(team)
    const half = await createInvestigation(team, 'Half a story', { demo: true })
    expect(await repairDemos({ store, enqueue, now })).toBe(1)
    expect(await db().investigation.findUnique({ where: { id: half } })).toBeNull()
    expect(await demoStanding(team)).toBe('there')
    expect(await repairDemos({ store, enqueue, now })).toBe(0)
  })

  it('that stays half made can be restored after a minute', async () => {
    await removeDemo(team)
    const id = await createInvestigation(team, 'Half a story', { demo: true })
    expect(await demoStanding(team)).toBe('coming')
    await db().investigation.update({
      where: { id },
      data: { lastActivityAt: new Date(Date.now() - 61_000) },
    })
    expect(await demoStanding(team)).toBe('none')
    await restoreDemo(team, { store, enqueue, now })
    expect(await demoStanding(team)).toBe('there')
  })

  it('leaves nothing behind when it cannot be made', async () => {
    const broken: Store = { ...store, put: () => Promise.reject(new Error('disk')) }
    await expect(restoreDemo(team, { store: broken, enqueue, now })).rejects.toThrow('disk')
    expect(await db().investigation.count({ where: { demo: true } })).toBe(0)
  })

  it('has people whom nobody can sign in as', async () => {
    const people = await db().user.findMany({
      where: { id: { startsWith: 'demo-' } },
      include: { accounts: true },
    })
    expect(people.map((person) => [person.guest, person.accounts.length])).toEqual([
      [true, 0],
      [true, 0],
      [true, 0],
    ])
  })

  it('pins rows of growth under the names that the Growth tab gives them', async () => {
    const captures = await Promise.all(
      TRACED_CAPTURES.map(async ({ path, requestCount }) => {
        const tables = captureTables(scanRuby(gunzipSync(await readFile(path))))
        return { groups: tables.groups, identities: tables.identities, requests: requestCount }
      }),
    )
    const { rows } = growthReport(growth(captures))
    const shapes = Object.values(GROUPS).map((group) => rows.find((row) => row.key === group)?.shape)
    expect(shapes).toEqual(['growing every time', 'growing every time', 'grew once'])
  }, 60_000)
})
