import { createHash } from 'node:crypto'
import { UserError } from '#lib/errors/user-error'
import type { WriteAccess } from '#lib/investigation/access'
import { UserId } from '#lib/investigation/ids'
import type { CommandName, CommandParsed, CommandReply } from '#lib/realtime/commands'
import type { Emit, Tx } from '../events.ts'

/** What a command works with: who asks, and the one transaction under the room's lock. */
export interface CommandContext {
  readonly access: WriteAccess
  readonly tx: Tx
  readonly emit: Emit
  /** The time of the change, the same in its rows and in its event. */
  readonly now: Date
  /** Runs once the change is committed, never when it is rolled back. */
  afterCommit(effect: () => void): void
}

/** Changes rows, tells it by `emit`, and answers the row as it stands. */
export type Handler<C extends CommandName> = (
  context: CommandContext,
  sent: CommandParsed<C>,
) => Promise<CommandReply<C>>

/** The person who acts. @throws UserError row/person-needed when it is a machine. */
export function personOf({ access }: CommandContext): UserId {
  if (access.actor.kind !== 'person') throw new UserError('row/person-needed')
  return access.actor.userId
}

/** Who made a row: a user id, or `token:<id>` for a machine. Also the actor of an idempotency key. */
export const authorOf = ({ actor }: Pick<WriteAccess, 'actor'>): UserId =>
  actor.kind === 'person' ? actor.userId : UserId.parse(`token:${actor.tokenId}`)

/** The row, when it is there and of this room: an id of another room is as unknown as one that never was. */
export function ofThisRoom<R extends { readonly investigationId: string }>(
  context: CommandContext,
  row: R | null,
  what: string,
): R {
  if (row === null || row.investigationId !== context.access.investigationId)
    throw new UserError('request/not-found', { what })
  return row
}

/**
 * Browsers make the ids of new rows, so a request can arrive twice with different keys (a reload between the two).
 * Answers the row that this very person already made under this id in this room, or null when the id is free.
 *
 * @throws UserError request/malformed when the id is somebody else's.
 */
export function madeBefore<
  R extends { readonly investigationId: string; readonly createdBy?: string; readonly authorId?: string },
>(context: CommandContext, row: R | null): R | null {
  if (row === null) return null
  const isOwn = (row.createdBy ?? row.authorId) === authorOf(context.access)
  if (row.investigationId !== context.access.investigationId || !isOwn)
    throw new UserError('request/malformed', { where: 'id' })
  return row
}

/** The fields of `patch` that are given and differ from `row`. */
export function differing<P extends object>(
  row: { readonly [K in keyof P]?: unknown },
  patch: P,
): (keyof P)[] {
  // reason: Object.keys of a plain zod object lists exactly its keys; TypeScript widens them to string.
  const keys = Object.keys(patch) as (keyof P)[]
  return keys.filter((key) => patch[key] !== undefined && !isSame(row[key], patch[key]))
}

const isSame = (a: unknown, b: unknown): boolean =>
  a instanceof Date && b instanceof Date ? a.getTime() === b.getTime() : a === b

/** A Date column's value from the protocol's epoch milliseconds; undefined stays undefined, null stays null. */
export function dateOf(epochMs: number): Date
export function dateOf(epochMs: number | null): Date | null
export function dateOf(epochMs: number | null | undefined): Date | null | undefined
export function dateOf(epochMs: number | null | undefined): Date | null | undefined {
  return typeof epochMs === 'number' ? new Date(epochMs) : epochMs
}

/** SHA-256 of a plain value's JSON, hex. */
export const contentHash = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex')
