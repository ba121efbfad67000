import { randomUUID } from 'node:crypto'
import { db } from '#lib/db/client'
import { presentExperiment, presentRun } from '#lib/db/presenters'
import { createApiToken } from '#lib/db/tokens'
import { normal, seeded } from '#lib/experiments/random'
import type { Condition, ExperimentRow, RunRow } from '#lib/investigation/experiments'
import { ExperimentId, HypothesisId } from '#lib/investigation/ids'
import type { CommandSent } from '#lib/realtime/commands'
import { POST } from '../../app/api/ingest/route.ts'
import { command, type TestRoom } from './room.ts'

const MIB = 1024 ** 2
export const RUN_START = 1_795_000_000_000

/** A planned experiment of a fresh hypothesis. */
export interface TestExperiment {
  readonly experiment: ExperimentRow
  readonly runs: readonly RunRow[]
  readonly hypothesisId: HypothesisId
}

export async function buildExperiment(
  room: TestRoom,
  given: Partial<CommandSent<'experiment:add'>> = {},
): Promise<TestExperiment> {
  const hypothesisId = HypothesisId.parse(randomUUID())
  await command(room.editor, 'hypothesis:add', {
    id: hypothesisId,
    title: 'Failed writes to memcached are kept',
  })
  const made = await command(room.editor, 'experiment:add', {
    id: ExperimentId.parse(randomUUID()),
    hypothesisId,
    title: 'Memcached down',
    labelA: 'memcached stopped',
    labelB: 'memcached running',
    seed: 7,
    ...given,
  })
  return { ...made, hypothesisId }
}

export interface DrawnRun {
  readonly seed: number
  /** Bytes per second. */
  readonly perSecond: number
  readonly seconds?: number
  readonly startMs?: number
  /** Sent as the condition; absent: not said. */
  readonly condition?: Condition
  readonly hasEnd?: boolean
}

/**
 * What `leakroom watch` sends of one run at one sample a second: a warm-up, noise that resembles its neighbours, growth, and
 * 100 iterations a second.
 */
export function runLines(run: string, drawn: DrawnRun): string {
  const { seed, perSecond, seconds = 300, startMs = RUN_START, condition, hasEnd = true } = drawn
  const random = seeded(seed)
  const process = `experiment ${run}`
  const name = `${run}${condition ?? ''}`
  let wander = 0
  const lines = Array.from({ length: seconds }, (_, i) => {
    wander = 0.6 * wander + 0.3 * MIB * normal(random)
    const rss = 80 * MIB + 20 * MIB * (1 - Math.exp(-i / 15)) + perSecond * i + wander
    const whose = { t: startMs + i * 1000, process, pid: 100, run: name }
    return [
      { ...whose, series: 'rss', v: Math.round(rss + 4 * MIB), unit: 'bytes' },
      { ...whose, series: 'rss_anon', v: Math.round(rss), unit: 'bytes' },
      { ...whose, series: 'iterations', v: 100 * i, unit: 'count' },
    ]
  }).flat()
  const end = hasEnd ? [{ run: name, end: true, process }] : []
  return [...lines, ...end].map((line) => JSON.stringify(line)).join('\n')
}

/** Sends lines through the route that machines use; a token of its own each time, for its allowance is small. */
export async function send(room: TestRoom, body: string): Promise<Record<string, unknown>> {
  const { token } = await createApiToken(room.owner, 'watch')
  const headers = { authorization: `Bearer ${token}` }
  const response = await POST(new Request('http://localhost/api/ingest', { method: 'POST', headers, body }))
  // reason: the answer is an object of ours; each test looks at what it is about.
  return (await response.json()) as Record<string, unknown>
}

/** The experiment and its runs as they stand. */
export async function standingOf(id: string): Promise<{ experiment: ExperimentRow; runs: RunRow[] }> {
  const { runs, ...row } = await db().experiment.findUniqueOrThrow({
    where: { id },
    include: { runs: { orderBy: { position: 'asc' } } },
  })
  return { experiment: presentExperiment(row), runs: runs.map(presentRun) }
}
