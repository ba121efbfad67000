import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { claimChecks, releaseChecks, roomsToCheck } from '#lib/db/checks'
import { db } from '#lib/db/client'
import { loadEventsAfter } from '#lib/db/events'
import { loadRoomState } from '#lib/db/room-state'
import { appendLive, listSeries } from '#lib/db/series'
import { UserError } from '#lib/errors/user-error'
import { evaluateChecks, sweepChecks } from '#lib/http/checks'
import { exportMarkdown } from '#lib/http/export'
import { importFile } from '#lib/http/series'
import type { CheckPredicate } from '#lib/hypotheses/checks'
import type { WriteAccess } from '#lib/investigation/access'
import type { CheckRow } from '#lib/investigation/checks'
import { describeEvent, namesOf } from '#lib/investigation/timeline'
import { attach, buildNode, captureIn, type TestNode } from '#test/build/reading'
import { buildRoom, command, type TestRoom } from '#test/build/room'

const DEMO = join(import.meta.dirname, '../../prisma/demo/ruby-small')
const TRIO = ['trace-1-warm', 'trace-2-after-4000', 'trace-3-after-8000']
const REQUESTS = [2500n, 6500n, 10500n]
const SECOND = 1000
const T0 = Date.UTC(2026, 10, 23, 12)

let node: TestNode
beforeAll(async () => {
  node = await buildNode(inject('templateUrl'))
})
afterAll(() => node.close())

const silent = (error: unknown): never => {
  throw error
}

/** A hypothesis with one check. */
async function check(room: TestRoom, predicate: CheckPredicate): Promise<CheckRow> {
  const hypothesis = await command(room.editor, 'hypothesis:add', { id: randomUUID(), title: 'It is native' })
  return command(room.editor, 'check:add', { id: randomUUID(), hypothesisId: hypothesis.id, predicate })
}
const outcomeOf = async (room: TestRoom, id: string) =>
  (await loadRoomState(room.viewer)).checks.find((row) => row.id === id)?.outcome

async function attachTrio(access: WriteAccess, names = TRIO): Promise<string[]> {
  const ids: string[] = []
  for (const name of names) {
    const dump = readFileSync(join(DEMO, `${name}.json.gz`))
    ids.push(await attach(node, `${name}.json.gz`, dump, access, REQUESTS[TRIO.indexOf(name)]))
  }
  await Promise.all(ids.map((id) => captureIn(id, 'ready')))
  return ids
}

async function attachArticle(access: WriteAccess): Promise<void> {
  const body = readFileSync('test/fixtures/series/rss-3phase.csv', 'utf8')
  const url = 'http://localhost/api?name=rss-3phase.csv&confirm=1'
  await importFile(access, new Request(url, { method: 'POST', body }))
}

const seriesNamed = async (room: TestRoom, name: string) => {
  const row = (await listSeries(room.viewer)).find((one) => one.name === name)
  if (!row) throw new Error(`no series is called ${name}`)
  return row
}

const grows = (className: string): CheckPredicate => ({
  kind: 'group',
  group: { by: 'class', className },
  process: null,
  measure: 'count',
  claim: { is: 'grows-every-time' },
})
const NATIVE: CheckPredicate = { kind: 'place', part: 'native', side: 'over', percent: 70, range: null }

