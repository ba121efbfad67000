import { randomUUID } from 'node:crypto'
import type { ReadAccess } from '#lib/investigation/access'
import { InvestigationId, SourceId, type TeamId } from '#lib/investigation/ids'
import { hostOf, type SourceChange, SourceSeries, SourceTimes } from '#lib/investigation/sources'
import type { Prisma } from '#prisma/generated/client'
import { db } from './client.ts'
import { type Emit, inRoomAsNode, type Tx } from './events.ts'
import { presentSource } from './presenters.ts'

/** A node that fetches has to come to its next step within this time, or another one takes over. */
export const LEASE_MS = 60_000

/** How rows say which source fed a series: its actor is a machine of this name (lib/auth/gate.ts). */
export const sourceTokenId = (sourceId: string): string => `source:${sourceId}`
const FED_BY_SOURCE = `token:${sourceTokenId('')}`

/** A source that this node may fetch from now. Times are epoch milliseconds. */
export interface ClaimedSource {
  readonly id: SourceId
  readonly investigationId: InvestigationId
  readonly url: string
  readonly query: string
  readonly stepMs: number
  readonly refreshMs: number
  readonly from: number
  /** Sealed. */
  readonly authorization: string | null
  readonly series: readonly SourceSeries[]
  readonly follows: boolean
  readonly startTimes: boolean
  readonly failures: number
  /** The end of what has been fetched. */
  readonly reachedAt: number | null
  readonly lease: string
}

/**
 * Takes sources whose time has come, at most `limit`, for this node alone: of two nodes that ask at once each gets others.
 * One statement.
 *
 * @param now by the database's clock unless given
 */
export async function claimSources(limit: number, now?: Date): Promise<ClaimedSource[]> {
  if (limit <= 0) return []
  const lease = randomUUID()
  const at = now ?? null
  const rows = await db().$queryRaw<{ id: string }[]>`
    update series_source set lease = ${lease}::uuid,
      lease_until = coalesce(${at}::timestamptz, now()) + ${LEASE_MS} * interval '1 millisecond'
    where id in (
      select id from series_source
      where next_at <= coalesce(${at}::timestamptz, now())
        and (lease_until is null or lease_until <= coalesce(${at}::timestamptz, now()))
      order by next_at limit ${limit} for update skip locked
    ) returning id`
  if (rows.length === 0) return []
  const claimed = await db().seriesSource.findMany({ where: { id: { in: rows.map(({ id }) => id) }, lease } })
  return claimed.map((row) => ({
    id: SourceId.parse(row.id),
    investigationId: InvestigationId.parse(row.investigationId),
    url: row.url,
    query: row.query,
    stepMs: row.stepSeconds * 1000,
    refreshMs: row.refreshSeconds * 1000,
    from: row.fromAt.getTime(),
    authorization: row.authorization,
    series: SourceSeries.array().parse(row.series),
    follows: row.follows,
    startTimes: row.startTimes,
    failures: row.failures,
    reachedAt: row.reachedAt?.getTime() ?? null,
    lease,
  }))
}

type Held = Pick<ClaimedSource, 'id' | 'lease'>

/**
 * Notes how far a fetch has come, and keeps the source for this node. False: it was paused, removed or taken over, and
 * the fetch ends here.
 */
export async function reachSource(
  { id, lease }: Held,
  reachedAt: number,
  now = new Date(),
): Promise<boolean> {
  const { count } = await db().seriesSource.updateMany({
    where: { id, lease },
    data: { reachedAt: new Date(reachedAt), leaseUntil: new Date(now.getTime() + LEASE_MS) },
  })
  return count > 0
}

/** Gives a source back as it was taken: the node goes down. */
export async function releaseSource({ id, lease }: Held): Promise<void> {
  await db().seriesSource.updateMany({ where: { id, lease }, data: { lease: null, leaseUntil: null } })
}

/** What a fetch came to. */
export type FetchOutcome =
  /** `nextAt` null: everything that was asked for is here. */
  | { readonly ok: true; readonly nextAt: number | null }
  /** `isTold`: the source is failing now, not only this once. */
  | { readonly ok: false; readonly nextAt: number; readonly problem: string; readonly isTold: boolean }

/**
 * Ends a fetch: gives the source back with the time of the next one. The room is told when the source begins to fail, when
 * it works again, and when all of it has been fetched; nothing is told of a fetch like the last one.
 */
