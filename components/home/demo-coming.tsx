'use client' // looks again until it is there

import { useRouter } from 'next/navigation'
import { useEffect } from 'react'

/** Making the demo takes about a second. */
const LOOK_EVERY = 1000

/** Stands in for the demo while it is being made; the page is loaded anew until it is listed. */
export function DemoComing() {
  const router = useRouter()
  useEffect(() => {
    const timer = setInterval(() => router.refresh(), LOOK_EVERY)
    return () => clearInterval(timer)
  }, [router])
  return (
    <p role="status" className="text-ink-3 text-xs">
      The demo is being put together …
    </p>
  )
}
