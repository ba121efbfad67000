'use client' // Typing.

import { useEffect, useRef, useState } from 'react'

/** The address follows the typing after this pause, in milliseconds. */
const PAUSE = 200

/** A filter's text: at once in its field, a moment later in the address. A changed address (Back, a link) wins. */
export function useFilterWords(
  inAddress: string,
  store: (words: string) => void,
): [words: string, change: (words: string) => void] {
  const [typed, setTyped] = useState<string | null>(null)
  const stored = useRef(inAddress)
  const latest = useRef(store)
  useEffect(() => {
    latest.current = store
  }, [store])
  useEffect(() => {
    if (typed === null) return
    const timer = setTimeout(() => {
      stored.current = typed
      latest.current(typed)
    }, PAUSE)
    return () => clearTimeout(timer)
  }, [typed])
  useEffect(() => {
    // Our own text has arrived in the address: stay with the field while somebody types on. Anything else wins.
    const isOurs = inAddress === stored.current
    setTyped((now) => (isOurs && now !== inAddress ? now : null))
    stored.current = inAddress
  }, [inAddress])
  return [typed ?? inAddress, setTyped]
}