export async function endFetch(claim: ClaimedSource, outcome: FetchOutcome, now = new Date()): Promise<void> {
  const { id, lease, investigationId } = claim
  const settled = {
    lease: null,
    leaseUntil: null,
    lastAt: now,
    nextAt: outcome.nextAt === null ? null : new Date(outcome.nextAt),
    lastError: outcome.ok ? null : outcome.problem,
    failures: outcome.ok ? 0 : claim.failures + 1,
  }
  const row = await db().seriesSource.findFirst({ where: { id, lease } })
  if (!row) return
  const change = changeOf(row.state, outcome)
  if (!change) {
    await db().seriesSource.updateMany({ where: { id, lease }, data: settled })
    return
  }
  await inRoomAsNode(investigationId, (tx, emit) =>
    settle(tx, emit, { id, lease }, { settled, change, outcome }),
  )
}

function changeOf(state: string, outcome: FetchOutcome): SourceChange | undefined {
  if (!outcome.ok) return outcome.isTold && state === 'ok' ? 'failing' : undefined
  if (outcome.nextAt === null) return 'finished'
  return state === 'failing' ? 'recovered' : undefined
}

async function settle(
  tx: Tx,
  emit: Emit,
  held: Held,
  {
    settled,
    change,
    outcome,
  }: { settled: Prisma.SeriesSourceUpdateManyMutationInput; change: SourceChange; outcome: FetchOutcome },
): Promise<void> {
  const state = change === 'failing' ? 'failing' : change === 'finished' ? 'done' : 'ok'
  const { count } = await tx.seriesSource.updateMany({
    where: held,
    data: { ...settled, state, problem: outcome.ok ? null : outcome.problem, version: { increment: 1 } },
  })
  // Paused or removed meanwhile: whoever did that has told it.
  if (count === 0) return
  const row = await tx.seriesSource.findUniqueOrThrow({ where: { id: held.id } })
  await emit('source:changed', { source: presentSource(row), changed: change })
}

/** What changes with every fetch, of all sources of the room. */
export async function listSourceTimes({ investigationId }: ReadAccess): Promise<SourceTimes> {
  const rows = await db().seriesSource.findMany({ where: { investigationId } })
  return SourceTimes.parse({
    sources: rows.map(({ id, lastError, ...row }) => ({
      id,
      reachedAt: row.reachedAt?.getTime() ?? null,
      lastAt: row.lastAt?.getTime() ?? null,
      nextAt: row.nextAt?.getTime() ?? null,
      lastError,
    })),
  })
}

/** For the gate: where a source writes, and what it is called by. Null when it was removed. */
export async function findSource(
  sourceId: string,
): Promise<{ investigationId: InvestigationId; teamId: TeamId; host: string } | null> {
  const row = await db().seriesSource.findUnique({
    where: { id: sourceId },
    include: { investigation: { select: { teamId: true } } },
  })
  if (!row) return null
  return {
    investigationId: InvestigationId.parse(row.investigationId),
    // reason: a foreign key to a team's row.
    teamId: row.investigation.teamId as TeamId,
    host: hostOf(row.url),
  }
}

/**
 * The chosen series under names of their own: one that is fed otherwise (an agent, remote write, another source) would
 * become a mixture of both. What an earlier source has fed is carried on.
 */
export async function distinctSeries(
  tx: Tx,
  investigationId: string,
  url: string,
  chosen: readonly SourceSeries[],
): Promise<SourceSeries[]> {
  const others = await tx.seriesSource.findMany({ where: { investigationId }, select: { series: true } })
  const live = await tx.series.findMany({
    where: { investigationId, source: 'live', NOT: { createdBy: { startsWith: FED_BY_SOURCE } } },
    select: { name: true, process: true },
  })
  const fed = others.flatMap(({ series }) => SourceSeries.array().parse(series))
  const taken = new Set([...live, ...fed].map(identityOf))
  return chosen.map((one) => {
    const made = firstFree(one, hostOf(url), taken)
    taken.add(identityOf(made))
    return made
  })
}

const identityOf = ({ name, process }: Pick<SourceSeries, 'name' | 'process'>): string =>
  `${name}\n${process}`

function firstFree(one: SourceSeries, host: string, taken: ReadonlySet<string>): SourceSeries {
  if (!taken.has(identityOf(one))) return one
  for (let n = 1; ; n++) {
    const mark = n === 1 ? host : `${host} #${n}`
    const process = [one.process.slice(0, 118 - mark.length), mark].filter(Boolean).join(' · ')
    const other = { ...one, process: process.slice(0, 120), label: `${one.label.slice(0, 70)} · ${mark}` }
    if (!taken.has(identityOf(other))) return other
  }
}
