import type { IncomingHttpHeaders } from 'node:http'
import type { Logger } from 'pino'
import type { Server, Socket } from 'socket.io'
import type { ReadAccess, WriteAccess } from '#lib/investigation/access'
import type { DocId, InvestigationId, UserId } from '#lib/investigation/ids'
import type { RoomState } from '#lib/investigation/room-state'
import type { MessageRow } from '#lib/investigation/rows'
import type { CommandName } from '../commands.ts'
import type { Announced, AnnouncementName } from '../protocol.ts'
import type { TokenBucket } from './limits.ts'
import type { Underway } from './underway.ts'

/** Who is behind a socket. Proven by the session in the handshake's headers. */
export interface SocketUser {
  readonly userId: UserId
  readonly name: string
}

/** Waiting times in milliseconds. */
export interface RealtimeTimes {
  /** How long a document stays open after the last person left. */
  readonly graceMs: number
  /** How often heads are compared in case a hint was lost. */
  readonly pollMs: number
  /** How often every socket's access is checked again, for links that end by the clock. */
  readonly recheckMs: number
  /** How often a node tells the others that it lives; thrice without: its people are gone. */
  readonly beatMs: number
}
export const TIMES: RealtimeTimes = { graceMs: 30_000, pollMs: 5000, recheckMs: 60_000, beatMs: 10_000 }

/** What the real-time server needs from the rest; the composition root and tests wire it. */
export interface RealtimeDeps {
  readonly log: Logger
  /** A UUID, new for every start of the process. */
  readonly nodeId: string
  /** As people reach this server: sockets from other origins are refused. */
  readonly baseUrl: string
  /** At least 32 characters, the same on every node. */
  readonly secret: string
  /** Of the database; the bus keeps one connection of its own. */
  readonly databaseUrl: string
  /** Null: not signed in. Throws when it cannot tell at the moment: then nobody is thrown out. */
  authenticate(headers: IncomingHttpHeaders): Promise<SocketUser | null>
  /** Null: there is no such room for this person. Throws when it cannot tell at the moment. */
  roomAccess(user: SocketUser, investigationId: InvestigationId): Promise<ReadAccess | null>
  /** The gate's narrowing. @throws UserError access/read-only */
  asWriter(access: ReadAccess): WriteAccess
  loadRoomState(access: ReadAccess): Promise<RoomState>
  loadPeople(access: ReadAccess): Promise<Pick<RoomState, 'members' | 'formerNames'>>
  messagesBefore(access: ReadAccess, seq: number): Promise<MessageRow[]>
  runCommand(access: WriteAccess, key: string, name: CommandName, body: unknown): Promise<unknown>
  /** Folds a log into a state off this thread (lib/collab/state.ts tells what); default: here. */
  compact?(snapshot: Uint8Array | null, updates: readonly Uint8Array[]): Promise<Uint8Array>
  /** Shorter times for tests. */
  readonly times?: Partial<RealtimeTimes>
}

/** What a socket carries. Everything here was proven or parsed. */
export interface SocketData {
  user: SocketUser
  /** The room that it has open. */
  access: ReadAccess | undefined
  docId: DocId | undefined
  readonly requests: TokenBucket
  readonly updateBytes: TokenBucket
  readonly strikes: TokenBucket
  /** Requests of all sockets that are being answered. */
  readonly underway: Underway
}

type Events = Record<string, (...args: unknown[]) => void>
export type RoomServer = Server<Events, Events, Events, SocketData>
export type RoomSocket = Socket<Events, Events, Events, SocketData>

export const roomChannel = (investigationId: InvestigationId): string => `room:${investigationId}`
export const docChannel = (docId: DocId): string => `doc:${docId}`

/** Anything that one can emit to. */
interface Target {
  emit(event: string, fact: unknown): unknown
}

/** Announces a fact of the protocol's table. */
export function announce<N extends AnnouncementName>(target: Target, name: N, fact: Announced<N>): void {
  target.emit(name, fact)
}