describe('checks of groups, on real dumps of a Ruby program with two planted growths', () => {
  let room: TestRoom
  let ids: string[]
  beforeAll(async () => {
    room = await buildRoom()
    ids = await attachTrio(room.editor)
  })

  it('support that the entries of the audit trail grow every time, with the numbers and the captures', async () => {
    const { id } = await check(room, grows('AuditTrail::Entry'))
    expect(await evaluateChecks(room.id, silent)).toEqual({ told: 1, waiting: 0 })
    expect(await outcomeOf(room, id)).toMatchObject({
      state: 'supported',
      words: expect.stringContaining('2,500 → 6,500 → 10,500'),
      missing: null,
      evidence: [{ kind: 'captures', captureIds: ids, search: 'AuditTrail::Entry' }],
    })
  })

  it('contradict that what the LRU cache holds grows: every object is another one, their number is not', async () => {
    const lru = (claim: 'grows-every-time' | 'does-not-grow'): CheckPredicate => ({
      kind: 'group',
      group: { by: 'site', file: 'lib/fragment_lru.rb', line: 8 },
      process: null,
      measure: 'count',
      claim: { is: claim },
    })
    const growing = await check(room, lru('grows-every-time'))
    const still = await check(room, lru('does-not-grow'))
    await evaluateChecks(room.id, silent)
    expect((await outcomeOf(room, growing.id))?.state).toBe('contradicted')
    expect((await outcomeOf(room, still.id))?.state).toBe('supported')
  })

  it('know a row of the growth table again by its fingerprint', async () => {
    const { compareCaptures } = await import('#lib/http/captures')
    const { captures } = await loadRoomState(room.viewer)
    const report = await compareCaptures(room.viewer, captures)
    const row = report.rows.find(({ className }) => className === 'QuoteMemo::Quote')!
    const made = await check(room, {
      kind: 'group',
      group: { by: 'fingerprint', fingerprint: row.fingerprint, title: 'QuoteMemo::Quote · quote_memo.rb:6' },
      process: null,
      measure: 'bytes',
      claim: { is: 'grows-every-time' },
    })
    const gone = await check(room, {
      kind: 'group',
      group: { by: 'fingerprint', fingerprint: '[1,"OBJECT","Nowhere",null,[]]', title: 'Nowhere' },
      process: null,
      measure: 'count',
      claim: { is: 'does-not-grow' },
    })
    await evaluateChecks(room.id, silent)
    expect(await outcomeOf(room, made.id)).toMatchObject({ state: 'supported' })
    expect(await outcomeOf(room, gone.id)).toMatchObject({ state: 'untested' })
  })

  it('compare the last capture with a number, and say of an unknown class that it was not found', async () => {
    const over = await check(room, { ...growsBy('AuditTrail::Entry'), claim: { is: 'over', amount: 10_000 } })
    const under = await check(room, {
      ...growsBy('AuditTrail::Entry'),
      claim: { is: 'under', amount: 10_000 },
    })
    const typo = await check(room, {
      ...growsBy('AuditTrial::Entry'),
      claim: { is: 'under', amount: 10_000 },
    })
    await evaluateChecks(room.id, silent)
    expect(await outcomeOf(room, over.id)).toMatchObject({
      state: 'supported',
      words: '10,500 in the last capture.',
    })
    expect(await outcomeOf(room, under.id)).toMatchObject({ state: 'contradicted' })
    expect(await outcomeOf(room, typo.id)).toMatchObject({ state: 'untested', missing: expect.any(String) })
  })
  const growsBy = (className: string) => ({
    kind: 'group' as const,
    group: { by: 'class' as const, className },
    process: null,
    measure: 'count' as const,
  })
})

describe('a check over time', () => {
  it('is untested until a third capture decides, and the timeline keeps every change of its state', async () => {
    const room = await buildRoom()
    const made = await check(room, grows('AuditTrail::Entry'))
    await evaluateChecks(room.id, silent)
    expect(await outcomeOf(room, made.id)).toMatchObject({
      state: 'untested',
      missing: 'A capture of the process.',
    })
    await attachTrio(room.editor, TRIO.slice(0, 2))
    await evaluateChecks(room.id, silent)
    expect(await outcomeOf(room, made.id)).toMatchObject({
      state: 'untested',
      missing: 'A third capture of the process.',
    })
    await attachTrio(room.editor, TRIO.slice(2))
    await evaluateChecks(room.id, silent)
    expect((await outcomeOf(room, made.id))?.state).toBe('supported')

    const events = (await loadEventsAfter(room.id, 0)).filter(({ type }) => type === 'check:evaluated')
    const names = namesOf(await loadRoomState(room.viewer))
    const told = events.map((event) => describeEvent(event, names))
    expect(told.map(({ text, tone }) => [tone, text.split(':')[0]])).toEqual([
      ['quiet', 'Leakroom found “Count of AuditTrail'],
      ['quiet', 'Leakroom evaluated “Count of AuditTrail'],
      ['for', 'Leakroom found “Count of AuditTrail'],
    ])
    // The machine never moves the hypothesis.
    expect((await loadRoomState(room.viewer)).hypotheses.map(({ status }) => status)).toEqual(['hunch'])
  })

  it('is evaluated once for what changed: not for a message, and not a second time', async () => {
    const room = await buildRoom()
    await check(room, grows('AuditTrail::Entry'))
    await evaluateChecks(room.id, silent)
    const before = (await loadRoomState(room.viewer)).seq
    await command(room.editor, 'message:post', { id: randomUUID(), body: 'look' })
    expect(await roomsToCheck(new Date())).toContain(room.id)
    expect(await evaluateChecks(room.id, silent)).toEqual({ told: 0, waiting: 0 })
    expect(await roomsToCheck(new Date())).not.toContain(room.id)
    expect((await loadRoomState(room.viewer)).seq).toBe(before + 1)
  })
})

