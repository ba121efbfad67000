import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import pino from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { db } from '#lib/db/client'
import { loadEventsAfter } from '#lib/db/events'
import { loadRoomState } from '#lib/db/room-state'
import { endQuietRuns } from '#lib/db/run-links'
import { listSeries } from '#lib/db/series'
import { answerExperiment } from '#lib/http/experiments'
import { importFile } from '#lib/http/series'
import type { Condition } from '#lib/investigation/experiments'
import { applyRoomEvent } from '#lib/investigation/room-state'
import { Conclusions } from '#lib/jobs/conclusions'
import { ExperimentJudge } from '#lib/jobs/experiment-judge'
import {
  buildExperiment,
  RUN_START,
  runLines,
  send,
  standingOf,
  type TestExperiment,
} from '#test/build/experiments'
import { buildNode, type TestNode } from '#test/build/reading'
import { buildRoom, command, emptyState, type TestRoom } from '#test/build/room'

let node: TestNode
let judge: ExperimentJudge
let conclusions: Conclusions
let room: TestRoom

beforeAll(async () => {
  node = await buildNode(inject('templateUrl'))
  judge = new ExperimentJudge(node.reading.pool)
  conclusions = new Conclusions({
    concluders: [judge],
    log: pino({ level: process.env.TEST_LOG ?? 'silent' }),
    seriesEveryMs: 50,
  })
})
afterAll(async () => {
  await conclusions.close()
  await node.close()
})
beforeEach(async () => {
  room = await buildRoom()
})

const GROWTH = { A: 100_000, B: 0 } as const
const HOUR_MS = 3600_000

/** Makes the runs in their order, an hour apart, through the endpoint that machines use. */
async function makeRuns(
  { experiment, runs }: Pick<TestExperiment, 'experiment' | 'runs'>,
  perSecond: Readonly<Record<Condition, number>> = GROWTH,
): Promise<void> {
  for (const { position, condition } of runs) {
    const startMs = RUN_START + position * HOUR_MS
    const drawn = {
      seed: experiment.seed * 100 + position,
      perSecond: perSecond[condition],
      startMs,
      condition,
    }
    const answer = await send(room, runLines(`${experiment.number}/${position}`, drawn))
    expect(answer).toMatchObject({ refused: 0 })
    expect(answer.runProblem).toBeUndefined()
  }
  await conclusions.settled()
}

const evidenceIn = async () => {
  const { evidence, links } = await loadRoomState(room.viewer)
  return { evidence: evidence.filter(({ ref }) => ref.kind === 'experiment'), links }
}

