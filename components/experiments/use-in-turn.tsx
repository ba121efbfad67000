'use client' // Remembers what was answered.

import { useCallback, useEffect, useRef } from 'react'
import type { ExperimentRow } from '#lib/investigation/experiments'

/**
 * Changes of one experiment one after the other, each with the version that the one before left behind: who is quicker
 * than the answer must not be told that somebody was faster. Gives whether the change was made.
 */
export function useInTurn(
  experiment: ExperimentRow,
): (change: (version: number) => Promise<ExperimentRow | undefined>) => Promise<boolean> {
  const { id, version } = experiment
  const newest = useRef({ id, version })
  const last = useRef<Promise<unknown>>(Promise.resolve())
  useEffect(() => {
    const isOther = newest.current.id !== id
    newest.current = { id, version: isOther ? version : Math.max(version, newest.current.version) }
  }, [id, version])
  return useCallback((change) => {
    const made = last.current.then(async () => {
      const { id, version } = newest.current
      const row = await change(version)
      if (row && newest.current.id === id && row.version > newest.current.version)
        newest.current = { id, version: row.version }
      return row !== undefined
    })
    last.current = made.catch(() => undefined)
    return made
  }, [])
}
