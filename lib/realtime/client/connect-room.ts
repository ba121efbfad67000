import type { InvestigationId } from '#lib/investigation/ids'
import type { ConnectOptions, RoomConnection } from './room-types.ts'

/** Connects to a room. Nothing is awaited: the stores tell how it goes. `close()` ends everything it started. */
export function connectRoom(investigationId: InvestigationId, options: ConnectOptions): RoomConnection {
  throw new Error(`not yet: ${investigationId} ${options.role}`)
}
