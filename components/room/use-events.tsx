'use client' // Reads the live log.

import { useCallback, useEffect, useRef, useState } from 'react'
import { type RoomEvent, readRoomEvent } from '#lib/investigation/events'
import { useLinkStatus, useRoomLink } from './room-context.tsx'

/** As many as one page of `room:before` holds (lib/realtime/protocol). */
const PAGE = 100

/** Two parts of the log as one, each event once, newest first. */
export function mergeEvents(a: readonly RoomEvent[], b: readonly RoomEvent[]): RoomEvent[] {
  const bySeq = new Map<number, RoomEvent>()
  for (const event of a) bySeq.set(event.seq, event)
  for (const event of b) bySeq.set(event.seq, event)
  return [...bySeq.values()].sort((x, y) => y.seq - x.seq)
}

/** The room's log, newest first, live, paged back on demand. Loads the first page when the room is online. */
export function useEvents(): {
  events: readonly RoomEvent[]
  hasOlder: boolean
  loading: boolean
  loadOlder(): Promise<void>
} {
  const link = useRoomLink()
  const { link: state } = useLinkStatus()
  const [events, setEvents] = useState<readonly RoomEvent[]>([])
  const [hasOlder, setHasOlder] = useState(true)
  const [loading, setLoading] = useState(false)
  const busy = useRef(false)
  const oldest = events.at(-1)?.seq

  const loadBefore = useCallback(
    async (seq: number) => {
      if (busy.current || seq < 1) return
      busy.current = true
      setLoading(true)
      try {
        const page = await link.request('room:before', { seq })
        const read = page.events.map(readRoomEvent)
        setEvents((before) => mergeEvents(before, read))
        setHasOlder(read.length >= PAGE && (read.at(-1)?.seq ?? 1) > 1)
      } catch {
        // Offline: the next look at this tab, or the button, tries again.
      } finally {
        busy.current = false
        setLoading(false)
      }
    },
    [link],
  )
  useEffect(() => link.onEvent((event) => setEvents((before) => mergeEvents([event], before))), [link])
  useEffect(() => {
    if (state === 'online') void loadBefore(link.state.getSnapshot().seq + 1)
  }, [state, link, loadBefore])
  const loadOlder = useCallback(
    () => loadBefore(oldest ?? link.state.getSnapshot().seq + 1),
    [loadBefore, oldest, link],
  )
  return { events, hasOlder, loading, loadOlder }
}
