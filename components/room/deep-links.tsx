'use client' // Reads the address once the page is alive.

import { useSearchParams } from 'next/navigation'
import { useEffect, useRef } from 'react'
import { say } from '#components/ui/toasts'
import { useRoomState } from './room-context.tsx'
import { useView } from './view.tsx'

/** Follows `?pin=<evidence>`, `#message-<id>` and `#hypothesis-<id>`, each once per address. */
export function DeepLinks() {
  const pin = useSearchParams().get('pin')
  const evidence = useRoomState((state) => state.evidence)
  const { show, spot, setPanel } = useView()
  const followed = useRef<string | null>(null)

  useEffect(() => {
    if (pin === null || followed.current === pin) return
    // One turn later: on the first page, Next listens to changes of the address only after our own effects have run.
    const turn = setTimeout(() => {
      followed.current = pin
      const target = evidence.find((row) => row.id === pin)
      if (target) show(target.ref)
      else say.problem('This pin does not exist any more.')
    })
    return () => clearTimeout(turn)
  }, [pin, evidence, show])

  useEffect(() => {
    const follow = () => {
      const [, kind, id] = /^#(message|hypothesis)-([0-9a-f-]{36})$/.exec(window.location.hash) ?? []
      if (id === undefined) return
      setPanel(kind === 'message' ? 'discussion' : 'hypotheses')
      spot(kind === 'message' ? 'message' : 'hypothesis', id)
    }
    follow()
    window.addEventListener('hashchange', follow)
    return () => window.removeEventListener('hashchange', follow)
  }, [setPanel, spot])
  return null
}
