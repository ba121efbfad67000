'use client' // The reader's time zone is known in the browser only.

import { format } from 'date-fns'
import { useSyncExternalStore } from 'react'

const never = () => () => {}

/** An instant on the reader's clock: "Tue 24 Nov 12:58". The server, which does not know her zone, says it in UTC. */
export function LocalTime({ at }: { at: number }) {
  const iso = new Date(at).toISOString()
  const words = useSyncExternalStore(
    never,
    () => format(at, 'EEE d MMM HH:mm'),
    () => `${iso.slice(0, 16).replace('T', ' ')} UTC`,
  )
  return (
    <time dateTime={iso} title={iso}>
      {words}
    </time>
  )
}
