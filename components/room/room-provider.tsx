'use client' // Owns the connection: opens it when the page is shown and closes it when it is left.

import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { say } from '#components/ui/toasts'
import type { DocId, InvestigationId } from '#lib/investigation/ids'
import { secondLookWords } from '#lib/investigation/reminder-words'
import type { Role } from '#lib/investigation/roles'
import type { RoomState } from '#lib/investigation/room-state'
import { connectRoom } from '#lib/realtime/client/connect-room'
import { CommandError, type RoomConnection } from '#lib/realtime/client/room-types'
import { store } from '#lib/realtime/client/store'
import { RoomContextProvider, type RoomLink, type RoomMe } from './room-context.tsx'

export interface RoomProviderProps {
  readonly initial: RoomState
  readonly me: RoomMe
  readonly role: Role
  readonly docId: DocId
  readonly teamName: string
  readonly children: ReactNode
}

/** The state that the server rendered, and no connection: for the server and the first moment in the browser. */
export function idleLink(initial: RoomState, role: Role): RoomLink {
  const refuse = () =>
    Promise.reject(new CommandError('offline', 'The room is still opening. Try again in a second.'))
  return {
    state: store(initial),
    presence: store([]),
    progress: store(new Map()),
    status: store({ link: 'connecting', queued: 0, role, draining: false }),
    document: null,
    command: refuse,
    request: refuse,
    setPresence: () => {},
    onPoints: () => () => {},
    onEvent: () => () => {},
  }
}

/** The connection as the hooks take it: its methods can be handed around without it. */
function linkOf(connection: RoomConnection): RoomLink {
  return {
    state: connection.state,
    presence: connection.presence,
    progress: connection.progress,
    status: connection.status,
    document: connection.document,
    command: (name, body) => connection.command(name, body),
    request: (name, sent) => connection.request(name, sent),
    setPresence: (change) => connection.setPresence(change),
    onPoints: (listener) => connection.onPoints(listener),
    onEvent: (listener) => connection.onEvent(listener),
  }
}

/**
 * Connects to the room for as long as it is mounted. React's StrictMode mounts twice: the first connection is closed
 * before the second is made, so nothing is left behind.
 */
export function RoomProvider({ initial, me, role, docId, teamName, children }: RoomProviderProps) {
  const investigationId: InvestigationId = initial.investigation.id
  const [link, setLink] = useState<RoomLink | null>(null)
  const [first] = useState({ initial, me, role })
  const idle = useMemo(() => idleLink(first.initial, first.role), [first])

  useEffect(() => {
    const opened = connectRoom(investigationId, { ...first, docId })
    setLink(linkOf(opened))
    // What waited on this device since before a reload has no caller any more, so its refusal is told here.
    const deafen = opened.onRefused((_name, error) =>
      say.problem(`A change from before the reload was refused: ${error.message}`),
    )
    const unremind = opened.onEvent((event) => {
      if (event.type === 'reminder:due') say.done(`The room ${secondLookWords(event.payload.reminder)}.`)
    })
    return () => {
      setLink(null)
      deafen()
      unremind()
      opened.close()
    }
  }, [investigationId, docId, first])

  const value = useMemo(
    () => ({ investigationId, teamName, docId, me: first.me, link: link ?? idle }),
    [investigationId, teamName, docId, first, link, idle],
  )
  return <RoomContextProvider value={value}>{children}</RoomContextProvider>
}
