import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { roomsToCheck } from '#lib/db/checks'
import { loadEventsAfter } from '#lib/db/events'
import { loadRoomState } from '#lib/db/room-state'
import { UserError } from '#lib/errors/user-error'
import { compareCaptures } from '#lib/http/captures'
import { evaluateChecks } from '#lib/http/checks'
import { exportMarkdown } from '#lib/http/export'
import type { CheckPredicate } from '#lib/hypotheses/checks'
import type { WriteAccess } from '#lib/investigation/access'
import { describeEvent, namesOf } from '#lib/investigation/timeline'
import {
  attachArticle,
  buildCheck,
  growsEveryTime,
  mustNotFail,
  NATIVE,
  outcomeOf,
  seriesNamed,
} from '#test/build/checks'
import { attach, buildNode, captureIn, type TestNode } from '#test/build/reading'
import { buildRoom, command, type TestRoom } from '#test/build/room'

const DEMO = join(import.meta.dirname, '../../prisma/demo/ruby-small')
const TRIO = ['trace-1-warm', 'trace-2-after-4000', 'trace-3-after-8000']
const REQUESTS = [2500n, 6500n, 10500n]
const SECOND = 1000

let node: TestNode
beforeAll(async () => {
  node = await buildNode(inject('templateUrl'))
})
afterAll(() => node.close())

async function attachTrio(access: WriteAccess, names = TRIO): Promise<string[]> {
  const ids: string[] = []
  for (const name of names) {
    const dump = readFileSync(join(DEMO, `${name}.json.gz`))
    ids.push(await attach(node, `${name}.json.gz`, dump, access, REQUESTS[TRIO.indexOf(name)]))
  }
  await Promise.all(ids.map((id) => captureIn(id, 'ready')))
  return ids
}

describe('checks of groups, on real dumps of a Ruby program with two planted growths', () => {
  let room: TestRoom
  let ids: string[]
  beforeAll(async () => {
    room = await buildRoom()
    ids = await attachTrio(room.editor)
  })

  it('support that the entries of the audit trail grow every time, with the numbers and the captures', async () => {
    const { id } = await buildCheck(room, growsEveryTime('AuditTrail::Entry'))
    expect(await evaluateChecks(room.id, mustNotFail)).toEqual({ told: 1, waiting: 0 })
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
    const growing = await buildCheck(room, lru('grows-every-time'))
    const still = await buildCheck(room, lru('does-not-grow'))
    await evaluateChecks(room.id, mustNotFail)
    expect((await outcomeOf(room, growing.id))?.state).toBe('contradicted')
    expect((await outcomeOf(room, still.id))?.state).toBe('supported')
  })

  it('know a row of the growth table again by its fingerprint', async () => {
    const { captures } = await loadRoomState(room.viewer)
    const report = await compareCaptures(room.viewer, captures)
    const row = report.rows.find(({ className }) => className === 'QuoteMemo::Quote')!
    const made = await buildCheck(room, {
      kind: 'group',
      group: { by: 'fingerprint', fingerprint: row.fingerprint, title: 'QuoteMemo::Quote · quote_memo.rb:6' },
      process: null,
      measure: 'bytes',
      claim: { is: 'grows-every-time' },
    })
    const gone = await buildCheck(room, {
      kind: 'group',
      group: { by: 'fingerprint', fingerprint: '[1,"OBJECT","Nowhere",null,[]]', title: 'Nowhere' },
      process: null,
      measure: 'count',
      claim: { is: 'does-not-grow' },
    })
    await evaluateChecks(room.id, mustNotFail)
    expect(await outcomeOf(room, made.id)).toMatchObject({ state: 'supported' })
    expect(await outcomeOf(room, gone.id)).toMatchObject({ state: 'untested' })
  })

  it('compare the last capture with a number, and say of an unknown class that it was not found', async () => {
    const over = await buildCheck(room, {
      ...growsBy('AuditTrail::Entry'),
      claim: { is: 'over', amount: 10_000 },
    })
    const under = await buildCheck(room, {
      ...growsBy('AuditTrail::Entry'),
      claim: { is: 'under', amount: 10_000 },
    })
    const typo = await buildCheck(room, {
      ...growsBy('AuditTrial::Entry'),
      claim: { is: 'under', amount: 10_000 },
    })
    await evaluateChecks(room.id, mustNotFail)
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
    const made = await buildCheck(room, growsEveryTime('AuditTrail::Entry'))
    await evaluateChecks(room.id, mustNotFail)
    expect(await outcomeOf(room, made.id)).toMatchObject({
      state: 'untested',
      missing: 'A capture of the process.',
    })
    await attachTrio(room.editor, TRIO.slice(0, 2))
    await evaluateChecks(room.id, mustNotFail)
    expect(await outcomeOf(room, made.id)).toMatchObject({
      state: 'untested',
      missing: 'A third capture of the process.',
    })
    await attachTrio(room.editor, TRIO.slice(2))
    await evaluateChecks(room.id, mustNotFail)
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
    await buildCheck(room, growsEveryTime('AuditTrail::Entry'))
    await evaluateChecks(room.id, mustNotFail)
    const before = (await loadRoomState(room.viewer)).seq
    await command(room.editor, 'message:post', { id: randomUUID(), body: 'look' })
    expect(await roomsToCheck(new Date())).toContain(room.id)
    expect(await evaluateChecks(room.id, mustNotFail)).toEqual({ told: 0, waiting: 0 })
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
    const { id } = await buildCheck(room, predicate)
    await evaluateChecks(room.id, mustNotFail)
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
    const { id } = await buildCheck(room, outages)
    await evaluateChecks(room.id, mustNotFail)
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
    await evaluateChecks(room.id, mustNotFail, new Date(Date.now() + 60 * SECOND))
    expect(await outcomeOf(room, id)).toMatchObject({ state: 'supported' })
  })

  it('stand in the report, with their state in words', async () => {
    const compare = () => Promise.reject(new UserError('compare/too-few'))
    const { text } = await exportMarkdown(room.viewer, compare, { baseUrl: 'https://x', at: 0 })
    expect(text).toMatch(/- Check, supported: Native share of the growth over 70 %: Native: \d+ % /)
  })
})
