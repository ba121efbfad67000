import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { answerPlaces } from '#lib/http/growth-places'
import { MarkId } from '#lib/investigation/ids'
import { missingForTheStory } from '#scripts/story-packages'
import { type AgentFront, openAgentFront } from '#test/build/agent-front'
import {
  BYTES_PER_FAILED_WRITE,
  buildLeakyClient,
  freePort,
  Memcached,
  RECORDED_COST,
  recordedStory,
} from '#test/build/native-story'
import { buildNode, type TestNode } from '#test/build/reading'
import { command } from '#test/build/room'

const missing = missingForTheStory()

/** Resident memory before and after so many writes, once the heap has settled. */
const MEASURE = `
  require 'fakemc'
  store, session, writes = FakeMc.new('127.0.0.1', Integer(ARGV[0])), 'v' * 4000, 20_000
  rss = -> { GC.start; File.read('/proc/self/statm').split[1].to_i * 4096 }
  write = ->(n) { n.times { |i| store.set("session-#{i}", session) } }
  write.(2_000)
  before = [rss.(), store.failed]
  write.(writes)
  puts [(rss.() - before[0]) / writes.to_f, (store.failed - before[1]) / writes.to_f].join(' ')
`

describe.skipIf(missing.length > 0)(
  `the client that leaks${missing.length > 0 ? ` (not built: this machine has no ${missing.join(', no ')})` : ''}`,
  () => {
    it('keeps 4,096 bytes of every failed write, and nothing of the others', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'leakroom-client-'))
      const memcached = new Memcached(await freePort())
      try {
        buildLeakyClient(folder)
        const measure = () => {
          const args = ['-I', folder, '-e', MEASURE, String(memcached.port)]
          return spawnSync('ruby', args, { encoding: 'utf8' }).stdout.split(' ').map(Number)
        }
        const [cost = Number.NaN, failed] = measure()
        expect(failed).toBe(1)
        expect(Math.abs(cost - BYTES_PER_FAILED_WRITE)).toBeLessThan(0.01 * BYTES_PER_FAILED_WRITE)
        await memcached.start()
        const [kept, failedNow] = measure()
        expect(failedNow).toBe(0)
        expect(Math.abs(kept ?? Number.NaN)).toBeLessThan(0.01 * BYTES_PER_FAILED_WRITE)
      } finally {
        await memcached.stop()
        await rm(folder, { recursive: true, force: true })
      }
    }, 60_000)
  },
)

/* The story with people in it is test/e2e/live-story.spec.ts. This is what its numbers rest on, whatever the machine has. */
describe('the recorded story, sent as an agent sends it', () => {
  let node: TestNode
  let front: AgentFront
  beforeAll(async () => {
    node = await buildNode(inject('templateUrl'))
    front = await openAgentFront(node)
  })
  afterAll(async () => {
    await front.close()
    await node.close()
  })

  const send = async (lines: string) => {
    const headers = { Authorization: `Bearer ${node.token}` }
    const answer = await fetch(`${front.url}/api/ingest`, { method: 'POST', headers, body: lines })
    expect(await answer.json()).toMatchObject({ refused: 0 })
  }
  const places = async () => (await answerPlaces(node.room.viewer, new Request('http://localhost/'))).places

  it('says nothing while memcached runs, and native growth that follows failures while it is stopped', async () => {
    const [before, down, after] = recordedStory('shop', Date.now() - 1000)
    if (!before || !down || !after) throw new Error('the recording has three phases')
    await send(before.lines)
    expect((await places())?.place.place).not.toBe('native')

    await send(down.lines)
    const during = await places()
    expect(during?.place).toMatchObject({ place: 'native' })
    expect(during?.place.share?.low).toBeGreaterThan(0.9)
    expect(during?.clock?.best).toMatchObject({ one: 'failure' })
    expect(during?.clock?.cost?.value).toBeGreaterThan(RECORDED_COST.least)
    expect(during?.clock?.cost?.value).toBeLessThan(RECORDED_COST.most)

    await send(after.lines)
    const outage = { id: MarkId.parse(randomUUID()), kind: 'outage', label: 'memcached is stopped' } as const
    await command(node.room.editor, 'mark:add', { ...outage, at: down.from, until: down.to })
    expect((await places())?.experiment).toMatchObject({ verdict: 'faster-inside' })
  })
})
