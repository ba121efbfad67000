import { randomUUID } from 'node:crypto'
import { UserError } from '#lib/errors/user-error'
import { seeded } from '#lib/experiments/random'
import type { RoomEventPayload } from '#lib/investigation/events'
import { EXPERIMENT_LIMITS, type RunRow } from '#lib/investigation/experiments'
import { Prisma } from '#prisma/generated/client'
import { presentExperiment, presentRun } from '../presenters.ts'
import { requireVersion, told } from './conflict.ts'
import { type CommandContext, type Handler, personOf } from './context.ts'
import { loadExperiment, openExperiment } from './experiments.ts'

type StoredRun = Prisma.ExperimentRunGetPayload<{ include: { experiment: true } }>
type Deed = RoomEventPayload<'run:changed'>['deed']

/** One more pair in drawn order, or one more run in place of an excluded one, at the end of the list. */
export const addRuns: Handler<'run:add'> = async (context, { experimentId, version, inPlaceOf }) => {
  const { tx, emit, now } = context
  const before = await openExperiment(context, experimentId, version)
  const known = await tx.experimentRun.findMany({ where: { experimentId }, orderBy: { position: 'asc' } })
  const conditions = inPlaceOf === null ? drawnPair(before.seed, known.length) : [again(known, inPlaceOf)]
  if (known.length + conditions.length > EXPERIMENT_LIMITS.runs)
    throw new UserError('room/full', { what: 'runs', limit: EXPERIMENT_LIMITS.runs })
  const rows = []
  for (const [index, made] of conditions.entries()) {
    const data = {
      ...made,
      id: randomUUID(),
      experimentId,
      position: known.length + index + 1,
      isAdded: true,
    }
    rows.push(await tx.experimentRun.create({ data }))
  }
  const row = await tx.experiment.update({
    where: { id: experimentId },
    data: { conclusionKey: null, version: { increment: 1 }, updatedAt: now },
  })
  const experiment = presentExperiment(row)
  const runs = rows.map(presentRun)
  await emit('run:added', { experiment, runs })
  return { experiment, runs }
}

type Planned = Pick<RunRow, 'condition' | 'isCalibration'>

function drawnPair(seed: number, made: number): Planned[] {
  const isAFirst = seeded(seed + made)() < 0.5
  return [isAFirst ? 'A' : 'B', isAFirst ? 'B' : 'A'].map((condition) => ({
    // reason: one of the two literals above, which the array widens.
    condition: condition as 'A' | 'B',
    isCalibration: false,
  }))
}

/** @throws UserError run/excluded-first, or a run would be repeated until it pleases */
function again(known: readonly Prisma.ExperimentRunGetPayload<object>[], id: string): Planned {
  const replaced = known.find((run) => run.id === id)
  if (!replaced) throw new UserError('request/not-found', { what: 'run' })
  if (replaced.excluded === null) throw new UserError('run/excluded-first', { run: replaced.position })
  const { condition, isCalibration } = presentRun(replaced)
  return { condition, isCalibration }
}

/** What a planned run knows when nothing was measured yet. */
const UNMADE = {
  process: null,
  memorySeriesId: null,
  iterationsSeriesId: null,
  fromAt: null,
  toAt: null,
  state: 'planned',
  endedBy: null,
  reading: Prisma.DbNull,
  heardAt: null,
  spacingMs: null,
} as const

