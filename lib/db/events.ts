import type { Actor, ReadAccess } from '#lib/investigation/access'
import {
  type RoomEvent,
  type RoomEventPayload,
  type RoomEventType,
  readRoomEvent,
} from '#lib/investigation/events'
import type { InvestigationId } from '#lib/investigation/ids'
import type { Prisma } from '#prisma/generated/client'
import { db } from './client.ts'
import { hintRoom } from './hints.ts'
import { changeOf, roomChanged } from './room-changes.ts'
import { storable } from './storable.ts'

/** A Prisma client inside a transaction. */
export type Tx = Prisma.TransactionClient

/** Tells one fact of the change that is being made. Returns the sequence number that the fact got. */
export type Emit = <T extends RoomEventType>(
  type: T,
  payload: RoomEventPayload<T> | ((seq: number) => RoomEventPayload<T>),
) => Promise<number>

/**
 * Runs a change of a room's rows in one transaction together with the events that tell it. The sequence is taken under
 * the investigation's row lock, which is held to the commit: order of sequence is order of commit, so a reader that
 * tails `seq > seen` never skips a fact. After the commit the room's nodes are told to look.
 *
 * Take other row locks (findFirst … for update) after the first `emit`, or none: the room's lock comes first.
 *
 * @param at when it happened; now, but for a story that is told afterwards
 */
export async function inRoom<R>(
  access: ReadAccess,
  change: (tx: Tx, emit: Emit) => Promise<R>,
  at?: Date,
): Promise<R> {
  return changeRoom(access.investigationId, access.actor, change, at)
}

/** How the log names this installation when no person acts: a file was read, an upload was given up. */
export const NODE_ACTOR: Actor = { kind: 'machine', tokenId: 'node', name: 'Leakroom' }

/**
 * The same for the node's own work, which nobody asks for at that moment. Only what was begun with an access may be
 * carried on with this.
 */
export async function inRoomAsNode<R>(
  investigationId: InvestigationId,
  change: (tx: Tx, emit: Emit) => Promise<R>,
): Promise<R> {
  return changeRoom(investigationId, NODE_ACTOR, change)
}

async function changeRoom<R>(
  investigationId: InvestigationId,
  actor: Actor,
  change: (tx: Tx, emit: Emit) => Promise<R>,
  at?: Date,
): Promise<R> {
  const told = new Set<RoomEventType>()
  const result = await db().$transaction(
    async (tx) => {
      // The lock first, so that two changes of one room never wait for each other crosswise.
      await tx.$queryRaw`select 1 from investigation where id = ${investigationId}::uuid for update`
      const emit: Emit = async (type, payload) => {
        const rows = await tx.$queryRaw<{ head_seq: bigint }[]>`
          update investigation set head_seq = head_seq + 1, last_activity_at = now()
          where id = ${investigationId}::uuid returning head_seq`
        const seq = rows[0]?.head_seq
        if (seq === undefined) throw new Error(`investigation ${investigationId} is gone`)
        const body = typeof payload === 'function' ? payload(Number(seq)) : payload
        await tx.roomEvent.create({
          data: {
            investigationId,
            seq,
            type,
            ...(at && { at }),
            actorId: actor.kind === 'person' ? actor.userId : null,
            actorName: actor.name,
            // reason: payloads are zod-described plain JSON; Prisma's input type asks for an index signature.
            payload: storable(body) as Prisma.InputJsonValue,
          },
        })
        told.add(type)
        return Number(seq)
      }
      return change(tx, emit)
    },
    { timeout: 15_000, maxWait: 10_000 },
  )
  hintRoom(investigationId)
  const kinds = new Set([...told].map(changeOf))
  for (const kind of kinds) if (kind) roomChanged(investigationId, kind)
  return result
}

/** Events after `seq` in order, at most `limit`. */
export async function eventsAfter(access: ReadAccess, seq: number, limit = 500): Promise<RoomEvent[]> {
  return loadEventsAfter(access.investigationId, seq, limit)
}

/**
 * The same without an actor, for the node's own tail: what it reads goes only to sockets that the gate let into the
 * room.
 */
export async function loadEventsAfter(
  investigationId: InvestigationId,
  seq: number,
  limit = 500,
): Promise<RoomEvent[]> {
  const rows = await db().roomEvent.findMany({
    where: { investigationId, seq: { gt: BigInt(seq) } },
    orderBy: { seq: 'asc' },
    take: limit,
  })
  return rows.map(presentEvent)
}

/** Events before `seq`, newest first, at most `limit`. */
export async function eventsBefore(access: ReadAccess, seq: number, limit = 100): Promise<RoomEvent[]> {
  const rows = await db().roomEvent.findMany({
    where: { investigationId: access.investigationId, seq: { lt: BigInt(seq) } },
    orderBy: { seq: 'desc' },
    take: limit,
  })
  return rows.map(presentEvent)
}

/** A row of room_event as stored. */
export type EventRow = Prisma.RoomEventGetPayload<object>
/** A stored event as it crosses to the browser. @throws ZodError when it does not fit its type: a bug. */
export const presentEvent = (row: EventRow): RoomEvent =>
  readRoomEvent({
    investigationId: row.investigationId,
    seq: Number(row.seq),
    type: row.type,
    actorId: row.actorId,
    actorName: row.actorName,
    at: row.at.getTime(),
    payload: row.payload,
  })