describe('checks of memory graphs, on the series of the article', () => {
  let room: TestRoom
  beforeAll(async () => {
    room = await buildRoom()
    await attachArticle(room.editor)
  })
  const outcomeFor = async (predicate: CheckPredicate) => {
    const { id } = await check(room, predicate)
    await evaluateChecks(room.id, silent)
    return outcomeOf(room, id)
  }

  it('support that more than 70 % of the growth are native, and contradict that it is managed', async () => {
    const native = await outcomeFor(NATIVE)
    expect(native).toMatchObject({ state: 'supported', words: expect.stringMatching(/^Native: \d+ % /) })
    expect(native?.evidence).toMatchObject([{ kind: 'range' }])
    expect(await outcomeFor({ ...NATIVE, part: 'managed', percent: 50 })).toMatchObject({
      state: 'contradicted',
    })
  })

  it('give the rate while it grew: more than 600 kB/s, less than 700, and 648 cannot be told apart', async () => {
    const rss = await seriesNamed(room, 'rss')
    const rate = (side: 'over' | 'under', kilobytesPerSecond: number): CheckPredicate => ({
      kind: 'rate',
      seriesId: rss.id,
      side,
      bytesPerHour: kilobytesPerSecond * 1000 * 3600,
      range: null,
    })
    expect((await outcomeFor(rate('over', 600)))?.state).toBe('supported')
    expect((await outcomeFor(rate('under', 700)))?.state).toBe('supported')
    expect((await outcomeFor(rate('over', 700)))?.state).toBe('contradicted')
    expect((await outcomeFor(rate('over', 648.394)))?.state).toBe('untested')
  })

  it('say of so even a load that a thousand requests cannot be told from time', async () => {
    const [rss, requests] = [await seriesNamed(room, 'rss'), await seriesNamed(room, 'requests')]
    const found = await outcomeFor({
      kind: 'per-thousand',
      seriesId: rss.id,
      counterId: requests.id,
      side: 'over',
      bytes: 1000,
      range: null,
    })
    expect(found).toMatchObject({ state: 'untested', missing: 'A stretch in which the load changes.' })
  })

  it('need a marked outage to say that it grows faster inside', async () => {
    const outages: CheckPredicate = { kind: 'outages', range: null }
    const { id } = await check(room, outages)
    await evaluateChecks(room.id, silent)
    expect(await outcomeOf(room, id)).toMatchObject({
      state: 'untested',
      missing: 'A mark of the kind “outage” with its end.',
    })
    const down = readFileSync('test/fixtures/series/rss-3phase.csv', 'utf8')
      .split('\n')
      .filter((line) => line.includes(',down,'))
      .map((line) => Math.round(1000 * Number(line.split(',')[0])))
    await command(room.editor, 'mark:add', {
      id: randomUUID(),
      kind: 'outage',
      label: 'memcached down',
      at: down[0]!,
      until: down.at(-1)!,
    })
    await evaluateChecks(room.id, silent, new Date(Date.now() + 60 * SECOND))
    expect(await outcomeOf(room, id)).toMatchObject({ state: 'supported' })
  })

  it('stand in the report, with their state in words', async () => {
    const compare = () => Promise.reject(new UserError('compare/too-few'))
    const { text } = await exportMarkdown(room.viewer, compare, { baseUrl: 'https://x', at: T0 })
    expect(text).toMatch(/- Check, supported: Native share of the growth over 70 %: Native: \d+ % /)
  })
})

describe('live samples', () => {
  /** A line of 1 MiB a minute, at one sample a second. */
  const send = (room: TestRoom, from: number, seconds: number) => {
    const t = Float64Array.from({ length: seconds }, (_, i) => T0 + (from + i) * SECOND)
    const v = t.map((at) => 1e8 + ((at - T0) / 60_000) * 1024 ** 2 + ((at / SECOND) % 7) * 4096)
    return appendLive(room.machine, { name: 'rss', label: 'RSS', process: 'shop', unit: 'bytes' }, { t, v })
  }

  it('are judged at most every 15 s, and only another state or other words are told', async () => {
    const room = await buildRoom()
    const { seriesId } = await send(room, 0, 5)
    const made = await check(room, {
      kind: 'rate',
      seriesId,
      side: 'over',
      bytesPerHour: 1024 ** 2,
      range: null,
    })
    const now = Date.now()
    const at = (seconds: number) => new Date(now + seconds * SECOND)
    await evaluateChecks(room.id, silent, at(0))
    expect(await outcomeOf(room, made.id)).toMatchObject({ state: 'untested', missing: expect.any(String) })
    await send(room, 5, 625)
    expect(await evaluateChecks(room.id, silent, at(10))).toEqual({ told: 0, waiting: 1 })
    expect(await roomsToCheck(at(10))).not.toContain(room.id)
    expect(await roomsToCheck(at(16))).toContain(room.id)
    expect(await evaluateChecks(room.id, silent, at(16))).toEqual({ told: 1, waiting: 0 })
    expect((await outcomeOf(room, made.id))?.state).toBe('supported')
    // Ten more seconds of the same are no news.
    const { seq } = await loadRoomState(room.viewer)
    await send(room, 630, 10)
    await evaluateChecks(room.id, silent, at(40))
    expect((await loadRoomState(room.viewer)).seq).toBe(seq)
  })

  it('of a graph that is removed leave the check untested', async () => {
    const room = await buildRoom()
    const { seriesId } = await send(room, 0, 600)
    const made = await check(room, { kind: 'rate', seriesId, side: 'over', bytesPerHour: 0, range: null })
    await evaluateChecks(room.id, silent)
    expect((await outcomeOf(room, made.id))?.state).toBe('supported')
    await command(room.editor, 'series:remove', { id: seriesId })
    await evaluateChecks(room.id, silent, new Date(Date.now() + 60 * SECOND))
    expect(await outcomeOf(room, made.id)).toMatchObject({
      state: 'untested',
      words: 'The memory graph is gone.',
    })
  })
})

