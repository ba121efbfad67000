import { readFileSync } from 'node:fs'
import pino from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest'
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
import { buildExperiment, send, standingOf, type TestExperiment } from '#test/build/experiments'
import { buildNode, type TestNode } from '#test/build/reading'
import { buildRoom, command, emptyState, type TestRoom } from '#test/build/room'
import { RUN_START, runLines } from '#test/build/run-lines'

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

// Eight runs are sent, stored, read and judged in each: a second on a quiet machine, and much more on a busy one.
vi.setConfig({ testTimeout: 90_000 })

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

  it('[EXP05] without growth carries its power, and below 70 % likeness says so and is not held against the hypothesis', async () => {
    const made = await buildExperiment(room)
    const { id } = made.experiment
    const paste = async (side: 'production' | 'reproduction', text: string) => {
      const { version } = (await standingOf(id)).experiment
      await command(room.editor, 'experiment:set-environment', { id, version, side, text })
    }
    const like = 'ruby 3.1.4\n  * nokogiri (1.15.4)\nLinux 6.1.0\nMALLOC_ARENA_MAX=2\n'
    await paste('production', like)
    await paste('reproduction', like)
    await makeRuns(made, { A: 0, B: 0 })
    const alike = (await standingOf(id)).experiment
    expect(alike.parity).toMatchObject({ score: 1, isAlike: true, differences: 0 })
    expect(alike.conclusion?.result.verdict).toBe('not-reproduced')
    expect(alike.conclusion?.words).toMatch(
      /^Not reproduced: .* per iteration would have been seen with a chance of 90 %\.$/,
    )
    expect((await evidenceIn()).links).toMatchObject([{ stance: 'against' }])

    await paste('reproduction', 'ruby 2.7.0\n  * nokogiri (1.10.0)\nLinux 4.4.0\n')
    await conclusions.settled()
    const unlike = (await standingOf(id)).experiment
    expect(unlike.parity).toMatchObject({ isAlike: false })
    expect(unlike.conclusion?.words).toContain('Not reproduced in an unlike environment')
    const { evidence, links } = await evidenceIn()
    expect(evidence).toHaveLength(1)
    expect(evidence[0]!.ref).toMatchObject({ reading: expect.stringContaining('unlike environment') })
    expect(links).toMatchObject([{ stance: 'neutral', version: 2 }])
  })

  it('[EXP06] keeps nothing of a pasted text but its facts, and shows both sides with what was waived', async () => {
    const { experiment } = await buildExperiment(room, { runSeconds: 2700, expectedPerHour: 30 * 1024 ** 2 })
    const { id } = experiment
    const secret = 'DATABASE_URL=postgres://app:hunter2@db/app'
    await command(room.editor, 'experiment:set-environment', {
      id,
      version: 1,
      side: 'production',
      text: `ruby 3.1.4\n${secret}\nLinux 6.1.0\nMALLOC_ARENA_MAX=2`,
    })
    await command(room.editor, 'experiment:set-environment', {
      id,
      version: 2,
      side: 'reproduction',
      text: 'ruby 3.1.2\nLinux 6.1.0\nMALLOC_ARENA_MAX=2',
    })
    const stored = JSON.stringify(await db().experiment.findUniqueOrThrow({ where: { id } }))
    const log = JSON.stringify(await loadEventsAfter(room.id, 0, 1000))
    for (const kept of [stored, log]) expect(kept).not.toContain('hunter2')
    const before = await answerExperiment(room.viewer, '1')
    expect(before.parity?.rows[0]).toMatchObject({ name: 'ruby', difference: 'patch', waived: null })
    expect(before.plan?.words).toContain('4 + 4 runs of 45 min')
    expect(before.plan?.words).toContain('You expect +30.0 MiB/h')
    expect(before.smallestChance).toBeCloseTo(1 / 70, 9)

    const body = { id, version: 3, key: before.parity!.rows[0]!.key, reason: 'only a patch' }
    await command(room.editor, 'experiment:waive', body)
    const after = await answerExperiment(room.viewer, id)
    expect(after.parity).toMatchObject({ score: 1 })
    expect(after.parity!.rows[0]).toMatchObject({ waived: 'only a patch' })
    expect(after.experiment).toMatchObject({
      parity: { score: 1, differences: 0 },
      waived: [{ reason: 'only a patch' }],
      production: { facts: expect.any(Number) },
    })
    await expect(
      command(room.editor, 'experiment:set-environment', {
        id,
        version: 4,
        side: 'production',
        text: 'la la',
      }),
    ).rejects.toMatchObject({ code: 'experiment/no-facts' })
  })

  it('[EXP07] keeps the stance that people gave to its evidence, and does not come back where they took it away', async () => {
    const made = await buildExperiment(room)
    await makeRuns(made)
    const { evidence, links } = await evidenceIn()
    const ends = { evidenceId: evidence[0]!.id, hypothesisId: made.hypothesisId }
    await command(room.second, 'evidence:link', {
      ...ends,
      stance: 'neutral',
      note: 'the load was not that of production',
      version: links[0]!.version,
    })
    const { runs } = await standingOf(made.experiment.id)
    const ofA = runs.filter(({ condition }) => condition === 'A')
    const exclude = async (index: number) => {
      const { id, version } = ofA[index]!
      await command(room.editor, 'run:exclude', { id, version, reason: 'swapped' })
      await conclusions.settled()
      return evidenceIn()
    }
    const kept = await exclude(0)
    expect(kept.evidence[0]!.ref).toMatchObject({ reading: expect.stringContaining('3 of 3 runs') })
    expect(kept.links).toMatchObject([{ stance: 'neutral', note: 'the load was not that of production' }])
    await command(room.second, 'evidence:unlink', ends)
    const away = await exclude(1)
    expect(away.evidence[0]!.ref).toMatchObject({ reading: expect.stringContaining('Cannot tell yet') })
    expect(away.links).toEqual([])
  })

  it('[EXP08] is told once however many nodes judge it at the same time', async () => {
    const made = await buildExperiment(room)
    const others = [new ExperimentJudge(node.reading.pool), new ExperimentJudge(node.reading.pool)]
    await makeRuns({ experiment: made.experiment, runs: made.runs.slice(0, 7) })
    const last = made.runs[7]!
    const drawn = { seed: 1, perSecond: GROWTH[last.condition], startMs: RUN_START + 9 * HOUR_MS }
    await send(room, runLines('1/8', drawn))
    await Promise.all([...others.map((other) => other.conclude(room.id)), conclusions.settled()])
    const events = await loadEventsAfter(room.id, 0, 10_000)
    const ofEvidence = events.filter(({ type }) => type.startsWith('evidence:'))
    expect(ofEvidence.map(({ type }) => type)).toEqual(['evidence:pinned', 'evidence:linked'])
    const reads = events.filter((event) => event.type === 'run:changed' && event.payload.deed === 'read')
    expect(reads).toHaveLength(8)
    const said = events.flatMap((event) =>
      event.type === 'experiment:concluded' ? [event.payload.experiment.conclusion?.words] : [],
    )
    expect(new Set(said).size).toBe(said.length)
    const count = events.length
    await judge.sweep()
    await judge.conclude(room.id)
    expect(await loadEventsAfter(room.id, 0, 10_000)).toHaveLength(count)
  })

  it('[EXP09] is judged anew when the method has another version, and says so', async () => {
    const made = await buildExperiment(room)
    await makeRuns(made)
    const { id } = made.experiment
    const { conclusion } = (await standingOf(id)).experiment
    const older = { ...conclusion!, result: { ...conclusion!.result, version: 0 } }
    await db().experiment.update({
      where: { id },
      data: { conclusion: older, conclusionKey: 'of version 0' },
    })
    await judge.sweep()
    const { experiment } = await standingOf(id)
    expect(experiment.conclusion?.result.version).toBe(conclusion!.result.version)
    expect(experiment.conclusion?.notes).toEqual([
      'Computed anew with version 1 of the method, before with 0.',
    ])
  })
})

