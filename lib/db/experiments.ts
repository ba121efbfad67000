import type { ProductionMatch } from '#lib/experiments/production'
import { RESULT_VERSION } from '#lib/experiments/result'
import type { RunReading } from '#lib/experiments/run'
import type { Standing } from '#lib/experiments/standing'
import type { ReadAccess } from '#lib/investigation/access'
import {
  Conclusion,
  type ExperimentRow,
  type RunRow,
  type StoredRunReading,
} from '#lib/investigation/experiments'
import { ExperimentId, type InvestigationId } from '#lib/investigation/ids'
import { Prisma } from '#prisma/generated/client'
import { db } from './client.ts'
import { contentHash } from './commands/context.ts'
import { inRoomAsNode, type Tx } from './events.ts'
import { keepEvidence } from './experiment-evidence.ts'
import { storedFix, storedMatch, storedResult, storedRunReading } from './experiment-forms.ts'
import { presentExperiment, presentRun } from './presenters.ts'

// What the server needs to judge experiments by itself. Nothing here asks for an access: only what was begun with one,
// and belongs to a room already, is carried on.

/** An experiment that is to be judged, with what names the state in which it was read. */
export interface OpenExperiment {
  readonly experiment: ExperimentRow
  readonly runs: readonly RunRow[]
  /** Names everything that its reading is made of, but for the samples of production. */
  readonly key: string
}

type Stored = Prisma.ExperimentGetPayload<{ include: { runs: true } }>

const WITH_RUNS = { runs: { orderBy: { position: 'asc' } } } as const

/** One experiment as a page asks for it. */
export interface FoundExperiment {
  readonly experiment: ExperimentRow
  readonly runs: readonly RunRow[]
  /** What was read of the pasted texts: the form of StoredEnvironment, or null. */
  readonly environments: { readonly production: unknown; readonly reproduction: unknown }
}

/** By its id, or by its number in the room; null when the room has none. */
export async function findExperiment(
  { investigationId }: ReadAccess,
  name: string,
): Promise<FoundExperiment | null> {
  const id = ExperimentId.safeParse(name).data
  const number = /^[1-9]\d{0,5}$/.test(name) ? Number(name) : undefined
  if (id === undefined && number === undefined) return null
  const row = await db().experiment.findFirst({
    where: { investigationId, ...(id === undefined ? { number } : { id }) },
    include: WITH_RUNS,
  })
  if (!row) return null
  const { production, reproduction } = row
  return {
    experiment: presentExperiment(row),
    runs: row.runs.map(presentRun),
    environments: { production, reproduction },
  }
}

/**
 * Experiments of the room whose reading may not stand any more. `ofProduction`: only those that are compared with a graph of
 * production, for when graphs grew and nothing else changed.
 */
export async function experimentsToJudge(
  investigationId: InvestigationId,
  { ofProduction = false } = {},
): Promise<OpenExperiment[]> {
  const rows = await db().experiment.findMany({
    where: { investigationId, archived: false, ...(ofProduction && { productionSeriesId: { not: null } }) },
    include: WITH_RUNS,
    orderBy: { number: 'asc' },
  })
  const open: OpenExperiment[] = []
  for (const row of rows.filter(isWorthJudging)) {
    const key = await keyOf(db(), row)
    if (key !== row.conclusionKey)
      open.push({ experiment: presentExperiment(row), runs: row.runs.map(presentRun), key })
  }
  return open
}

/** Nothing was made and nothing was ever said. */
const isWorthJudging = ({ runs, conclusion }: Stored): boolean =>
  conclusion !== null || runs.some(({ state }) => state === 'done')

