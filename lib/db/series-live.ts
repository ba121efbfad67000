import { UserError } from '#lib/errors/user-error'
import type { WriteAccess } from '#lib/investigation/access'
import { SeriesId } from '#lib/investigation/ids'
import { cleanSamples, type Samples } from '#lib/series/samples'
import { db } from './client.ts'
import { type Emit, inRoom, type Tx } from './events.ts'
import { presentSeries } from './presenters.ts'
import type { SeriesIdentity } from './series.ts'
import { writeChunks } from './series-chunks.ts'
import { growTails } from './series-tails.ts'
import { storable } from './storable.ts'

/** Samples of one live series. */
export interface LiveSamples extends SeriesIdentity {
  /** In any order. */
  readonly samples: Samples
}

/** What became of a batch of live samples. */
export interface Appended {
  readonly seriesId: SeriesId
  readonly accepted: number
  /** Moments that were known already: their values were replaced by these. */
  readonly duplicates: number
}

/** The log of a room that nobody is in hears this often that a live series grew (open ones: lib/http/live-telling.ts). */
const TELL_EVERY_MS = 10 * 60_000
/** A machine that puts a request id into a series' name would otherwise fill the room. */
const MOST_SERIES = 500
/** One transaction writes so many series or samples: others who feed the same series wait for its end. */
const MOST_AT_ONCE = { series: 25, samples: 100_000 } as const
const TIMES = { timeout: 15_000, maxWait: 10_000 } as const

/** The same for one series. @throws UserError request/malformed when the room has too many */
export async function appendLive(
  access: WriteAccess,
  identity: SeriesIdentity,
  samples: Samples,
): Promise<Appended> {
  const [outcome] = await appendAllLive(access, [{ ...identity, samples }])
  if (outcome instanceof UserError) throw outcome
  return outcome!
}

/**
 * Adds live samples to series, which the first samples of each create. A repeated delivery is counted, not stored twice;
 * late ones find their place. The log gets `series:added` once and `series:changed` when a ten-minute mark is passed: a row
 * per second would drown the timeline.
 *
 * Up to 25 series share a transaction. Who feeds the same ones at the same time takes their locks in the same order, and
 * only who holds the room's lock creates one: nobody waits crosswise.
 *
 * @returns what became of each batch, in their order; a UserError for one that the room does not take. Whatever else fails is
 *   thrown after the others were stored.
 */
export async function appendAllLive(
  access: WriteAccess,
  batches: readonly LiveSamples[],
): Promise<(Appended | UserError)[]> {
  const outcomes = new Map<Pending, Appended | UserError>()
  const pending = batches.map(pendingOf)
  const broken: unknown[] = []
  for (const group of groupsOf(pending)) {
    try {
      await appendGroup(access, group, outcomes)
    } catch (error) {
      if (group.length === 1) throw error
      await appendAlone(access, group, { outcomes, broken })
    }
  }
  if (broken.length > 0) throw broken[0]
  return pending.map((one) => outcomes.get(one)!)
}

/** Samples on their way, clean, with whole milliseconds. */
interface Pending extends SeriesIdentity {
  readonly key: string
  readonly samples: Samples
  readonly sent: number
}
type Outcomes = Map<Pending, Appended | UserError>

const keyOf = ({ name, process }: Pick<SeriesIdentity, 'name' | 'process'>): string =>
  JSON.stringify([name, process])

function pendingOf({ name, label, process, unit, samples }: LiveSamples): Pending {
  const identity = storable({ name, label, process, unit })
  return { ...identity, key: keyOf(identity), samples: wholeSamples(samples), sent: samples.t.length }
}

/** Clean, with whole milliseconds: as series are stored. */
export const wholeSamples = (samples: Samples): Samples =>
  cleanSamples({ ...samples, t: samples.t.every(Number.isInteger) ? samples.t : samples.t.map(Math.round) })

