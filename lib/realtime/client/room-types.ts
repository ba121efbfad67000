import type { RoomEvent } from '#lib/investigation/events'
import type { DocId, InvestigationId, SeriesId, UserId } from '#lib/investigation/ids'
import type { Role } from '#lib/investigation/roles'
import type { RoomState } from '#lib/investigation/room-state'
import type { CommandName, CommandReply, CommandSent } from '../commands.ts'
import type { CaptureProgress, PresenceSent, PresenceState, Reply, RequestName, Sent } from '../protocol.ts'
import type { DocProvider } from './doc-provider.ts'
import type { Store } from './store.ts'

/** What the page hands to `connectRoom`. The server loaded it through the gate. */
export interface ConnectOptions {
  readonly me: { readonly userId: UserId; readonly name: string; readonly color: number }
  readonly role: Role
  readonly docId: DocId
  readonly initial: RoomState
  /** Where the server is. Default: where the page came from. */
  readonly url?: string
  /** Cookie and the like, for clients that are no browser. */
  readonly headers?: Record<string, string>
  /** Keeps copies in IndexedDB (default: when there is one). False: nothing outlives this object. */
  readonly persist?: boolean
  /** Separates copies of several "devices" in one process; tests use it. */
  readonly device?: string
}

/** How the connection is, for the page's status words. */
export interface LinkStatus {
  readonly link: 'online' | 'connecting' | 'offline'
  /** Commands that wait on this device. */
  readonly queued: number
  /** Null: access has ended. */
  readonly role: Role | null
  /** The server said that it restarts; the connection comes back by itself. */
  readonly draining: boolean
}

/** New points of a live series. */
export interface Points {
  readonly seriesId: SeriesId
  readonly t: readonly number[]
  readonly v: readonly number[]
  /** The process of each sample, 0 where it is not known; absent: of none. */
  readonly pids?: readonly number[] | undefined
}

/** A live connection to one room. Made by `connectRoom`, ended by `close`. */
export interface RoomConnection {
  readonly investigationId: InvestigationId
  readonly me: ConnectOptions['me']
  /** All rows, current. Includes this page's commands that are still on their way where that is safe. */
  readonly state: Store<RoomState>
  /** Everybody here, on every node, oneself included; one entry per connection. */
  readonly presence: Store<readonly PresenceState[]>
  /** Captures on their way in, by capture id. */
  readonly progress: Store<ReadonlyMap<string, CaptureProgress>>
  readonly status: Store<LinkStatus>
  /** Empty until the room is open. */
  readonly connectionId: Store<string>
  /** The room's shared text. One provider per connection, made at once. */
  readonly document: DocProvider
  /** Every event in order, after the state has it. */
  onEvent(listener: (event: RoomEvent) => void): () => void
  onPoints(listener: (points: Points) => void): () => void
  /** A command that waited since before a reload was refused: nobody holds its promise any more. */
  onRefused(listener: (name: CommandName, error: CommandError) => void): () => void
  /** Says where one is and points at; what is not given stays. Cheap to call on every mouse move. */
  setPresence(change: Partial<PresenceSent>): void
  /**
   * Changes rows. Offline it waits on this device (also over a reload) and is sent in order; the promise is settled
   * by the server's answer. @throws CommandError
   */
  command<C extends CommandName>(name: C, body: CommandSent<C>): Promise<CommandReply<C>>
  /** Asks the server. @throws CommandError, also when there is no connection. */
  request<N extends RequestName>(name: N, sent: Sent<N>): Promise<Reply<N>>
  close(): void
}

/** A command or request that was refused. `message` is the sentence for the person. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  /** A FailureCode, "bug", or "offline". */
  readonly code: string
  /** For row/conflict: `{ row }`, the row that won. */
  readonly detail: unknown

  constructor(code: string, sentence: string, detail?: unknown) {
    super(sentence)
    this.code = code
    this.detail = detail
  }
}
