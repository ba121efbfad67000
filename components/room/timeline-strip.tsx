'use client' // A click goes to what happened.

import { clsx } from 'clsx'
import { useMemo } from 'react'
import type { RoomEvent } from '#lib/investigation/events'
import type { TimelineEntry, TimelineTone } from '#lib/investigation/timeline'
import { clock, day, sameDay, useHydrated } from './clock-time.tsx'
import { useRoomState } from './room-context.tsx'
import { extentOf } from './series-extent.tsx'
import { type TimeRange, useView } from './view.tsx'

const DOTS: Record<TimelineTone, string> = {
  quiet: 'bg-line-strong',
  plain: 'bg-accent',
  for: 'bg-steady',
  against: 'bg-growth',
  attention: 'bg-growth',
}

interface Placed {
  readonly entry: TimelineEntry
  /** 0 to 1 on the axis. */
  readonly x: number
}

/** Entries on the axis; those outside are counted on their side. */
export function placeEntries(
  entries: readonly TimelineEntry[],
  range: TimeRange,
): { placed: Placed[]; before: number; after: number } {
  const span = Math.max(1, range.to - range.from)
  const placed: Placed[] = []
  let before = 0
  let after = 0
  for (const entry of entries) {
    if (entry.at < range.from) before++
    else if (entry.at > range.to) after++
    else placed.push({ entry, x: (entry.at - range.from) / span })
  }
  return { placed, before, after }
}

/** What people did, on the time axis that the graph shows now (same edges as its plot). */
export function TimelineStrip({
  entries,
}: {
  entries: readonly { event: RoomEvent; entry: TimelineEntry }[]
}) {
  const { visible } = useView()
  const captures = useRoomState((state) => state.captures)
  const hydrated = useHydrated()
  const series = useRoomState((state) => state.series)
  const range = visible ?? extentOf(series) ?? rangeOf(entries)
  const list = useMemo(() => entries.map(({ entry }) => entry), [entries])
  const { placed, before, after } = useMemo(
    () => (range ? placeEntries(list, range) : { placed: [], before: 0, after: 0 }),
    [list, range],
  )
  if (!range || !hydrated) return null
  const label = (at: number) => (sameDay(range.from, range.to) ? clock(at) : `${day(at)} ${clock(at)}`)
  const span = Math.max(1, range.to - range.from)
  return (
    <figure
      className="border-line border-b bg-sunken px-4 pt-3 pb-1.5"
      aria-label="What happened, on the graph's time axis"
    >
      <div className="relative h-6 border-line-strong border-b">
        {captures
          .filter(({ takenAt }) => takenAt !== null && takenAt >= range.from && takenAt <= range.to)
          .map((capture) => (
            <i
              key={capture.id}
              title={`Capture: ${capture.label}`}
              className="absolute bottom-0 h-4 w-px bg-managed"
              style={{ left: `${((Number(capture.takenAt) - range.from) / span) * 100}%` }}
            />
          ))}
        {placed.map(({ entry, x }) => (
          <i
            key={entry.seq}
            title={`${clock(entry.at)} ${entry.text}`}
            className={clsx(
              'absolute bottom-0 -ml-[3px] size-1.5 translate-y-1/2 rounded-full ring-1 ring-panel',
              DOTS[entry.tone],
            )}
            style={{ left: `${x * 100}%` }}
          />
        ))}
      </div>
      <figcaption className="num flex justify-between pt-1.5 text-ink-3">
        <span>
          {before > 0 && `← ${before} earlier · `}
          {label(range.from)}
        </span>
        <span>
          {label(range.to)}
          {after > 0 && ` · ${after} later →`}
        </span>
      </figcaption>
    </figure>
  )
}

/** Without a graph the entries themselves span the axis. */
function rangeOf(entries: readonly { entry: TimelineEntry }[]): TimeRange | null {
  const newest = entries[0]?.entry.at
  const oldest = entries.at(-1)?.entry.at
  return newest === undefined || oldest === undefined || newest === oldest
    ? null
    : { from: oldest, to: newest }
}