/** In their order; in no group a series comes twice, so that the later of two batches is written after the first. */
function groupsOf(pending: readonly Pending[]): Pending[][] {
  const groups: { members: Pending[]; keys: Set<string>; samples: number }[] = []
  for (const one of pending) {
    const last = groups[groups.length - 1]
    const fits =
      last !== undefined &&
      last.members.length < MOST_AT_ONCE.series &&
      last.samples + one.samples.t.length <= MOST_AT_ONCE.samples &&
      !last.keys.has(one.key)
    const group = fits ? last : { members: [], keys: new Set<string>(), samples: 0 }
    if (!fits) groups.push(group)
    group.members.push(one)
    group.keys.add(one.key)
    group.samples += one.samples.t.length
  }
  return groups.map(({ members }) => members)
}

/** After a group failed: one that cannot be stored must not take the others with it. Two of them are no accident. */
async function appendAlone(
  access: WriteAccess,
  group: readonly Pending[],
  { outcomes, broken }: { outcomes: Outcomes; broken: unknown[] },
): Promise<void> {
  for (const one of group.filter((each) => !outcomes.has(each))) {
    try {
      await appendGroup(access, [one], outcomes)
    } catch (error) {
      broken.push(error)
      if (broken.length > 1) throw error
    }
  }
}

/** Adds to `outcomes` what is committed. */
async function appendGroup(
  access: WriteAccess,
  group: readonly Pending[],
  outcomes: Outcomes,
): Promise<void> {
  const keep = (committed: Outcomes) => {
    for (const [one, outcome] of committed) outcomes.set(one, outcome)
  }
  // Most requests change nothing that the log tells, and do not ask for the room's lock.
  const quietly = db().$transaction(async (tx) => {
    const rows = await lockLive(tx, access, group)
    return write(
      tx,
      group.filter((one) => isQuiet(rows.get(one.key), one)),
      rows,
    )
  }, TIMES)
  keep(await quietly)
  const told = group.filter((one) => !outcomes.has(one))
  if (told.length === 0) return
  const inTheLog = inRoom(access, async (tx, emit) => {
    const rows = await lockLive(tx, access, told)
    const { created, refused } = await createMissing(tx, access, told, rows)
    const taken = told.filter((one) => !refused.has(one))
    const written = await write(tx, taken, rows)
    await tell(tx, emit, taken, { rows, created })
    return new Map([...refused, ...written])
  })
  keep(await inTheLog)
}

/** A live series under its lock. */
interface LockedSeries {
  readonly id: string
  readonly toAt: Date | null
}
type Locked = Map<string, LockedSeries>

/** Those that exist, locked in the order of their names. The lock lets experiments refer to them meanwhile. */
async function lockLive(
  tx: Tx,
  { investigationId }: WriteAccess,
  group: readonly Pending[],
): Promise<Locked> {
  const names = group.map(({ name }) => name)
  const processes = group.map(({ process }) => process)
  const rows = await tx.$queryRaw<{ id: string; name: string; process: string; to_at: Date | null }[]>`
    select id, name, process, to_at from series
    where investigation_id = ${investigationId}::uuid and source = 'live'
      and (name, process) in (select * from unnest(${names}::text[], ${processes}::text[]))
    order by name, process for no key update`
  return new Map(rows.map(({ to_at, ...row }) => [keyOf(row), { id: row.id, toAt: to_at }]))
}

const markOf = (at: number): number => Math.floor(at / TELL_EVERY_MS)

function isQuiet(row: LockedSeries | undefined, { samples: { t } }: Pending): boolean {
  return row?.toAt != null && markOf(t[t.length - 1] ?? 0) <= markOf(row.toAt.getTime())
}

