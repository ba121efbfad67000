import type { WriteAccess } from '#lib/investigation/access'
import { type Condition, readRunName } from '#lib/investigation/experiments'
import type { InvestigationId, SeriesId } from '#lib/investigation/ids'
import { Prisma } from '#prisma/generated/client'
import { db } from './client.ts'
import { type Emit, inRoom, inRoomAsNode, type Tx } from './events.ts'
import { presentRun } from './presenters.ts'

// Links what `leakroom watch --experiment 2 --run 3` sends to that run: by name, never by guess.

/** What a request brought for one run. */
export interface RunSamples {
  /** "2/3", and when the sender says it the condition that it has set up: "2/3A". */
  readonly run: string
  readonly process: string
  /** Series that were stored, by name (rss, rss-anon, iterations, …). */
  readonly series: ReadonlyMap<string, SeriesId>
  /** First and last sample, epoch milliseconds; null when only its end was told. */
  readonly from: number | null
  readonly to: number | null
  /** Time between samples, milliseconds; null when there is one only. */
  readonly spacingMs: number | null
  /** The sender says that the run is over. */
  readonly hasEnded: boolean
}

// Of an experiment only what is needed: its environments may be large, and samples come every two seconds.
const WITH_TITLE = { experiment: { select: { title: true, archived: true } } } as const
type StoredRun = Prisma.ExperimentRunGetPayload<{ include: typeof WITH_TITLE }>

/** The row of a running run is touched at most this often. */
const HEARD_EVERY_MS = 3000
const DEFAULT_SPACING_MS = 1000
const MOST_SPACING_MS = 3600_000
/** What takes memory shared with others in, and what leaves it out. The first one that is sent is judged. */
const MEMORY = ['rss-anon', 'rss'] as const
const ITERATIONS = 'iterations'

/**
 * Notes what was heard of a run: the first samples begin it, its end mark ends it. One query, and a transaction only where
 * the state changes.
 * @returns why it is not this run's, in words for whoever sends; null when all is well
 */
export async function hearRun(
  access: WriteAccess,
  heard: RunSamples,
  now: Date = new Date(),
): Promise<string | null> {
  const name = readName(heard.run)
  if (!name) return `"${heard.run.slice(0, 20)}" names no run: "2/3" is run 3 of experiment 2.`
  const run = await find(db(), access, name)
  const why = refusal(run, name, heard)
  if (why !== null || run === null) return why
  if (run.state === 'done' && isKnown(run, heard)) return null
  if (run.state === 'running' && !heard.hasEnded && !bindsMore(run, heard)) {
    const isRecent = run.heardAt !== null && now.getTime() - run.heardAt.getTime() < HEARD_EVERY_MS
    if (!isRecent) await touch(run, heard, now)
    return null
  }
  return inRoom(access, async (tx, emit) => {
    // Under the room's lock: somebody may have been faster.
    const current = await find(tx, access, name)
    const refused = refusal(current, name, heard)
    if (refused !== null || current === null) return refused
    await step({ tx, emit, now }, current, heard)
    return null
  })
}

interface Name {
  readonly experiment: number
  readonly position: number
  readonly condition: Condition | undefined
}

function readName(text: string): Name | undefined {
  const [, run, condition] = /^(.*?)([AB])?$/.exec(text) ?? []
  const name = run === undefined ? undefined : readRunName(run)
  return name && { ...name, condition: condition === 'A' || condition === 'B' ? condition : undefined }
}

const find = (
  client: Pick<Tx, 'experimentRun'>,
  { investigationId }: WriteAccess,
  { experiment: number, position }: Name,
): Promise<StoredRun | null> =>
  client.experimentRun.findFirst({
    where: { position, experiment: { investigationId, number } },
    include: WITH_TITLE,
  })

/** Why these samples cannot be this run's; null when they can. */
function refusal(run: StoredRun | null, name: Name, heard: RunSamples): string | null {
  const which = `Run ${name.position} of experiment ${name.experiment}`
  if (run === null) return `${which} is not there.`
  if (run.experiment.archived) return `Experiment ${name.experiment} was put away.`
  if (name.condition !== undefined && run.condition !== name.condition)
    return `${which} is one of condition ${run.condition}, and ${name.condition} was measured.`
  if (run.state === 'running' && run.process !== heard.process)
    return `${which} is being measured already, as “${run.process}”.`
  if (run.takenFrom !== null) return `${which} was taken over from another experiment.`
  if (run.state !== 'done' || isKnown(run, heard) || goesOn(run, heard)) return null
  return `${which} is over. Exclude it with a reason and add one in its place to measure it anew.`
}

/** A repeated delivery of what belongs to a run that is over. */
const isKnown = ({ toAt }: StoredRun, { to }: RunSamples): boolean =>
  to === null || (toAt !== null && to <= toAt.getTime())

/** Nothing was heard of it for a while, and now there is: the network was away, not the process. */
const goesOn = ({ endedBy, process }: StoredRun, heard: RunSamples): boolean =>
  endedBy === 'quiet' && process === heard.process

const memoryOf = ({ series }: RunSamples): SeriesId | undefined =>
  MEMORY.map((name) => series.get(name)).find((id) => id !== undefined)

