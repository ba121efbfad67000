'use client' // Hooks over the live connection.

import { createContext, useContext, useEffect, useMemo, useSyncExternalStore } from 'react'
import { say } from '#components/ui/toasts'
import type { DocId, InvestigationId, UserId } from '#lib/investigation/ids'
import type { Role } from '#lib/investigation/roles'
import { atLeast } from '#lib/investigation/roles'
import { personName, type RoomState } from '#lib/investigation/room-state'
import type { DocProvider } from '#lib/realtime/client/doc-provider'
import type { LinkStatus, Points, RoomConnection } from '#lib/realtime/client/room-types'
import type { SaveStatus } from '#lib/realtime/client/save-status'
import { type Store, store } from '#lib/realtime/client/store'
import type { CommandName, CommandReply, CommandSent } from '#lib/realtime/commands'
import type { CaptureProgress, PresenceSent, PresenceState } from '#lib/realtime/protocol'

/** The reader of this page. */
export interface RoomMe {
  readonly userId: UserId
  readonly name: string
  readonly color: number
}

/**
 * What the room's hooks need of a connection. Before the browser has connected (and on the server) an idle one stands
 * in, which holds the state that the page was rendered from.
 */
export interface RoomLink
  extends Pick<
    RoomConnection,
    | 'state'
    | 'presence'
    | 'progress'
    | 'status'
    | 'command'
    | 'request'
    | 'setPresence'
    | 'onPoints'
    | 'onEvent'
  > {
  readonly document: DocProvider | null
}

export interface RoomValue {
  readonly investigationId: InvestigationId
  readonly teamName: string
  readonly docId: DocId
  readonly me: RoomMe
  readonly link: RoomLink
}

const RoomContext = createContext<RoomValue | null>(null)
export const RoomContextProvider = RoomContext

function useValue(): RoomValue {
  const value = useContext(RoomContext)
  if (!value) throw new Error('This component belongs inside a <Room>.')
  return value
}

function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.getSnapshot, store.getSnapshot)
}

export interface RoomHandle {
  readonly investigationId: InvestigationId
  readonly teamName: string
  readonly docId: DocId
  readonly me: RoomMe
  /** null when the membership ended while the page was open. */
  readonly role: Role | null
  readonly canWrite: boolean
}

/** Which room this is, who I am here and what I may do. Changes when my role does. */
export function useRoom(): RoomHandle {
  const { investigationId, teamName, docId, me, link } = useValue()
  const { role } = useStore(link.status)
  return useMemo(
    () => ({
      investigationId,
      teamName,
      docId,
      me,
      role,
      canWrite: role !== null && atLeast(role, 'editor'),
    }),
    [investigationId, teamName, docId, me, role],
  )
}

/** The connection itself, for what the other hooks do not cover. */
export const useRoomLink = (): RoomLink => useValue().link

/** Is this inside a room? For components that also stand on other pages. */
export const useInRoom = (): boolean => useContext(RoomContext) !== null

/**
 * A part of the room's rows, kept current. `select` must return a part of the state or a primitive, never a new array
 * or object: derive those with `useMemo` from what this returns.
 */
export function useRoomState<T>(select: (state: RoomState) => T): T {
  const { state } = useValue().link
  const read = () => select(state.getSnapshot())
  return useSyncExternalStore(state.subscribe, read, read)
}

/** The name of somebody who is or was in the room; undefined for a machine. */
export const usePersonName = (userId: string | null): string | undefined =>
  useRoomState((state) => (userId === null ? undefined : personName(state, userId)))

/** Everybody who is here, me too, one entry per connection. */
export const useConnections = (): readonly PresenceState[] => useStore(useValue().link.presence)

/** Everybody else who is here, each person once (the connection that was changed last). */
export function usePresence(): readonly PresenceState[] {
  const connections = useConnections()
  const { me } = useValue()
  return useMemo(() => {
    const people = new Map<string, PresenceState>()
    for (const one of connections) if (one.userId !== me.userId) people.set(one.userId, one)
    return [...people.values()]
  }, [connections, me.userId])
}

/** Tells the others where I am. Stable; cheap to call often (the connection coalesces). */
export function useSetPresence(): (patch: Partial<PresenceSent>) => void {
  const { link } = useValue()
  return link.setPresence
}

/** Progress of captures on their way in, by capture id. */
export const useProgress = (): ReadonlyMap<string, CaptureProgress> => useStore(useValue().link.progress)

/** Is the room online, and how many changes of rows wait on this device. */
export const useLinkStatus = (): LinkStatus => useStore(useValue().link.status)

/** Calls `listener` with new live points of any series. `listener` must be stable. */
export function useSeriesPoints(listener: (points: Points) => void): void {
  const { link } = useValue()
  useEffect(() => link.onPoints(listener), [link, listener])
}

/** The room's shared text, or null until the browser has connected. */
export const useDoc = (): DocProvider | null => useValue().link.document

const OPENING: Store<SaveStatus> = store<SaveStatus>({ state: 'opening' })

/** How the shared text stands: "saved" only with a committed sequence. */
export const useSaveStatus = (): SaveStatus => useStore(useDoc()?.status ?? OPENING)

export type RunCommand = <C extends CommandName>(
  name: C,
  body: CommandSent<C>,
) => Promise<CommandReply<C> | undefined>

/** Sends a command; a refusal becomes a toast with its sentence, and the promise gives `undefined`. */
export function useCommand(): RunCommand {
  const { link } = useValue()
  return useMemo(
    () => async (name, body) => {
      try {
        return await link.command(name, body)
      } catch (refused) {
        say.problem(refused instanceof Error ? refused.message : String(refused))
        return undefined
      }
    },
    [link],
  )
}

/** As `useCommand`, but the refusal is the caller's to tell: a conflict offers more than a sentence. */
export function useRawCommand(): RoomLink['command'] {
  return useValue().link.command
}
