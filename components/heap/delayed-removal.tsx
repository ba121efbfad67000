'use client' // Waits for a change of mind.

import { useCallback, useEffect, useRef, useState } from 'react'
import { toast } from 'sonner'

/** How long somebody can change her mind, in milliseconds. */
const REGRET_MS = 6000

/**
 * Removing with an Undo: the thing is hidden at once and removed for everybody when the time is over, or when the
 * list goes away. Closing the page in between removes nothing.
 */
export function useDelayedRemoval(remove: (id: string) => void): {
  readonly hidden: ReadonlySet<string>
  readonly removeLater: (id: string, name: string) => void
} {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const timers = useRef(new Map<string, ReturnType<typeof setTimeout>>())
  const latest = useRef(remove)
  useEffect(() => {
    latest.current = remove
  }, [remove])

  const show = useCallback((id: string) => {
    setHidden((before) => new Set([...before].filter((other) => other !== id)))
  }, [])

  useEffect(() => {
    const waiting = timers.current
    return () => {
      for (const [id, timer] of waiting) {
        clearTimeout(timer)
        latest.current(id)
      }
      waiting.clear()
    }
  }, [])

  const removeLater = useCallback(
    (id: string, name: string) => {
      setHidden((before) => new Set([...before, id]))
      const timer = setTimeout(() => {
        timers.current.delete(id)
        latest.current(id)
      }, REGRET_MS)
      timers.current.set(id, timer)
      toast(`${name} is removed for everybody.`, {
        duration: REGRET_MS,
        action: {
          label: 'Undo',
          onClick: () => {
            clearTimeout(timers.current.get(id))
            timers.current.delete(id)
            show(id)
          },
        },
      })
    },
    [show],
  )
  return { hidden, removeLater }
}
