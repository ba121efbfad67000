'use client' // The address is state that can be shared.

import { useSearchParams } from 'next/navigation'
import { useCallback } from 'react'

/** What the address says, and how to change it without a round trip: a view that can be copied is a view in the address. */
export interface QueryState {
  get(name: string): string | null
  /** `null` takes a name out. Replaces the entry in the history: sorting a table is no step back. */
  set(changes: Readonly<Record<string, string | null>>): void
  /** The address of this page with these changes, for links. */
  href(changes: Readonly<Record<string, string | null>>): string
}

export function useQueryState(): QueryState {
  const search = useSearchParams()
  const get = useCallback((name: string) => search.get(name), [search])
  const href = useCallback(
    (changes: Readonly<Record<string, string | null>>) => changedQuery(search.toString(), changes),
    [search],
  )
  // Next keeps useSearchParams in step with the history's own methods. The address is read when it is changed, so that
  // two changes in one turn do not undo each other.
  const set = useCallback((changes: Readonly<Record<string, string | null>>) => {
    const { pathname, search: now, hash } = window.location
    const next = changedQuery(now, changes)
    if (next !== (now || '?')) window.history.replaceState(null, '', `${pathname}${next}${hash}`)
  }, [])
  return { get, set, href }
}

/** `?a=1&b=2` with some names set and some (null) taken out. */
export function changedQuery(query: string, changes: Readonly<Record<string, string | null>>): string {
  const params = new URLSearchParams(query)
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) params.delete(name)
    else params.set(name, value)
  }
  return `?${params.toString()}`
}
