import { randomUUID } from 'node:crypto'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { claimChecks, releaseChecks, roomsToCheck, storeFinding } from '#lib/db/checks'
import { db } from '#lib/db/client'
import { loadEventsAfter } from '#lib/db/events'
import { loadRoomState } from '#lib/db/room-state'
import { appendLive } from '#lib/db/series-live'
import { UserError } from '#lib/errors/user-error'
import { checkConcluder, evaluateChecks, sweepChecks } from '#lib/http/checks'
import { finding } from '#lib/hypotheses/check-bounds'
import type { CheckPredicate } from '#lib/hypotheses/checks'
import { Conclusions } from '#lib/jobs/conclusions'
import { ExperimentJudge } from '#lib/jobs/experiment-judge'
import { attachArticle, buildCheck, mustNotFail, NATIVE, outcomeOf, seriesNamed } from '#test/build/checks'
import { buildExperiment, send } from '#test/build/experiments'
import { buildNode, type TestNode } from '#test/build/reading'
import { buildRoom, command, type TestRoom } from '#test/build/room'
import { RUN_START, runLines } from '#test/build/run-lines'

const SECOND = 1000
const HOUR_MS = 3600 * SECOND
const T0 = Date.UTC(2026, 10, 23, 12)

let node: TestNode
beforeAll(async () => {
  node = await buildNode(inject('templateUrl'))
})
afterAll(() => node.close())

describe('checks of an experiment', () => {
  it('are untested while runs are left, and decided by the last one without anybody asking', async () => {
    const log = pino({ level: process.env.TEST_LOG ?? 'silent' })
    const concluders = [new ExperimentJudge(node.reading.pool), checkConcluder(log)]
    const conclusions = new Conclusions({ concluders, log, seriesEveryMs: 50 })
    const room = await buildRoom()
    const { experiment, runs } = await buildExperiment(room)
    const experimentId = experiment.id
    const rate = {
      kind: 'experiment-rate',
      experimentId,
      condition: 'A',
      metric: 'per-iteration',
      side: 'over',
      bytes: 500,
    } as const
    const makeRun = async ({ position, condition }: (typeof runs)[number]) => {
      const drawn = {
        seed: 700 + position,
        perSecond: condition === 'A' ? 100_000 : 0,
        startMs: RUN_START + position * HOUR_MS,
        condition,
      }
      expect(await send(room, runLines(`1/${position}`, drawn))).toMatchObject({ refused: 0 })
    }
    try {
      // Of the checks only the last run's news is wanted: they would be tested anew with every line of the others.
      for (const run of runs.slice(0, 7)) await makeRun(run)
      const made = {
        over: await buildCheck(room, rate),
        under: await buildCheck(room, { ...rate, side: 'under' }),
        // The truth: 100,000 bytes a second, 100 iterations a second.
        truth: await buildCheck(room, { ...rate, bytes: 1000 }),
        control: await buildCheck(room, { ...rate, condition: 'B' }),
        reproduced: await buildCheck(room, { kind: 'experiment-reproduced', experimentId }),
      }
      const states = async () => {
        await conclusions.settled()
        const { checks } = await loadRoomState(room.viewer)
        const stateOf = (id: string) => checks.find((row) => row.id === id)?.outcome?.state
        return Object.fromEntries(Object.entries(made).map(([name, { id }]) => [name, stateOf(id)]))
      }
      expect(new Set(Object.values(await states()))).toEqual(new Set(['untested']))
      expect((await outcomeOf(room, made.over.id))?.words).toBe('Its runs are not all made: 1 run is left.')
      for (const run of runs.slice(7)) await makeRun(run)
      expect(await states()).toEqual({
        over: 'supported',
        under: 'contradicted',
        truth: 'untested',
        control: 'contradicted',
        reproduced: 'supported',
      })
      expect((await outcomeOf(room, made.reproduced.id))?.words).toContain('Reproduced in 4 of 4 runs')
      expect(made.over.sentence).toBe('Experiment 1: more than 500 B per iteration with “memcached stopped”')
    } finally {
      await conclusions.close()
    }
  }, 60_000)
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
    const made = await buildCheck(room, {
      kind: 'rate',
      seriesId,
      side: 'over',
      bytesPerHour: 1024 ** 2,
      range: null,
    })
    const now = Date.now()
    const at = (seconds: number) => new Date(now + seconds * SECOND)
    await evaluateChecks(room.id, mustNotFail, at(0))
    expect(await outcomeOf(room, made.id)).toMatchObject({ state: 'untested', missing: expect.any(String) })
    await send(room, 5, 625)
    expect(await evaluateChecks(room.id, mustNotFail, at(10))).toEqual({ told: 0, waiting: 1 })
    expect(await roomsToCheck(at(10))).not.toContain(room.id)
    expect(await roomsToCheck(at(16))).toContain(room.id)
    expect(await evaluateChecks(room.id, mustNotFail, at(16))).toEqual({ told: 1, waiting: 0 })
    expect((await outcomeOf(room, made.id))?.state).toBe('supported')
    // Ten more seconds of the same are no news.
    const { seq } = await loadRoomState(room.viewer)
    await send(room, 630, 10)
    await evaluateChecks(room.id, mustNotFail, at(40))
    expect((await loadRoomState(room.viewer)).seq).toBe(seq)
  })

  it('of a graph that is removed leave the check untested', async () => {
    const room = await buildRoom()
    const { seriesId } = await send(room, 0, 600)
    const made = await buildCheck(room, {
      kind: 'rate',
      seriesId,
      side: 'over',
      bytesPerHour: 0,
      range: null,
    })
    await evaluateChecks(room.id, mustNotFail)
    expect((await outcomeOf(room, made.id))?.state).toBe('supported')
    await command(room.editor, 'series:remove', { id: seriesId })
    await evaluateChecks(room.id, mustNotFail, new Date(Date.now() + 60 * SECOND))
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
    const made = await buildCheck(room, NATIVE)
    await Promise.all([1, 2, 3, 4].map(() => evaluateChecks(room.id, mustNotFail)))
    const events = await loadEventsAfter(room.id, 0)
    expect(events.filter(({ type }) => type === 'check:evaluated')).toHaveLength(1)
    expect((await outcomeOf(room, made.id))?.state).toBe('supported')
  })

  it('give up what a node that went down held, after three minutes', async () => {
    const room = await buildRoom()
    await buildCheck(room, NATIVE)
    const now = new Date()
    expect(await claimChecks(room.id, now)).not.toBeNull()
    expect(await evaluateChecks(room.id, mustNotFail, now)).toBeNull()
    expect(await roomsToCheck(now)).not.toContain(room.id)
    const later = new Date(now.getTime() + 4 * 60 * SECOND)
    await sweepChecks({ warn: mustNotFail }, later)
    expect(await roomsToCheck(later)).not.toContain(room.id)
  })

  it('drop an outcome when the check was changed meanwhile', async () => {
    const room = await buildRoom()
    const made = await buildCheck(room, NATIVE)
    const held = await claimChecks(room.id, new Date())
    const predicate: CheckPredicate = { ...NATIVE, percent: 50 }
    await command(room.second, 'check:change', { id: made.id, version: 1, predicate })
    const facts = { stamp: 'old', now: new Date(), notBefore: null }
    expect(await storeFinding(room.id, held!.checks[0]!, finding('supported', 'old'), facts)).toBe(false)
    await releaseChecks(held!, [])
    expect((await outcomeOf(room, made.id)) ?? null).toBeNull()
    await evaluateChecks(room.id, mustNotFail)
    expect((await outcomeOf(room, made.id))?.state).toBe('untested')
  })
})

