import { randomUUID } from 'node:crypto'
import { UserError } from '#lib/errors/user-error'
import { readEnvironment } from '#lib/experiments/environment/read-environment'
import { balancedOrder } from '#lib/experiments/order'
import type { RoomEventPayload } from '#lib/investigation/events'
import type { ExperimentRow, RunRow, StoredEnvironment } from '#lib/investigation/experiments'
import { EXPERIMENT_LIMITS } from '#lib/investigation/experiments'
import { Prisma } from '#prisma/generated/client'
import { storedParity } from '../experiment-forms.ts'
import { presentExperiment, presentRun } from '../presenters.ts'
import { requireRoomFor } from './capacity.ts'
import { requireVersion, told } from './conflict.ts'
import { type CommandContext, differing, type Handler, madeBefore, ofThisRoom, personOf } from './context.ts'

type StoredExperiment = Prisma.ExperimentGetPayload<object>
type NewRun = Prisma.ExperimentRunCreateManyInput

/** Of a lockfile with thousands of packages: what changes memory is kept first. */
const MOST_FACTS = 3000

/** Plans an experiment: its runs are laid out in the order that the seed draws, before any of them is made. */
export const addExperiment: Handler<'experiment:add'> = async (context, { before, ...sent }) => {
  const { tx, emit, access, now } = context
  const { investigationId } = access
  const createdBy = personOf(context)
  const known = madeBefore(context, await tx.experiment.findUnique({ where: { id: sent.id } }))
  if (known) return { experiment: presentExperiment(known), runs: await runsOf(context, known.id) }

  const hypothesis = await tx.hypothesis.findUnique({ where: { id: sent.hypothesisId } })
  ofThisRoom(context, hypothesis, 'hypothesis')
  await requireRoomFor(context, 'experiments')
  const taken = before === null ? [] : await runsBefore(context, sent.kind, before)
  const { _max: last } = await tx.experiment.aggregate({ where: { investigationId }, _max: { number: true } })
  const row = await tx.experiment.create({
    data: {
      ...sent,
      investigationId,
      number: (last.number ?? 0) + 1,
      createdBy,
      createdAt: now,
      updatedAt: now,
    },
  })
  await tx.experimentRun.createMany({ data: taken.length > 0 ? afterwards(row, taken) : laidOut(row) })
  const experiment = presentExperiment(row)
  const runs = await runsOf(context, row.id)
  await emit('experiment:added', { experiment, runs })
  return { experiment, runs }
}

const laidOut = ({ id, perArm, seed, calibration }: StoredExperiment): NewRun[] =>
  balancedOrder(perArm, seed, { calibration: calibration > 0 }).map(({ number, condition, pair }) => ({
    id: randomUUID(),
    experimentId: id,
    position: number,
    condition,
    isCalibration: pair === 0,
  }))

/** Runs that were made before a fix, and as many to be made after it. */
function afterwards(
  { id, perArm }: StoredExperiment,
  taken: readonly Prisma.ExperimentRunGetPayload<object>[],
): NewRun[] {
  const made = taken.map(({ version: _, spacingMs: __, heardAt: ___, ...run }, index) => ({
    ...run,
    id: randomUUID(),
    experimentId: id,
    position: index + 1,
    isCalibration: false,
    isAdded: false,
    takenFrom: run.id,
    excluded: run.excluded ?? Prisma.DbNull,
    reading: run.reading ?? Prisma.DbNull,
  }))
  const open = Array.from({ length: perArm }, (_, index) => ({
    id: randomUUID(),
    experimentId: id,
    position: made.length + index + 1,
    condition: 'B',
    isCalibration: false,
  }))
  return [...made, ...open]
}

/** The runs of A that were made, those that were excluded among them. @throws UserError request/malformed */
async function runsBefore(context: CommandContext, kind: string, experimentId: string) {
  if (kind !== 'verify') throw new UserError('request/malformed', { where: 'before' })
  const { tx } = context
  ofThisRoom(context, await tx.experiment.findUnique({ where: { id: experimentId } }), 'experiment')
  const runs = await tx.experimentRun.findMany({
    where: { experimentId, condition: 'A', state: 'done' },
    orderBy: { position: 'asc' },
  })
  if (runs.length === 0) throw new UserError('experiment/no-runs')
  return runs
}

async function runsOf({ tx }: CommandContext, experimentId: string): Promise<RunRow[]> {
  const rows = await tx.experimentRun.findMany({ where: { experimentId }, orderBy: { position: 'asc' } })
  return rows.map(presentRun)
}

