import { UserError } from '#lib/errors/user-error'
import type { ReadAccess, WriteAccess } from '#lib/investigation/access'
import {
  AGENT_SILENCE_MS,
  AgentRow,
  type AgentRuntime,
  isPending,
  SnapshotRow,
  snapshotState,
} from '#lib/investigation/agents'
import { AgentId, CaptureId } from '#lib/investigation/ids'
import type { Prisma } from '#prisma/generated/client'
import { db } from './client.ts'
import { inRoom, type Tx } from './events.ts'

/** More agents than anybody watches; a runaway script must not fill the list. */
const MAX_AGENTS = 200
/** The agent has to take up a request within this time … */
export const ASKED_MS = 60_000
/** … and to write the dump and to send it within these; it tells at the beginning of each. */
const STEP_MS = { taking: 20 * 60_000, uploading: 60 * 60_000 } as const

/** What an agent says of itself each time. */
export interface AgentFacts {
  readonly host: string
  readonly process: string
  readonly runtime: AgentRuntime
  readonly version: string
  readonly pid: number
  readonly canSnapshot: boolean
}

/**
 * Notes that an agent is alive, and answers the request that waits for it. The first time is told in the room. One write
 * and one read.
 * @throws UserError room/full
 */
export async function hearAgent(
  access: WriteAccess,
  facts: AgentFacts,
  now: Date = new Date(),
): Promise<{ agentId: AgentId; request: { id: CaptureId; expiresAt: number } | null }> {
  const { investigationId } = access
  const { host, process, runtime } = facts
  const identity = { investigationId, host, process, runtime }
  const seen = { ...facts, tokenId: tokenOf(access), lastSeenAt: now }
  const key = { investigationId_host_process_runtime: identity }
  const { count } = await db().agent.updateMany({ where: identity, data: seen })
  const row =
    count > 0
      ? await db().agent.findUniqueOrThrow({ where: key })
      : await inRoom(access, async (tx, emit) => {
          const known = await tx.agent.findUnique({ where: key })
          if (known) return known
          const others = await tx.agent.count({ where: { investigationId } })
          if (others >= MAX_AGENTS) throw new UserError('room/full', { what: 'agents', limit: MAX_AGENTS })
          const made = await tx.agent.create({ data: { ...seen, investigationId, firstSeenAt: now } })
          await emit('agent:appeared', { process, host })
          return made
        })
  const waiting = await db().snapshotRequest.findFirst({
    where: { agentId: row.id, state: 'asked', expiresAt: { gt: now } },
    orderBy: { createdAt: 'desc' },
  })
  const request = waiting && { id: CaptureId.parse(waiting.id), expiresAt: waiting.expiresAt.getTime() }
  return { agentId: AgentId.parse(row.id), request }
}

const tokenOf = ({ actor }: WriteAccess): string => (actor.kind === 'machine' ? actor.tokenId : actor.userId)

/** All agents of the room with the newest request of each, the living first. Two queries. */
export async function listAgents(access: ReadAccess, now: Date = new Date()): Promise<AgentRow[]> {
  const rows = await db().agent.findMany({
    where: { investigationId: access.investigationId },
    include: NEWEST_REQUEST,
    orderBy: { lastSeenAt: 'desc' },
  })
  const ids = rows.flatMap(({ requests }) => requests.map(({ id }) => id))
  const captures = await db().capture.findMany({
    where: { id: { in: ids } },
    select: { id: true, state: true },
  })
  const states = new Map(captures.map(({ id, state }) => [id, state]))
  return rows.map(({ requests, ...row }) => {
    const [request] = requests
    const lastSeenAt = row.lastSeenAt.getTime()
    return AgentRow.parse({
      ...row,
      lastSeenAt,
      alive: now.getTime() - lastSeenAt < AGENT_SILENCE_MS,
      snapshot: request ? presentSnapshot(request, states.get(request.id) ?? null, now) : null,
    })
  })
}

