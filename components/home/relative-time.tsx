'use client' // the words change as time goes by

import { formatDistanceToNowStrict } from 'date-fns'
import { useEffect, useState } from 'react'

/** "now", "5 minutes ago", kept current. The exact time is its tooltip, in the reader's own zone. */
export function RelativeTime({ at }: { at: number }) {
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 30_000)
    return () => clearInterval(timer)
  }, [])
  return (
    // The server's clock and zone are not the reader's: her words stand.
    <time
      dateTime={new Date(at).toISOString()}
      title={new Date(at).toLocaleString()}
      suppressHydrationWarning
    >
      {Date.now() - at < 60_000 ? 'now' : `${formatDistanceToNowStrict(at)} ago`}
    </time>
  )
}