describe('a run', () => {
  it('[EXP10] begins with its first sample, binds what arrives, and ends when nothing is heard any more', async () => {
    const { experiment } = await buildExperiment(room)
    await send(room, runLines('1/1', { seed: 1, perSecond: 0, seconds: 60, hasEnd: false }))
    const [begun] = (await standingOf(experiment.id)).runs
    expect(begun).toMatchObject({ state: 'running', from: RUN_START, to: null })
    const stranger = runLines('1/1', { seed: 2, perSecond: 0, seconds: 10 }).replaceAll(
      'experiment 1/1',
      'another',
    )
    expect(await send(room, stranger)).toMatchObject({
      runProblem: 'Run 1 of experiment 1 is being measured already, as “experiment 1/1”.',
    })
    await endQuietRuns(new Date(Date.now() + 32_000))
    expect((await standingOf(experiment.id)).runs[0]).toMatchObject({ state: 'running' })
    await endQuietRuns(new Date(Date.now() + 40_000))
    const [ended] = (await standingOf(experiment.id)).runs
    expect(ended).toMatchObject({ state: 'done', endedBy: 'quiet', to: RUN_START + 59_000 })
    await conclusions.settled()
    expect((await standingOf(experiment.id)).runs[0]!.reading).not.toBeNull()

    // The network was away, not the process: what comes later belongs to it.
    await send(room, runLines('1/1', { seed: 1, perSecond: 0, seconds: 90, hasEnd: true }))
    const [again] = (await standingOf(experiment.id)).runs
    expect(again).toMatchObject({ state: 'done', endedBy: 'mark', to: RUN_START + 89_000, from: RUN_START })
  })

  it('[EXP11] that is over takes nothing more, and says why; sent again, what it knows is no mistake', async () => {
    const { experiment, runs } = await buildExperiment(room)
    const lines = runLines('1/1', { seed: 1, perSecond: 0, seconds: 60 })
    await send(room, lines)
    expect(await send(room, lines)).toEqual({ accepted: 0, duplicate: 180, refused: 0 })
    const later = { seed: 1, perSecond: 0, seconds: 60, startMs: RUN_START + HOUR_MS }
    expect(await send(room, runLines('1/1', later))).toMatchObject({
      accepted: 180,
      runProblem:
        'Run 1 of experiment 1 is over. Exclude it with a reason and add one in its place to measure it anew.',
    })
    expect((await standingOf(experiment.id)).runs[0]).toMatchObject({ to: RUN_START + 59_000 })
    const other = runs[1]!.condition === 'A' ? 'B' : 'A'
    expect(await send(room, runLines('1/2', { ...later, condition: other }))).toMatchObject({
      runProblem: `Run 2 of experiment 1 is one of condition ${runs[1]!.condition}, and ${other} was measured.`,
    })
    expect(await send(room, runLines('1/99', later))).toMatchObject({
      runProblem: 'Run 99 of experiment 1 is not there.',
    })
    expect(await send(room, runLines('three', later))).toMatchObject({
      runProblem: '"three" names no run: "2/3" is run 3 of experiment 2.',
    })
    expect((await standingOf(experiment.id)).runs[1]).toMatchObject({ state: 'planned' })
  })

  it('[EXP12] that fell silent is over when the next one begins; two that are measured side by side stay apart', async () => {
    const { experiment } = await buildExperiment(room)
    await send(room, runLines('1/1', { seed: 1, perSecond: 0, seconds: 60, hasEnd: false }))
    await send(room, runLines('1/2', { seed: 2, perSecond: 0, seconds: 60, hasEnd: false }))
    expect((await standingOf(experiment.id)).runs.map(({ state }) => state).slice(0, 2)).toEqual([
      'running',
      'running',
    ])
    await db().experimentRun.updateMany({
      where: { experimentId: experiment.id, position: 1 },
      data: { heardAt: new Date(Date.now() - 10_000) },
    })
    await send(room, runLines('1/3', { seed: 3, perSecond: 0, seconds: 60, hasEnd: false }))
    expect((await standingOf(experiment.id)).runs.slice(0, 3)).toMatchObject([
      { state: 'done', endedBy: 'next' },
      { state: 'running' },
      { state: 'running' },
    ])
  })

  it('[EXP13] is repeated only in place of one that was excluded, and added pairs are told', async () => {
    const { experiment, runs } = await buildExperiment(room)
    const { id } = experiment
    const first = runs[0]!
    const again = (version: number) =>
      command(room.editor, 'run:add', { experimentId: id, version, inPlaceOf: first.id })
    await expect(again(1)).rejects.toMatchObject({ code: 'run/excluded-first' })
    await command(room.editor, 'run:exclude', { id: first.id, version: 1, reason: 'never begun' })
    const added = await again(1)
    expect(added.runs).toMatchObject([{ position: 9, condition: first.condition, isAdded: true }])
    const pair = await command(room.editor, 'run:add', { experimentId: id, version: 2 })
    expect(pair.runs.map(({ condition }) => condition).sort()).toEqual(['A', 'B'])
    const all = (await standingOf(id)).runs.filter(({ excluded }) => excluded === null)
    await makeRuns({ experiment, runs: all })
    const { conclusion } = (await standingOf(id)).experiment
    expect(conclusion).toMatchObject({ runsLeft: 0, result: { verdict: 'reproduced' } })
    expect(conclusion!.notes).toEqual([
      expect.stringContaining('1 of 11 runs is excluded'),
      expect.stringContaining('3 runs were added to the plan'),
    ])
  })

  it('[EXP14] is a range of a graph that is there: the article’s phases, with the cost of a failed write', async () => {
    const body = readFileSync('test/fixtures/series/rss-3phase.csv')
    const file = new Request('http://localhost/?name=article.csv&confirm=1', { method: 'POST', body })
    await importFile(room.editor, file)
    const series = await listSeries(room.viewer)
    const memory = series.find(({ name }) => name === 'rss')!
    const failures = series.find(({ name }) => name === 'failures')!
    const { experiment, runs } = await buildExperiment(room, { perArm: 1 })
    const phase = { A: [92, 238], B: [2, 90] } as const
    for (const { id, condition } of runs) {
      const [from, to] = phase[condition]
      await command(room.editor, 'run:attach', {
        id,
        version: 1,
        memorySeriesId: memory.id,
        iterationsSeriesId: condition === 'A' ? failures.id : null,
        from: memory.from! + from * 1000,
        to: memory.from! + to * 1000,
      })
    }
    await conclusions.settled()
    const standing = await standingOf(experiment.id)
    const ofA = standing.runs.find(({ condition }) => condition === 'A')!
    expect(ofA).toMatchObject({ state: 'done', endedBy: 'attached', reading: { kind: 'growing' } })
    // 1,064 requested bytes and the allocator's headers for each.
    expect(ofA.reading!.bytesPerIteration!.value).toBeGreaterThan(1050)
    expect(ofA.reading!.bytesPerIteration!.value).toBeLessThan(1180)
    expect(standing.runs.find(({ condition }) => condition === 'B')!.reading!.kind).not.toBe('growing')
    expect(standing.experiment.conclusion).toMatchObject({
      result: { verdict: 'cannot-tell' },
      notes: [expect.stringContaining('2 runs were chosen as ranges of graphs')],
    })
    expect(standing.experiment.conclusion?.words).toContain('can never say yes')
  })

  it('[EXP19] that is a range of a graph is read again when samples are added to the range, and says so; others are not', async () => {
    const { experiment, runs } = await buildExperiment(room, { perArm: 1 })
    const graph = (process: string, drawn: { seed: number; perSecond: number; seconds: number }) =>
      runLines('1/1', { ...drawn, hasEnd: false })
        .replaceAll('experiment 1/1', process)
        .replaceAll('"run":"1/1"', '"host":"a"')
    await send(room, graph('web', { seed: 1, perSecond: GROWTH.A, seconds: 100 }))
    await send(room, graph('calm', { seed: 2, perSecond: 0, seconds: 300 }))
    const series = await listSeries(room.viewer)
    const named = (process: string, name: string) =>
      series.find((one) => one.process === process && one.name === name)!
    const range = { from: RUN_START, to: RUN_START + 299_000 }
    for (const { id, condition } of runs) {
      const process = condition === 'A' ? 'web' : 'calm'
      const iterationsSeriesId = named(process, 'iterations').id
      const memorySeriesId = named(process, 'rss-anon').id
      await command(room.editor, 'run:attach', {
        id,
        version: 1,
        memorySeriesId,
        iterationsSeriesId,
        ...range,
      })
    }
    await conclusions.settled()
    const read = async () => {
      const { runs: made, experiment: said } = await standingOf(experiment.id)
      return { a: made.find(({ condition }) => condition === 'A')!.reading!, made, said }
    }
    const before = await read()
    expect(before.a).toMatchObject({ samples: 200, addedLater: 0, durationMs: 99_000 })

    // Beyond the range nothing changes; the same moments again change nothing either.
    await send(room, graph('web', { seed: 1, perSecond: GROWTH.A, seconds: 100 }))
    const later = graph('calm', { seed: 2, perSecond: 0, seconds: 60 })
    await send(
      room,
      later.replaceAll(/"t":(\d+)/g, (_, t) => `"t":${Number(t) + HOUR_MS}`),
    )
    await conclusions.settled()
    expect((await read()).made).toEqual(before.made)

    await send(room, graph('web', { seed: 1, perSecond: GROWTH.A, seconds: 300 }))
    await conclusions.settled()
    const after = await read()
    expect(after.a).toMatchObject({ samples: 600, addedLater: 400, durationMs: 299_000, kind: 'growing' })
    expect(after.said.conclusion!.at).toBeGreaterThan(before.said.conclusion!.at)
    const told = (await loadEventsAfter(room.id, 0, 10_000)).flatMap((event) =>
      event.type === 'run:changed' && event.payload.deed === 'read' ? [event.payload.reason] : [],
    )
    expect(told).toEqual([undefined, undefined, '400 samples were added to its range'])
    // Another node finds nothing new in it.
    await new ExperimentJudge(node.reading.pool).conclude(room.id, new Set(['series']))
    expect((await read()).made).toEqual(after.made)
  })
})

