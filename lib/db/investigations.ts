import { HypothesisStatus } from '#lib/hypotheses/transitions'
import type {
  OwnerAccess,
  ReadAccess,
  TeamAccess,
  TeamWriteAccess,
  WriteAccess,
} from '#lib/investigation/access'
import { InvestigationId, SeriesId, type UserId } from '#lib/investigation/ids'
import { InvestigationStatus } from '#lib/investigation/rows'
import type { Prisma } from '#prisma/generated/client'
import { db } from './client.ts'
import { createDocument } from './documents.ts'
import { inRoom } from './events.ts'
import { hint, hintRoom } from './hints.ts'
import { byLivingLink } from './links.ts'
import { presentInvestigation } from './presenters.ts'

/**
 * Opens an investigation: its row, its shared document and the event that tells it, in one transaction. `document` is the
 * Yjs update that the notes start with.
 */
export async function createInvestigation(
  access: TeamWriteAccess,
  title: string,
  { demo = false, document }: { demo?: boolean; document?: Uint8Array<ArrayBuffer> } = {},
): Promise<InvestigationId> {
  return db().$transaction(async (tx) => {
    const row = await tx.investigation.create({
      data: { teamId: access.teamId, title, demo, createdBy: access.userId, headSeq: 1n },
    })
    const investigationId = InvestigationId.parse(row.id)
    await createDocument(tx, investigationId, document)
    // Nobody can have seen the room yet, so its first event needs no lock (lib/db/events.ts takes one for all others).
    await tx.roomEvent.create({
      data: {
        investigationId,
        seq: 1n,
        type: 'investigation:opened',
        actorId: access.userId,
        actorName: access.userName,
        payload: { investigation: presentInvestigation(row) } satisfies Prisma.InputJsonObject,
      },
    })
    return investigationId
  })
}

/** Gives an investigation another title, whatever its version: from a list there is nothing to compare with. */
export async function renameInvestigation(access: WriteAccess, title: string): Promise<void> {
  await inRoom(access, async (tx, emit) => {
    const row = await tx.investigation.update({
      where: { id: access.investigationId },
      data: { title, version: { increment: 1 } },
    })
    await emit('investigation:changed', { investigation: presentInvestigation(row), changed: ['title'] })
  })
}

/** A room of months takes its time. */
const REMOVAL_TIMES = { timeout: 60_000, maxWait: 10_000 } as const

/**
 * Removes an investigation with everything in it; people inside are put out. Stored files stay until nothing else refers
 * to them (they are kept by content, and another room may hold the same).
 */
export async function deleteInvestigation(access: OwnerAccess): Promise<void> {
  const { investigationId } = access
  await db().$transaction(async (tx) => {
    // In the order in which senders of samples take these locks (series-live.ts), so that nobody waits crosswise.
    await tx.$queryRaw`select 1 from investigation where id = ${investigationId}::uuid for update`
    await tx.$queryRaw`
      select 1 from series where investigation_id = ${investigationId}::uuid order by name, process for update`
    await tx.investigation.delete({ where: { id: investigationId } })
  }, REMOVAL_TIMES)
  hint({ kind: 'access', investigationId, teamId: null })
  hintRoom(investigationId)
}

/** What the room's page shows above the room: its team's name. */
export async function loadTeamName(access: ReadAccess): Promise<string> {
  const team = await db().organization.findUniqueOrThrow({ where: { id: access.teamId } })
  return team.name
}

/** The series that a list draws as a small line: the resident set, or else the first that counts bytes. */
export interface ListedSeries {
  readonly id: SeriesId
  readonly label: string
  /** Epoch milliseconds. */
  readonly from: number
  readonly to: number
  readonly points: number
  /** The lowest limit line of the room, in bytes. */
  readonly limit: number | null
}

/** One investigation as the home page lists it. Plain data. */
export interface HomeRow {
  readonly id: InvestigationId
  readonly title: string
  readonly status: InvestigationStatus
  readonly demo: boolean
  /** Epoch milliseconds. */
  readonly lastActivityAt: number
  readonly counts: { readonly captures: number; readonly series: number; readonly hypotheses: number }
  /** The hypothesis that stands best, if any. */
  readonly leading: { readonly title: string; readonly status: HypothesisStatus } | null
  readonly line: ListedSeries | null
}

/** The team's investigations, the latest activity first, at most 200; a demo when its story is complete. */
export const listInvestigations = (access: TeamAccess): Promise<HomeRow[]> =>
  homeRows({ teamId: access.teamId, NOT: { demo: true, toldAt: null } })

/**
 * Rooms of teams that this person is not in, which she is in by a share link that still lives. The caller has her session;
 * nothing but her own memberships is read.
 */
export const listSharedWith = (userId: UserId): Promise<HomeRow[]> =>
  homeRows({
    team: { members: { none: { userId } } },
    members: { some: { userId, ...byLivingLink(new Date()) } },
  })

/** Most rows of one list. */
const LIST_LIMIT = 200

async function homeRows(where: Prisma.InvestigationWhereInput): Promise<HomeRow[]> {
  const rows = await db().investigation.findMany({
    where,
    orderBy: { lastActivityAt: 'desc' },
    take: LIST_LIMIT,
    include: {
      _count: { select: { captures: true, series: true, hypotheses: true } },
      hypotheses: { select: { title: true, status: true, rank: true } },
      series: {
        where: { unit: 'bytes', points: { gt: 1 } },
        orderBy: { createdAt: 'asc' },
        select: { id: true, name: true, label: true, points: true, fromAt: true, toAt: true },
      },
      limits: { orderBy: { bytes: 'asc' }, take: 1, select: { bytes: true } },
    },
  })
  return rows.map((row) => ({
    id: InvestigationId.parse(row.id),
    title: row.title,
    status: InvestigationStatus.parse(row.status),
    demo: row.demo,
    lastActivityAt: row.lastActivityAt.getTime(),
    counts: row._count,
    leading: leadingHypothesis(row.hypotheses),
    line: listedSeries(row.series, row.limits[0]?.bytes),
  }))
}

/** How far each status has come; what was ruled out or parked leads nothing. */
const STANDING: Partial<Record<string, number>> = { confirmed: 4, supported: 3, testing: 2, hunch: 1 }

/** The hypothesis that has come furthest; among equals the one that people put on top. */
function leadingHypothesis(
  hypotheses: readonly { title: string; status: string; rank: string }[],
): HomeRow['leading'] {
  const [first] = hypotheses
    .filter(({ status }) => status in STANDING)
    .sort((a, b) => (STANDING[b.status] ?? 0) - (STANDING[a.status] ?? 0) || (a.rank < b.rank ? -1 : 1))
  return first ? { title: first.title, status: HypothesisStatus.parse(first.status) } : null
}

interface StoredSeries {
  readonly id: string
  readonly name: string
  readonly label: string
  readonly points: number
  readonly fromAt: Date | null
  readonly toAt: Date | null
}
function listedSeries(series: readonly StoredSeries[], limit: bigint | undefined): ListedSeries | null {
  const chosen = series.find(({ name }) => name === 'rss') ?? series[0]
  if (!chosen?.fromAt || !chosen.toAt) return null
  return {
    id: SeriesId.parse(chosen.id),
    label: chosen.label,
    from: chosen.fromAt.getTime(),
    to: chosen.toAt.getTime(),
    points: chosen.points,
    limit: limit === undefined ? null : Number(limit),
  }
}