/** What each field of a change is called in the log. */
const CHANGED = {
  title: 'title',
  hypothesisId: 'hypothesis',
  steps: 'steps',
  command: 'steps',
  beforeA: 'steps',
  beforeB: 'steps',
  iterations: 'counted',
  labelA: 'conditions',
  labelB: 'conditions',
  runSeconds: 'length',
  expectedPerHour: 'expected',
  knownTrouble: 'trouble',
  productionSeriesId: 'production-series',
  productionCounterId: 'production-series',
} as const

export const changeExperiment: Handler<'experiment:change'> = async (context, { id, version, ...patch }) => {
  const row = await openExperiment(context, id, version)
  const changed = differing(row, patch)
  if (changed.length === 0) return presentExperiment(row)
  const { tx } = context
  if (patch.hypothesisId !== undefined) {
    const hypothesis = await tx.hypothesis.findUnique({ where: { id: patch.hypothesisId } })
    ofThisRoom(context, hypothesis, 'hypothesis')
  }
  for (const seriesId of [patch.productionSeriesId, patch.productionCounterId])
    if (seriesId) ofThisRoom(context, await tx.series.findUnique({ where: { id: seriesId } }), 'memory graph')
  return tell(context, id, patch, [...new Set(changed.map((field) => CHANGED[field]))])
}

/** Keeps what is the case in an environment, never the text that told it. */
export const setEnvironment: Handler<'experiment:set-environment'> = async (
  context,
  { id, version, side, text },
) => {
  const row = await openExperiment(context, id, version)
  const read = readEnvironment(text)
  if (text.trim() !== '' && read.facts.length === 0) throw new UserError('experiment/no-facts')
  const environment: StoredEnvironment | null =
    read.facts.length === 0
      ? null
      : { facts: mostImportant(read.facts), ignored: read.ignored, at: context.now.getTime() }
  const next = { ...row, [side]: environment }
  const data = { [side]: environment ?? Prisma.DbNull, parity: storedParity(next) ?? Prisma.DbNull }
  return tell(context, id, data, [side])
}

function mostImportant(facts: readonly StoredEnvironment['facts'][number][]) {
  const rank = ({ kind }: StoredEnvironment['facts'][number]) => (kind === 'package' ? 1 : 0)
  return [...facts].sort((a, b) => rank(a) - rank(b)).slice(0, MOST_FACTS)
}

export const waiveDifference: Handler<'experiment:waive'> = async (context, { id, version, key, reason }) => {
  const row = await openExperiment(context, id, version)
  const { waived } = presentExperiment(row)
  const others = waived.filter((one) => one.key !== key)
  if (reason !== null && others.length >= EXPERIMENT_LIMITS.waived)
    throw new UserError('room/full', { what: 'waived differences', limit: EXPERIMENT_LIMITS.waived })
  const by = personOf(context)
  const next = reason === null ? others : [...others, { key, reason, by, at: context.now.getTime() }]
  const parity = storedParity({ ...row, waived: next }) ?? Prisma.DbNull
  return tell(context, id, { waived: next, parity }, ['waived'])
}

export const archiveExperiment: Handler<'experiment:archive'> = async (
  context,
  { id, version, archived },
) => {
  const row = await loadExperiment(context, id)
  personOf(context)
  await requireVersion(context, row, version, told.experiment(id), presentExperiment)
  if (row.archived === archived) return presentExperiment(row)
  return tell(context, id, { archived }, [archived ? 'archived' : 'unarchived'])
}

type Changed = RoomEventPayload<'experiment:changed'>['changed']

/** Writes the change, has the reading made anew, and tells it. */
async function tell(
  { tx, emit, now }: CommandContext,
  id: string,
  data: Prisma.ExperimentUncheckedUpdateInput,
  changed: Changed,
): Promise<ExperimentRow> {
  const row = await tx.experiment.update({
    where: { id },
    data: { ...data, conclusionKey: null, version: { increment: 1 }, updatedAt: now },
  })
  const experiment = presentExperiment(row)
  await emit('experiment:changed', { experiment, changed })
  return experiment
}

/** The row, when a person of this room may change it and knows how it stands. @throws UserError row/conflict · experiment/archived */
export async function openExperiment(
  context: CommandContext,
  id: string,
  version: number,
): Promise<StoredExperiment> {
  personOf(context)
  const row = await loadExperiment(context, id)
  await requireVersion(context, row, version, told.experiment(id), presentExperiment)
  if (row.archived) throw new UserError('experiment/archived')
  return row
}

export async function loadExperiment(context: CommandContext, id: string): Promise<StoredExperiment> {
  return ofThisRoom(context, await context.tx.experiment.findUnique({ where: { id } }), 'experiment')
}