/** Adds the samples to the chunks and the rows of series that are locked; all of `group` are in `rows`. */
async function write(tx: Tx, group: readonly Pending[], rows: Locked): Promise<Outcomes> {
  const outcomes: Outcomes = new Map()
  if (group.length === 0) return outcomes
  const idOf = ({ key }: Pending) => rows.get(key)!.id
  const samplesOf = new Map(group.map((one) => [idOf(one), one.samples]))
  const accepted = await growTails(tx, samplesOf)
  for (const [id, samples] of samplesOf)
    if (!accepted.has(id)) accepted.set(id, samples.t.length === 0 ? 0 : await writeChunks(tx, id, samples))
  const grown = [...samplesOf].filter(([, { t }]) => t.length > 0)
  await tx.$executeRaw`
    update series set version = version + 1, points = points + grown.accepted,
      from_at = least(from_at, timestamptz 'epoch' + grown.from_ms * interval '1 millisecond'),
      to_at = greatest(to_at, timestamptz 'epoch' + grown.to_ms * interval '1 millisecond')
    from unnest(
      ${grown.map(([id]) => id)}::uuid[], ${grown.map(([id]) => accepted.get(id)!)}::int[],
      ${grown.map(([, { t }]) => BigInt(t[0]!))}::bigint[],
      ${grown.map(([, { t }]) => BigInt(t[t.length - 1]!))}::bigint[]
    ) as grown(id, accepted, from_ms, to_ms)
    where series.id = grown.id`
  for (const one of group) {
    const id = idOf(one)
    const count = accepted.get(id)!
    outcomes.set(one, { seriesId: SeriesId.parse(id), accepted: count, duplicates: one.sent - count })
  }
  return outcomes
}

/** Makes rows for new series, as long as the room has space, and adds them to `rows`. Call it under the room's lock. */
async function createMissing(
  tx: Tx,
  { investigationId, actor }: WriteAccess,
  group: readonly Pending[],
  rows: Locked,
): Promise<{ created: ReadonlySet<string>; refused: Outcomes }> {
  const created = new Set<string>()
  const refused: Outcomes = new Map()
  const missing = group.filter(({ key }) => !rows.has(key))
  if (missing.length === 0) return { created, refused }
  const createdBy = actor.kind === 'person' ? actor.userId : `token:${actor.tokenId}`
  const now = Date.now()
  let space = MOST_SERIES - (await tx.series.count({ where: { investigationId } }))
  for (const one of missing) {
    if (space <= 0) {
      const where = `this investigation has ${MOST_SERIES} series already`
      refused.set(one, new UserError('request/malformed', { where }))
      continue
    }
    space--
    const { name, label, process, unit, samples } = one
    // Its first samples make it version 1.
    const version = samples.t.length === 0 ? 1 : 0
    // Rooms list series by their age: those of one request keep its order.
    const createdAt = new Date(now + created.size)
    const { id } = await tx.series.create({
      data: { investigationId, name, label, process, unit, source: 'live', createdBy, createdAt, version },
    })
    rows.set(one.key, { id, toAt: null })
    created.add(id)
  }
  return { created, refused }
}

async function tell(
  tx: Tx,
  emit: Emit,
  group: readonly Pending[],
  { rows, created }: { rows: Locked; created: ReadonlySet<string> },
): Promise<void> {
  const ids = group.map(({ key }) => rows.get(key)!.id)
  const stored = new Map(
    (await tx.series.findMany({ where: { id: { in: ids } } })).map((row) => [row.id, row]),
  )
  for (const id of ids)
    await emit(created.has(id) ? 'series:added' : 'series:changed', {
      series: presentSeries(stored.get(id)!),
    })
}

/** Tells the room how a series stands now. Nothing happens when it is gone. */
export async function tellSeries(access: WriteAccess, seriesId: SeriesId): Promise<void> {
  const { investigationId } = access
  await inRoom(access, async (tx, emit) => {
    const row = await tx.series.findFirst({ where: { id: seriesId, investigationId } })
    if (row) await emit('series:changed', { series: presentSeries(row) })
  })
}