describe('a fix', () => {
  it('[EXP15] is checked against the runs that were made before it, and says what may be left', async () => {
    const made = await buildExperiment(room)
    await makeRuns(made)
    const verify = await buildExperiment(room, {
      kind: 'verify',
      title: 'memcached.gem 2.0',
      before: made.experiment.id,
    })
    expect(verify.runs.map(({ condition, state }) => `${condition} ${state}`)).toEqual([
      ...Array(4).fill('A done'),
      ...Array(4).fill('B planned'),
    ])
    await makeRuns({ experiment: verify.experiment, runs: verify.runs.slice(4) })
    const { experiment } = await standingOf(verify.experiment.id)
    expect(experiment.conclusion?.fix).toMatchObject({ verdict: 'gone' })
    expect(experiment.conclusion?.words).toMatch(/^Growth is gone: at most .* is left \(95 %\)/)
    expect(experiment.conclusion?.notes).toEqual([expect.stringContaining('4 runs were taken over')])
    await expect(
      command(room.editor, 'run:detach', { id: verify.runs[0]!.id, version: 1, reason: 'no' }),
    ).rejects.toMatchObject({ code: 'run/taken-over' })
  })

  it('[EXP16] explains production when cost times pace gives its growth', async () => {
    const made = await buildExperiment(room)
    await makeRuns(made)
    const rows = Array.from({ length: 600 }, (_, i) => {
      const at = 1_795_100_000 + i * 60
      // 50 iterations a second at 1,000 B each.
      return `${at},${500 * 1024 ** 2 + i * 60 * 50_000 + ((i * 7919) % 100) * 4096},${i * 60 * 50}`
    })
    const csv = `time,rss_bytes,requests_total\n${rows.join('\n')}\n`
    const file = new Request('http://localhost/?name=production.csv&confirm=1', { method: 'POST', body: csv })
    await importFile(room.editor, file)
    const series = (await listSeries(room.viewer)).filter(({ source }) => source === 'file')
    const { id, version } = (await standingOf(made.experiment.id)).experiment
    await command(room.editor, 'experiment:change', {
      id,
      version,
      productionSeriesId: series.find(({ name }) => name === 'rss')!.id,
      productionCounterId: series.find(({ name }) => name === 'requests')!.id,
    })
    await conclusions.settled()
    const { conclusion } = (await standingOf(id)).experiment
    expect(conclusion?.production?.words).toContain('That explains it')
    expect(conclusion?.production?.verdict).toBe('explains')
  })
})

