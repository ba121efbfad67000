import type { Server as HttpServer, IncomingHttpHeaders } from 'node:http'
import type { Logger } from 'pino'
import type { ReadAccess, WriteAccess } from '#lib/investigation/access'
import type { InvestigationId, UserId } from '#lib/investigation/ids'
import type { RoomState } from '#lib/investigation/room-state'
import type { MessageRow } from '#lib/investigation/rows'
import type { Services } from '#lib/services'
import type { CommandName } from '../protocol.ts'

/** Who is behind a socket. Proven by the session in the handshake's headers. */
export interface SocketUser {
  readonly userId: UserId
  readonly name: string
}

/** What the real-time server needs from the rest; server.ts and tests wire it. */
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
  authenticate(headers: IncomingHttpHeaders): Promise<SocketUser | null>
  /** Null: there is no such room for this person. */
  roomAccess(user: SocketUser, investigationId: InvestigationId): Promise<ReadAccess | null>
  loadRoomState(access: ReadAccess): Promise<RoomState>
  messagesBefore(access: ReadAccess, seq: number): Promise<MessageRow[]>
  runCommand(access: WriteAccess, key: string, name: CommandName, body: unknown): Promise<unknown>
  /** Shorter times for tests. */
  readonly times?: Partial<RealtimeTimes>
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

/** Counts for health and for tests: after everybody left and the grace time, all but `listeners` are 0. */
export interface RealtimeCounts {
  readonly sockets: number
  readonly rooms: number
  readonly documents: number
  readonly timers: number
  readonly degraded: number
  readonly sequenceGaps: number
}

export interface Realtime extends Pick<Services, 'announceProgress' | 'announcePoints' | 'peopleInside'> {
  counts(): RealtimeCounts
  /** Tells everybody, stores what is open, closes the sockets. The HTTP server is the caller's. */
  drain(): Promise<void>
}

/** Puts the real-time server on `httpServer`. */
export function attachRealtime(httpServer: HttpServer, deps: RealtimeDeps): Realtime {
  throw new Error(`not yet: ${httpServer.listening} ${deps.nodeId}`)
}
