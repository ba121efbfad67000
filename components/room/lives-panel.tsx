'use client' // Follows the live points, and a switch.

import { clsx } from 'clsx'
import { useCallback, useEffect, useRef, useState } from 'react'
import useSWR from 'swr'
import { fetchLives } from '#components/series/fetch-series'
import { LivesChart } from '#components/series/lives-chart'
import { LivesTable } from '#components/series/lives-table'
import type { LivesView } from '#lib/series/lives-view'
import { useRoom, useRoomState, useSeriesPoints } from './room-context.tsx'
import type { TimeRange } from './view.tsx'

/** Lives are laid over each other anew at most this often while points arrive (ms). */
const REFRESH = 15_000

/** Instead of the graph: the lives of a process, aligned at their start. The odd ones are named. */
export function LivesPanel({ seriesId, range }: { seriesId: string; range: TimeRange | null }) {
  const { investigationId } = useRoom()
  const [by, setBy] = useState<LivesView['by']>('uptime')
  const [lit, setLit] = useState<string | null>(null)
  const stamp = useRoomState((state) => state.marks.map(({ id, version }) => `${id}:${version}`).join())
  const { data, error, mutate } = useSWR(
    ['lives', investigationId, seriesId, range?.from, range?.to, by, stamp],
    () => fetchLives(investigationId, seriesId, range, by),
    { keepPreviousData: true, revalidateOnFocus: false, dedupingInterval: 300 },
  )
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  useSeriesPoints(
    useCallback(() => {
      timer.current ??= setTimeout(() => {
        timer.current = undefined
        void mutate()
      }, REFRESH)
    }, [mutate]),
  )
  if (!data)
    return (
      <p className="grid place-items-center text-ink-3" role={error ? 'alert' : undefined}>
        {error instanceof Error ? error.message : 'Laying the lives over each other…'}
      </p>
    )
  return (
    <section
      aria-label="Lives of the process"
      className="grid min-h-0 gap-x-4 gap-y-2 overflow-y-auto px-4 pb-2 md:grid-cols-[minmax(0,1fr)_auto] max-md:px-3"
    >
      <div className="flex min-h-0 min-w-0 flex-col gap-1">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs">
          <p aria-live="polite" className="min-w-0 text-ink-2">
            <b className="font-semibold text-ink">
              <bdi>{data.label}</bdi>
            </b>{' '}
            {data.words}
          </p>
          <fieldset aria-label="Align by" className="flex gap-0.5">
            {(['uptime', 'requests'] as const).map((one) => (
              <button
                key={one}
                type="button"
                aria-pressed={by === one}
                disabled={one === 'requests' && data.counter === null}
                title={one === 'requests' && data.counter === null ? 'Nobody counts its requests' : undefined}
                onClick={() => setBy(one)}
                className={clsx(
                  'rounded px-1.5 py-px font-[550] hover:bg-sunken disabled:opacity-50 max-md:min-h-8',
                  by === one ? 'bg-accent-soft text-accent' : 'text-ink-2',
                )}
              >
                {one === 'uptime' ? 'By uptime' : `By ${data.counter?.toLowerCase() ?? 'requests'}`}
              </button>
            ))}
          </fieldset>
        </div>
        <LivesChart view={data} lit={lit} />
      </div>
      <LivesTable lives={data.lives} lit={lit} onLight={setLit} />
    </section>
  )
}