describe('whoever may only look', () => {
  it('[EXP17] sees experiments and changes none', async () => {
    const { experiment } = await buildExperiment(room)
    expect((await loadRoomState(room.viewer)).experiments).toHaveLength(1)
    expect((await answerExperiment(room.viewer, experiment.id)).runs).toHaveLength(8)
    const elsewhere = await buildRoom()
    await expect(answerExperiment(elsewhere.viewer, experiment.id)).rejects.toMatchObject({
      code: 'request/not-found',
    })
    await expect(
      command(elsewhere.editor, 'experiment:archive', { id: experiment.id, version: 1, archived: true }),
    ).rejects.toMatchObject({ code: 'request/not-found' })
    await expect(
      command(room.machine, 'experiment:archive', { id: experiment.id, version: 1, archived: true }),
    ).rejects.toMatchObject({ code: 'row/person-needed' })
  })

  it('[EXP18] a stale change is refused with the winner, and what was put away stays as it is', async () => {
    const { experiment } = await buildExperiment(room)
    const { id } = experiment
    await command(room.editor, 'experiment:change', { id, version: 1, title: 'Redis down' })
    await expect(
      command(room.second, 'experiment:change', { id, version: 1, title: 'Both down' }),
    ).rejects.toMatchObject({ code: 'row/conflict', detail: { winner: 'Edu', row: { title: 'Redis down' } } })
    await command(room.editor, 'experiment:archive', { id, version: 2, archived: true })
    await expect(
      command(room.second, 'experiment:change', { id, version: 3, title: 'Both down' }),
    ).rejects.toMatchObject({ code: 'experiment/archived' })
    expect(await send(room, runLines('1/1', { seed: 1, perSecond: 0, seconds: 10 }))).toMatchObject({
      runProblem: 'Experiment 1 was put away.',
    })
  })
})
