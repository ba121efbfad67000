import { randomUUID } from 'node:crypto'
import { db } from '#lib/db/client'
import { presentExperiment, presentRun } from '#lib/db/presenters'
import { createApiToken } from '#lib/db/tokens'
import type { ExperimentRow, RunRow } from '#lib/investigation/experiments'
import { ExperimentId, HypothesisId } from '#lib/investigation/ids'
import type { CommandSent } from '#lib/realtime/commands'
import { POST } from '../../app/api/ingest/route.ts'
import { command, type TestRoom } from './room.ts'

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
