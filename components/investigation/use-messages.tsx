'use client' // Reads the live room.

import { useCallback, useMemo, useRef, useState } from 'react'
import { useRoomLink, useRoomState } from '#components/room/room-context'
import type { MessageRow } from '#lib/investigation/rows'

/** As many as the room's state and each older page hold (lib/realtime/protocol). */
const PAGE = 100

/** Older pages and the live ones as one list: a live row wins, since it may have been edited since. Oldest first. */
export function mergeMessages(older: readonly MessageRow[], live: readonly MessageRow[]): MessageRow[] {
  const rows = new Map<string, MessageRow>()
  for (const row of older) rows.set(row.id, row)
  for (const row of live) rows.set(row.id, row)
  return [...rows.values()].sort((a, b) => a.seq - b.seq)
}

/** The discussion so far and a way to page it back. `loadOlder` gives how many came. */
export function useMessages(): {
  messages: readonly MessageRow[]
  hasOlder: boolean
  loadOlder(): Promise<number>
} {
  const link = useRoomLink()
  const live = useRoomState((state) => state.messages)
  const [older, setOlder] = useState<readonly MessageRow[]>([])
  const [hasOlder, setHasOlder] = useState(live.length >= PAGE)
  const loading = useRef(false)
  const messages = useMemo(() => mergeMessages(older, live), [older, live])
  const oldest = messages[0]?.seq
  const loadOlder = useCallback(async () => {
    if (loading.current || oldest === undefined || oldest <= 1) return 0
    loading.current = true
    try {
      const page = await link.request('messages:before', { seq: oldest })
      setOlder((before) => mergeMessages(page.messages, before))
      setHasOlder(page.messages.length >= PAGE)
      return page.messages.length
    } catch {
      // Offline: the next scroll to the top tries again.
      return 0
    } finally {
      loading.current = false
    }
  }, [link, oldest])
  return { messages, hasOlder, loadOlder }
}
