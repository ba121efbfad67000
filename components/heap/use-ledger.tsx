'use client' // Fetches, and asks again when somebody has said something.

import { useEffect } from 'react'
import useSWR from 'swr'
import { useRoom, useRoomLink } from '#components/room/room-context'
import { Ledger } from '#lib/investigation/rows'
import { canRetry, readJson } from './answer.tsx'

export type LedgerLine = Ledger['entries'][number]

const NOTHING: Ledger = { entries: [], names: {} }

/**
 * What the team has said about groups, in any of its rooms. Kept current by this room's log; what is said in another
 * room comes with the next look.
 */
export function useLedger() {
  const { investigationId } = useRoom()
  const link = useRoomLink()
  const { data, error, mutate } = useSWR<Ledger, unknown>(
    `/api/investigations/${investigationId}/ledger`,
    (path: string) => readJson(path, Ledger),
    { shouldRetryOnError: canRetry },
  )
  useEffect(
    () =>
      link.onEvent((event) => {
        if (event.type === 'ledger:marked' || event.type === 'ledger:removed') void mutate()
      }),
    [link, mutate],
  )
  return {
    ledger: data ?? NOTHING,
    isHere: data !== undefined,
    /** Another word whenever what is said is another; undefined until the first answer. */
    said: data ? wordOf(data) : error === undefined ? undefined : 'unknown',
    error,
    refresh: () => void mutate(),
  }
}

function wordOf({ entries }: Ledger): string {
  const newest = entries.reduce((latest, { updatedAt }) => Math.max(latest, updatedAt), 0)
  const expired = entries.filter((entry) => entry.expired).length
  return `${entries.length}-${expired}-${newest}`
}
