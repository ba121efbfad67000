'use client' // The server does not know the reader's time zone.

import { useSyncExternalStore } from 'react'

const never = () => () => {}

/** False on the server and in the first browser pass, so that both render the same; true afterwards. */
export const useHydrated = (): boolean =>
  useSyncExternalStore(
    never,
    () => true,
    () => false,
  )

const CLOCK = { hour: '2-digit', minute: '2-digit' } as const
const DAY = { weekday: 'short', day: 'numeric', month: 'short' } as const

/** "13:12" in the reader's zone. */
export const clock = (at: number): string => new Intl.DateTimeFormat('en-GB', CLOCK).format(at)
/** "Mon, 23 Nov" in the reader's zone. */
export const day = (at: number): string => new Intl.DateTimeFormat('en-GB', DAY).format(at)

/** Is `a` on the same day as `b`, where the reader is? */
export const sameDay = (a: number, b: number): boolean =>
  new Date(a).toDateString() === new Date(b).toDateString()

/** A moment as the reader's clock shows it; the day stands before it unless `bare`. The whole date is the tooltip. */
export function ClockTime({
  at,
  bare = false,
  className,
}: {
  at: number
  bare?: boolean
  className?: string
}) {
  const hydrated = useHydrated()
  const iso = new Date(at).toISOString()
  return (
    <time
      dateTime={iso}
      title={hydrated ? new Date(at).toLocaleString('en-GB') : undefined}
      className={className}
    >
      {hydrated ? (bare ? clock(at) : `${day(at)} ${clock(at)}`) : `${iso.slice(11, 16)}`}
    </time>
  )
}