/** Names everything that the reading of an experiment is made of. A graph of production counts as another one when it has grown by a tenth. */
async function keyOf(client: Pick<Tx, 'series'>, row: Stored): Promise<string> {
  const ids = [row.productionSeriesId, row.productionCounterId].filter((id) => id !== null)
  const graphs =
    ids.length === 0
      ? []
      : await client.series.findMany({
          where: { id: { in: ids } },
          select: { points: true },
          orderBy: { id: 'asc' },
        })
  return contentHash([
    RESULT_VERSION,
    row.kind,
    row.labelA,
    row.labelB,
    row.parity,
    row.productionSeriesId,
    row.productionCounterId,
    graphs.map(({ points }) => roughly(points)),
    row.hypothesisId,
    row.title,
    row.runs.map(({ version: _, heardAt: __, spacingMs: ___, ...run }) => run),
  ])
}

const roughly = (points: number): number => Math.floor(Math.log(points + 1) / Math.log(1.1))

/** Rooms in which something was left unjudged: a node went down, or the method has another version. */
export async function roomsToJudge(): Promise<InvestigationId[]> {
  const rows = await db().$queryRaw<{ id: InvestigationId }[]>`
    select distinct e.investigation_id as id from experiment e
    where not e.archived and (
      (e.conclusion_key is null and exists (
        select 1 from experiment_run r where r.experiment_id = e.id and r.state = 'done'))
      or (e.conclusion is not null and (e.conclusion->'result'->>'version')::int <> ${RESULT_VERSION}))
    limit 50`
  return rows.map(({ id }) => id)
}

/** A run that was made by another version of the method is read again as long as its graph is there. */
export const needsReading = (run: RunRow, { conclusion }: ExperimentRow): boolean =>
  run.state === 'done' &&
  run.memorySeriesId !== null &&
  run.from !== null &&
  run.to !== null &&
  (run.reading === null || (conclusion !== null && conclusion.result.version !== RESULT_VERSION))

/** A run that was read, with what names the state of its graphs. */
export interface ReadRun {
  readonly run: RunRow
  readonly title: string
  /** Versions of its graphs, as of this answer or a moment before: another one may have other samples in the range. */
  readonly graphs: string
}

/** Runs of the room that were read and whose graph is there, but for those that were put away. */
export async function runsThatWereRead(investigationId: InvestigationId): Promise<ReadRun[]> {
  const version = { select: { version: true } } as const
  const rows = await db().experimentRun.findMany({
    where: {
      state: 'done',
      memorySeriesId: { not: null },
      reading: { not: Prisma.AnyNull },
      experiment: { investigationId, archived: false },
    },
    include: { experiment: { select: { title: true } }, memory: version, iterations: version },
    orderBy: [{ experimentId: 'asc' }, { position: 'asc' }],
  })
  return rows.map(({ experiment: { title }, memory, iterations, ...row }) => ({
    run: presentRun(row),
    title,
    graphs: [row.fromAt, row.toAt, memory?.version, iterations?.version].map(String).join(' '),
  }))
}

/** What a run says by itself, and how many samples it was read from. */
export interface RunAnswer {
  readonly reading: RunReading
  readonly samples: number
}

/**
 * Keeps what a run says by itself, and tells it; when it was read before, with what came in since.
 * @returns `same`: it says what it said; `outdated`: it changed meanwhile, or another node was faster
 */
export async function settleRun(
  { title, run }: { readonly title: string; readonly run: RunRow },
  investigationId: InvestigationId,
  { reading, samples }: RunAnswer,
): Promise<'news' | 'same' | 'outdated'> {
  return inRoomAsNode(investigationId, async (tx, emit) => {
    const stored = await tx.experimentRun.findFirst({ where: { id: run.id, version: run.version } })
    if (!stored) return 'outdated'
    const before = presentRun(stored).reading
    const added = before?.samples === undefined ? 0 : Math.max(0, samples - before.samples)
    const next: StoredRunReading = {
      ...storedRunReading(reading),
      samples,
      addedLater: (before?.addedLater ?? 0) + added,
    }
    if (before && contentHash(canonical(likeBefore(next, before))) === contentHash(canonical(before)))
      return 'same'
    const row = await tx.experimentRun.update({
      where: { id: run.id },
      data: { reading: next, version: { increment: 1 } },
    })
    const reason = before && readAgainBecause(before, samples)
    await emit('run:changed', { run: presentRun(row), title, deed: 'read', ...(reason && { reason }) })
    return 'news'
  })
}