describe('changing checks', () => {
  it('is compare and set, forgets the outcome, and the sentence is the server’s', async () => {
    const room = await buildRoom()
    const made = await buildCheck(room, NATIVE)
    expect(made).toMatchObject({
      sentence: 'Native share of the growth over 70 %',
      outcome: null,
      version: 1,
    })
    await evaluateChecks(room.id, mustNotFail)
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
    await expect(buildCheck(room, { ...rate, seriesId: rss.id })).rejects.toThrow(UserError)
    // A counter has no rate of bytes.
    await expect(buildCheck(other, { ...rate, seriesId: requests.id })).rejects.toThrow(UserError)
    // How many slots there are now is no count of work.
    const slots = await seriesNamed(other, 'heap-live-slots')
    const cost = { kind: 'per-thousand', seriesId: rss.id, side: 'over', bytes: 1, range: null } as const
    await expect(buildCheck(other, { ...cost, counterId: slots.id })).rejects.toThrow(/no counter/)
    await expect(
      buildCheck(room, { kind: 'experiment-reproduced', experimentId: randomUUID() }),
    ).rejects.toThrow(UserError)
  })

  it('goes with its hypothesis', async () => {
    const room = await buildRoom()
    const made = await buildCheck(room, NATIVE)
    await command(room.editor, 'hypothesis:remove', { id: made.hypothesisId, version: 1 })
    expect((await loadRoomState(room.viewer)).checks).toEqual([])
    expect(await db().hypothesisCheck.count({ where: { id: made.id } })).toBe(0)
  })
})