const NEWEST_REQUEST = { requests: { orderBy: { createdAt: 'desc' }, take: 1 } } as const

type StoredRequest = Prisma.SnapshotRequestGetPayload<object>

const presentSnapshot = (row: StoredRequest, captureState: string | null, now: Date): SnapshotRow =>
  SnapshotRow.parse({
    id: row.id,
    state: snapshotState(
      { state: row.state, expiresAt: row.expiresAt.getTime() },
      captureState,
      now.getTime(),
    ),
    problem: row.problem,
    createdAt: row.createdAt.getTime(),
  })

/**
 * Puts a request before an agent, under the room's lock. One at a time per agent.
 * @throws UserError request/not-found · request/malformed (id taken) · agent/gone · agent/no-snapshot · agent/busy
 */
export async function addSnapshotRequest(
  tx: Tx,
  {
    investigationId,
    ...request
  }: { investigationId: string; id: CaptureId; agentId: string; createdBy: string },
  now: Date,
): Promise<{ process: string; row: SnapshotRow; isNew: boolean }> {
  const agent = await tx.agent.findFirst({
    where: { id: request.agentId, investigationId },
    include: NEWEST_REQUEST,
  })
  if (!agent) throw new UserError('request/not-found', { what: 'agent' })
  const { process } = agent
  const [newest] = agent.requests
  const captureId = newest?.id ?? request.id
  const capture = await tx.capture.findUnique({ where: { id: captureId }, select: { state: true } })
  if (newest) {
    const row = presentSnapshot(newest, capture?.state ?? null, now)
    if (newest.id === request.id) return { process, row, isNew: false }
    if (isPending(row.state)) throw new UserError('agent/busy', { process })
  }
  if (!agent.canSnapshot) throw new UserError('agent/no-snapshot', { process })
  if (now.getTime() - agent.lastSeenAt.getTime() >= AGENT_SILENCE_MS)
    throw new UserError('agent/gone', { process })
  const isTaken =
    (await tx.snapshotRequest.findUnique({ where: { id: request.id } })) ??
    (await tx.capture.findUnique({ where: { id: request.id } }))
  if (isTaken) throw new UserError('request/malformed', { where: 'id' })
  const made = await tx.snapshotRequest.create({
    data: { ...request, state: 'asked', createdAt: now, expiresAt: new Date(now.getTime() + ASKED_MS) },
  })
  return { process, row: presentSnapshot(made, null, now), isNew: true }
}

/** An agent's next step: it begins to write the dump, begins to send it, or could not. */
export type SnapshotStep =
  | { readonly state: 'taking' | 'uploading' }
  | { readonly state: 'failed'; readonly problem: string }

/**
 * Notes how far an agent has come. A failure is told in the room. Answers false when the request has ended meanwhile: the
 * agent then stops and throws its dump away.
 * @throws UserError request/not-found
 */
export async function noteSnapshot(
  access: WriteAccess,
  id: string,
  step: SnapshotStep,
  now: Date = new Date(),
): Promise<boolean> {
  return inRoom(access, async (tx, emit) => {
    const row = await tx.snapshotRequest.findFirst({
      where: { id, agent: { investigationId: access.investigationId } },
      include: { agent: { select: { process: true } } },
    })
    if (!row) throw new UserError('request/not-found', { what: 'snapshot request' })
    const capture = await tx.capture.findUnique({ where: { id }, select: { state: true } })
    if (!isPending(presentSnapshot(row, capture?.state ?? null, now).state)) return false
    const isFailed = step.state === 'failed'
    await tx.snapshotRequest.update({
      where: { id },
      data: {
        state: step.state,
        ...(isFailed
          ? { problem: step.problem }
          : { expiresAt: new Date(now.getTime() + STEP_MS[step.state]) }),
      },
    })
    if (isFailed)
      await emit('snapshot:failed', {
        requestId: CaptureId.parse(id),
        process: row.agent.process,
        problem: step.problem,
      })
    return true
  })
}