/** A reading of before the number of samples was noted is no other one for that. */
function likeBefore(next: StoredRunReading, before: StoredRunReading): StoredRunReading {
  const { samples: _, addedLater: __, ...rest } = next
  return before.samples === undefined ? rest : next
}

function readAgainBecause(before: StoredRunReading, samples: number): string | undefined {
  if (before.samples === undefined || before.samples === samples) return undefined
  const by = samples - before.samples
  return by > 0
    ? `${by === 1 ? '1 sample was' : `${by} samples were`} added to its range`
    : 'samples of its range are gone'
}

/** What was computed of an experiment as it stood under `key`. */
export interface Judgement {
  readonly key: string
  readonly standing: Standing
  readonly production: ProductionMatch | null
}

/**
 * Keeps the reading of an experiment and tells it when words or numbers are others than before; keeps its piece of evidence
 * up to date. Under the room's lock: when the experiment changed since, or another node was faster, nothing happens.
 * @returns the row as it stands, null when the judgement is out of date
 */
export async function settleExperiment(
  { experiment }: OpenExperiment,
  investigationId: InvestigationId,
  { key, standing, production }: Judgement,
  now: Date = new Date(),
): Promise<ExperimentRow | null> {
  const { id } = experiment
  return inRoomAsNode(investigationId, async (tx, emit) => {
    const row = await tx.experiment.findUnique({ where: { id }, include: WITH_RUNS })
    if (!row || (await keyOf(tx, row)) !== key) return null
    if (row.conclusionKey === key) return presentExperiment(row)
    const before = presentExperiment(row).conclusion
    const conclusion = concluded({ standing, production, row, now, before })
    const isNews = before === null || !saysTheSame(before, conclusion)
    const next = await tx.experiment.update({
      where: { id },
      data: {
        conclusionKey: key,
        ...(isNews && { conclusion, version: { increment: 1 }, updatedAt: now }),
      },
    })
    const shown = presentExperiment(next)
    if (isNews) await emit('experiment:concluded', { experiment: shown })
    await keepEvidence({ tx, emit, now }, next, isNews ? conclusion : before)
    return shown
  })
}

function concluded({
  standing: { result, fix, words, runsLeft, notes },
  production,
  row,
  now,
  before,
}: {
  standing: Standing
  production: ProductionMatch | null
  row: Stored
  now: Date
  before: Conclusion | null
}): Conclusion {
  const parity = presentExperiment(row).parity?.score ?? null
  const anew =
    before !== null && before.result.version !== RESULT_VERSION
      ? [`Computed anew with version ${RESULT_VERSION} of the method, before with ${before.result.version}.`]
      : []
  return Conclusion.parse({
    result: storedResult(result),
    words: words.slice(0, 4000),
    fix: fix && storedFix(fix),
    production: production && storedMatch(production),
    parity,
    runsLeft,
    notes: [...notes, ...anew],
    at: now.getTime(),
  })
}

/** Numbers of production follow its graph and are compared as people read them. */
const saysTheSame = (a: Conclusion, b: Conclusion): boolean =>
  contentHash(canonical(comparable(a))) === contentHash(canonical(comparable(b)))

const comparable = ({ at: _, production, notes, ...rest }: Conclusion) => ({
  ...rest,
  notes: notes.filter((note) => !note.startsWith('Computed anew')),
  production: production && { verdict: production.verdict, words: production.words },
})

/** With sorted keys: PostgreSQL orders a jsonb's keys as it likes. */
function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(canonical)
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => [key, canonical(inner)])
}