describe('several nodes', () => {
  it('tell a change once when they evaluate at the same moment', async () => {
    const room = await buildRoom()
    await attachArticle(room.editor)
    const made = await check(room, NATIVE)
    await Promise.all([1, 2, 3, 4].map(() => evaluateChecks(room.id, silent)))
    const events = await loadEventsAfter(room.id, 0)
    expect(events.filter(({ type }) => type === 'check:evaluated')).toHaveLength(1)
    expect((await outcomeOf(room, made.id))?.state).toBe('supported')
  })

  it('give up what a node that went down held, after three minutes', async () => {
    const room = await buildRoom()
    await check(room, NATIVE)
    const now = new Date()
    expect(await claimChecks(room.id, now)).not.toBeNull()
    expect(await evaluateChecks(room.id, silent, now)).toBeNull()
    expect(await roomsToCheck(now)).not.toContain(room.id)
    const later = new Date(now.getTime() + 4 * 60 * SECOND)
    await sweepChecks({ warn: silent }, later)
    expect(await roomsToCheck(later)).not.toContain(room.id)
  })

  it('drop an outcome when the check was changed meanwhile', async () => {
    const room = await buildRoom()
    const made = await check(room, NATIVE)
    const held = await claimChecks(room.id, new Date())
    const predicate: CheckPredicate = { ...NATIVE, percent: 50 }
    await command(room.second, 'check:change', { id: made.id, version: 1, predicate })
    const { storeFinding } = await import('#lib/db/checks')
    const { finding } = await import('#lib/hypotheses/check-bounds')
    const facts = { stamp: 'old', now: new Date(), notBefore: null }
    expect(await storeFinding(room.id, held!.checks[0]!, finding('supported', 'old'), facts)).toBe(false)
    await releaseChecks(held!, [])
    expect((await outcomeOf(room, made.id)) ?? null).toBeNull()
    await evaluateChecks(room.id, silent)
    expect((await outcomeOf(room, made.id))?.state).toBe('untested')
  })
})

describe('changing checks', () => {
  it('is compare and set, forgets the outcome, and the sentence is the server’s', async () => {
    const room = await buildRoom()
    const made = await check(room, NATIVE)
    expect(made).toMatchObject({
      sentence: 'Native share of the growth over 70 %',
      outcome: null,
      version: 1,
    })
    await evaluateChecks(room.id, silent)
    const predicate: CheckPredicate = { ...NATIVE, side: 'under' }
    const changed = await command(room.second, 'check:change', { id: made.id, version: 1, predicate })
    expect(changed).toMatchObject({
      sentence: 'Native share of the growth under 70 %',
      outcome: null,
      version: 2,
    })
    await expect(
      command(room.editor, 'check:change', { id: made.id, version: 1, predicate: NATIVE }),
    ).rejects.toThrow(/Sam/)
    await command(room.editor, 'check:remove', { id: made.id })
    expect((await loadRoomState(room.viewer)).checks).toEqual([])
  })

  it('takes only graphs, counters and experiments of the room', async () => {
    const [room, other] = [await buildRoom(), await buildRoom()]
    await attachArticle(other.editor)
    const [rss, requests] = [await seriesNamed(other, 'rss'), await seriesNamed(other, 'requests')]
    const rate = { kind: 'rate', side: 'over', bytesPerHour: 1, range: null } as const
    await expect(check(room, { ...rate, seriesId: rss.id })).rejects.toThrow(UserError)
    // A counter has no rate of bytes.
    await expect(check(other, { ...rate, seriesId: requests.id })).rejects.toThrow(UserError)
    await expect(check(room, { kind: 'experiment-reproduced', experimentId: randomUUID() })).rejects.toThrow(
      UserError,
    )
  })

  it('goes with its hypothesis', async () => {
    const room = await buildRoom()
    const made = await check(room, NATIVE)
    await command(room.editor, 'hypothesis:remove', { id: made.hypothesisId, version: 1 })
    expect((await loadRoomState(room.viewer)).checks).toEqual([])
    expect(await db().hypothesisCheck.count({ where: { id: made.id } })).toBe(0)
  })
})