describe('an experiment', () => {
  it('[EXP01] is laid out before anything is measured: as many runs of each, in the order that its seed draws', async () => {
    const { experiment, runs } = await buildExperiment(room)
    expect(experiment).toMatchObject({ number: 1, kind: 'compare', perArm: 4, conclusion: null })
    expect(runs.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(runs.filter(({ condition }) => condition === 'A')).toHaveLength(4)
    expect(runs.every(({ state }) => state === 'planned')).toBe(true)
    const again = await buildExperiment(room)
    expect(again.experiment.number).toBe(2)
    expect(again.runs.map(({ condition }) => condition)).toEqual(runs.map(({ condition }) => condition))
  })

  it('[EXP02] of 4 + 4 runs that are sent is judged by itself, says so far until the last, and becomes evidence once', async () => {
    const made = await buildExperiment(room)
    const { experiment, runs, hypothesisId } = made
    await makeRuns({ experiment, runs: runs.slice(0, 7) })
    const before = await standingOf(experiment.id)
    expect(before.experiment.conclusion).toMatchObject({ runsLeft: 1 })
    expect(before.experiment.conclusion?.words).toMatch(/^So far, with 1 of 8 runs to come: /)
    expect((await evidenceIn()).evidence).toEqual([])

    await makeRuns({ experiment, runs: runs.slice(7) })
    const after = await standingOf(experiment.id)
    const { conclusion } = after.experiment
    expect(conclusion?.result).toMatchObject({ verdict: 'reproduced', metric: 'per-iteration' })
    expect(conclusion?.words).toMatch(
      /^Reproduced in 4 of 4 runs with “memcached stopped”, 0 of 4 with “memcached running”\./,
    )
    expect(conclusion?.result.p).toBeCloseTo(1 / 70, 9)
    expect(conclusion!.result.difference!.low).toBeLessThan(1000)
    expect(conclusion!.result.difference!.high).toBeGreaterThan(950)
    expect(conclusion).toMatchObject({ runsLeft: 0, notes: [], parity: null, fix: null })
    for (const run of after.runs) {
      expect(run).toMatchObject({ state: 'done', endedBy: 'mark', process: `experiment 1/${run.position}` })
      expect(run.reading).toMatchObject({ iterations: expect.any(Number), restarts: 0 })
      expect(run.to! - run.from!).toBe(299_000)
    }
    const { evidence, links } = await evidenceIn()
    expect(evidence).toHaveLength(1)
    expect(evidence[0]).toMatchObject({
      title: 'Experiment 1: Memcached down',
      createdBy: 'token:node',
      ref: { kind: 'experiment', experimentId: experiment.id, reading: conclusion!.words },
    })
    expect(links).toMatchObject([{ evidenceId: evidence[0]!.id, hypothesisId, stance: 'for' }])
    const state = await loadRoomState(room.viewer)
    expect(state.hypotheses[0]).toMatchObject({ status: 'hunch' })
  })

  it('[EXP03] anonymous memory is judged where it is sent, and the log told from its beginning gives the same room', async () => {
    const { experiment, runs } = await buildExperiment(room)
    await makeRuns({ experiment, runs: runs.slice(0, 2) })
    const series = await listSeries(room.viewer)
    const { runs: made } = await standingOf(experiment.id)
    expect(series.find(({ id }) => id === made[0]!.memorySeriesId)).toMatchObject({ name: 'rss-anon' })
    expect(series.find(({ id }) => id === made[0]!.iterationsSeriesId)).toMatchObject({ name: 'iterations' })

    await command(room.editor, 'hypothesis:remove', { id: experiment.hypothesisId!, version: 1 })
    await command(room.editor, 'series:remove', { id: made[1]!.memorySeriesId! })
    const state = await loadRoomState(room.viewer)
    const events = await loadEventsAfter(room.id, 0, 10_000)
    const replayed = events.reduce(applyRoomEvent, emptyState(state))
    expect(replayed.experiments).toEqual(state.experiments)
    expect(replayed.runs).toEqual(state.runs)
    expect(state.experiments[0]).toMatchObject({ hypothesisId: null })
    expect(state.runs[1]).toMatchObject({ memorySeriesId: null, reading: { kind: expect.any(String) } })
  })

  it('[EXP04] keeps an excluded run in sight with its reason, and says what it says without it', async () => {
    const made = await buildExperiment(room)
    await makeRuns(made)
    const run = (await standingOf(made.experiment.id)).runs.find(({ condition }) => condition === 'A')!
    const body = { id: run.id, version: run.version, reason: 'a backup ran beside it' }
    await command(room.editor, 'run:exclude', body)
    await conclusions.settled()
    const { experiment, runs } = await standingOf(made.experiment.id)
    expect(runs).toHaveLength(8)
    expect(runs.find(({ id }) => id === run.id)).toMatchObject({
      excluded: { reason: 'a backup ran beside it' },
      reading: { kind: 'growing' },
    })
    expect(experiment.conclusion?.result).toMatchObject({
      a: { grew: { runs: 3, of: 3 } },
      excluded: [{ id: run.id, condition: 'A', reason: 'a backup ran beside it' }],
    })
    expect(experiment.conclusion?.notes).toEqual([expect.stringContaining('1 of 8 runs is excluded')])
  })
})