/** A graph that the run does not have yet: anonymous memory comes before all of it, and iterations may begin late. */
function bindsMore(run: StoredRun, heard: RunSamples): boolean {
  const better = heard.series.get(MEMORY[0]) ?? (run.memorySeriesId === null ? memoryOf(heard) : undefined)
  const iterations = heard.series.get(ITERATIONS)
  return (
    (better !== undefined && better !== run.memorySeriesId) ||
    (iterations !== undefined && iterations !== run.iterationsSeriesId)
  )
}

async function touch({ id }: StoredRun, { spacingMs }: RunSamples, now: Date): Promise<void> {
  await db().experimentRun.updateMany({
    where: { id, state: 'running' },
    data: { heardAt: now, ...(spacingMs !== null && { spacingMs: spacing(spacingMs) }) },
  })
}

const spacing = (ms: number): number => Math.min(MOST_SPACING_MS, Math.max(1, Math.round(ms)))

interface Change {
  readonly tx: Tx
  readonly emit: Emit
  readonly now: Date
}

async function step(change: Change, run: StoredRun, heard: RunSamples): Promise<void> {
  let current = run
  const begins = current.state !== 'running' && heard.from !== null && !isKnownEnd(current, heard)
  if (begins || (current.state === 'running' && bindsMore(current, heard)))
    current = await begin(change, current, heard)
  if (heard.hasEnded && current.state === 'running') await end(change, current, 'mark')
}

const isKnownEnd = (run: StoredRun, heard: RunSamples): boolean => run.state === 'done' && isKnown(run, heard)

async function begin({ tx, emit, now }: Change, run: StoredRun, heard: RunSamples): Promise<StoredRun> {
  if (run.state === 'planned') await endQuietOthers({ tx, emit, now }, run)
  const isNew = run.state === 'planned'
  const row = await tx.experimentRun.update({
    where: { id: run.id },
    data: {
      state: 'running',
      process: heard.process,
      memorySeriesId: heard.series.get(MEMORY[0]) ?? run.memorySeriesId ?? memoryOf(heard) ?? null,
      iterationsSeriesId: heard.series.get(ITERATIONS) ?? run.iterationsSeriesId,
      ...(isNew && heard.from !== null && { fromAt: new Date(heard.from) }),
      toAt: null,
      endedBy: null,
      reading: Prisma.DbNull,
      heardAt: now,
      spacingMs: spacing(heard.spacingMs ?? run.spacingMs ?? DEFAULT_SPACING_MS),
      version: { increment: 1 },
    },
    include: WITH_TITLE,
  })
  await emit('run:changed', { run: presentRun(row), title: row.experiment.title, deed: 'started' })
  return row
}

/** One after the other is how runs are made: what fell silent before this one began is over. */
async function endQuietOthers(change: Change, { experimentId, id }: StoredRun): Promise<void> {
  const others = await change.tx.experimentRun.findMany({
    where: { experimentId, state: 'running', id: { not: id } },
    include: WITH_TITLE,
  })
  for (const other of others) {
    const silentMs = change.now.getTime() - (other.heardAt?.getTime() ?? 0)
    if (silentMs > 2 * (other.spacingMs ?? DEFAULT_SPACING_MS) + SEND_SLACK_MS)
      await end(change, other, 'next')
  }
}

/** Senders collect samples for two seconds. */
const SEND_SLACK_MS = 4000

async function end(
  { tx, emit }: Pick<Change, 'tx' | 'emit'>,
  run: StoredRun,
  endedBy: 'mark' | 'quiet' | 'next',
): Promise<void> {
  const memory = run.memorySeriesId
    ? await tx.series.findUnique({ where: { id: run.memorySeriesId }, select: { toAt: true } })
    : null
  const row = await tx.experimentRun.update({
    where: { id: run.id },
    data: {
      state: 'done',
      endedBy,
      toAt: memory?.toAt ?? run.fromAt,
      reading: Prisma.DbNull,
      version: { increment: 1 },
    },
  })
  await tx.experiment.update({ where: { id: run.experimentId }, data: { conclusionKey: null } })
  await emit('run:changed', { run: presentRun(row), title: run.experiment.title, deed: 'ended' })
}

/** Beyond this and three times its spacing, a run that is silent is over. */
const QUIET_MS = 30_000

/**
 * Ends runs of which nothing was heard any more. Every node may do this: under the room's lock each ends once.
 * @returns how many ended
 */
export async function endQuietRuns(now: Date = new Date()): Promise<number> {
  const silent = await db().$queryRaw<{ id: string; room: InvestigationId }[]>`
    select r.id, e.investigation_id as room from experiment_run r join experiment e on e.id = r.experiment_id
    where r.state = 'running'
      and r.heard_at + make_interval(secs => (3 * coalesce(r.spacing_ms, ${DEFAULT_SPACING_MS}) + ${QUIET_MS}) / 1000.0) < ${now}
    limit 100`
  let ended = 0
  for (const { id, room } of silent) {
    await inRoomAsNode(room, async (tx, emit) => {
      const run = await tx.experimentRun.findUnique({ where: { id }, include: WITH_TITLE })
      const quietMs = 3 * (run?.spacingMs ?? DEFAULT_SPACING_MS) + QUIET_MS
      if (run?.state !== 'running' || now.getTime() - (run.heardAt?.getTime() ?? 0) < quietMs) return
      await end({ tx, emit }, run, 'quiet')
      ended++
    })
  }
  return ended
}