export const attachRun: Handler<'run:attach'> = async (context, { id, version, from, to, ...series }) => {
  const run = await openRun(context, id, version)
  if (run.state === 'running')
    throw new UserError('run/state', { run: run.position, why: 'is being measured. End it first.' })
  if (!(from < to)) throw new UserError('run/range', { why: 'it ends before it begins.' })
  const { memorySeriesId, iterationsSeriesId } = series
  const memory = await seriesOf(context, memorySeriesId)
  if (memory.unit !== 'bytes') throw new UserError('run/range', { why: 'this graph shows no memory.' })
  const overlaps =
    memory.fromAt !== null &&
    memory.toAt !== null &&
    memory.fromAt.getTime() < to &&
    memory.toAt.getTime() > from
  if (!overlaps) throw new UserError('run/range', { why: 'the graph has nothing there.' })
  if (iterationsSeriesId !== null && (await seriesOf(context, iterationsSeriesId)).unit !== 'count')
    throw new UserError('run/range', { why: 'iterations are a count, and this is none.' })
  const data = {
    ...UNMADE,
    ...series,
    process: memory.process.slice(0, 120) || null,
    fromAt: new Date(from),
    toAt: new Date(to),
    state: 'done',
    endedBy: 'attached',
  }
  return tell(context, run, data, 'attached')
}

async function seriesOf({ tx, access: { investigationId } }: CommandContext, id: string) {
  const row = await tx.series.findFirst({ where: { id, investigationId } })
  if (!row) throw new UserError('request/not-found', { what: 'memory graph' })
  return row
}

export const detachRun: Handler<'run:detach'> = async (context, { id, version, reason }) => {
  const run = await openRun(context, id, version)
  if (run.state === 'planned') return presentRun(run)
  return tell(context, run, UNMADE, 'detached', reason)
}

export const endRun: Handler<'run:end'> = async (context, { id, version }) => {
  const run = await openRun(context, id, version)
  if (run.state !== 'running') throw new UserError('run/state', { run: run.position, why: 'is not running.' })
  const memory = run.memorySeriesId
    ? await context.tx.series.findUnique({ where: { id: run.memorySeriesId } })
    : null
  const toAt = memory?.toAt ?? context.now
  return tell(context, run, { state: 'done', endedBy: 'person', toAt, reading: Prisma.DbNull }, 'ended')
}

/** It stays in the list with its graph and its reading; it only does not count any more. */
export const excludeRun: Handler<'run:exclude'> = async (context, { id, version, reason }) => {
  const by = personOf(context)
  const run = await openRun(context, id, version, { isTakenOverToo: true })
  const excluded = { reason, by, at: context.now.getTime() }
  return tell(context, run, { excluded }, 'excluded', reason)
}

export const includeRun: Handler<'run:include'> = async (context, { id, version, reason }) => {
  const run = await openRun(context, id, version, { isTakenOverToo: true })
  if (run.excluded === null) return presentRun(run)
  return tell(context, run, { excluded: Prisma.DbNull }, 'included', reason)
}

/** The run, when a person may change it. @throws UserError row/conflict · experiment/archived · run/taken-over */
async function openRun(
  context: CommandContext,
  id: string,
  version: number,
  { isTakenOverToo = false } = {},
): Promise<StoredRun> {
  personOf(context)
  const run = await context.tx.experimentRun.findUnique({ where: { id }, include: { experiment: true } })
  if (run === null) throw new UserError('request/not-found', { what: 'run' })
  await loadExperiment(context, run.experimentId)
  await requireVersion(context, run, version, told.run(id), presentRun)
  if (run.experiment.archived) throw new UserError('experiment/archived')
  if (run.takenFrom !== null && !isTakenOverToo) throw new UserError('run/taken-over', { run: run.position })
  return run
}

/** Writes the change, has the reading made anew, and tells it. */
async function tell(
  { tx, emit }: CommandContext,
  { id, experimentId, experiment: { title } }: StoredRun,
  data: Prisma.ExperimentRunUncheckedUpdateInput,
  deed: Deed,
  reason?: string,
): Promise<RunRow> {
  const row = await tx.experimentRun.update({ where: { id }, data: { ...data, version: { increment: 1 } } })
  await tx.experiment.update({ where: { id: experimentId }, data: { conclusionKey: null } })
  const run = presentRun(row)
  await emit('run:changed', { run, title, deed, ...(reason === undefined ? {} : { reason }) })
  return run
}
