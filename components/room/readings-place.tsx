'use client' // A dialog, and an answer that follows live points.

import type { ReactNode } from 'react'
import useSWR from 'swr'
import { fetchPlaces } from '#components/series/fetch-series'
import { WaterfallTable } from '#components/series/waterfall'
import { Dialog } from '#components/ui/dialog'
import type { GrowthPlaces } from '#lib/series/where-it-grows-all'
import { useRoom, useRoomState } from './room-context.tsx'
import { useAskedAgain } from './use-asked-again.tsx'
import type { TimeRange } from './view.tsx'

/** Live points come every second; where they grow is asked again at most this often (ms). */
const REFRESH = 5_000

/** Where the room's memory grows; undefined until the first answer, and without a memory graph. */
export function usePlaces(range: TimeRange | null): GrowthPlaces | null | undefined {
  const { investigationId } = useRoom()
  const series = useRoomState((state) => state.series)
  const marks = useRoomState((state) => state.marks)
  const captures = useRoomState((state) => state.captures)
  const isWanted = series.some(({ name }) => name === 'rss')
  const stamp = [...marks, ...captures].map(({ id, version }) => `${id}:${version}`).join()
  const { data, mutate } = useSWR(
    isWanted ? ['places', investigationId, range?.from, range?.to, stamp] : null,
    () => fetchPlaces(investigationId, range),
    { keepPreviousData: true, revalidateOnFocus: false, dedupingInterval: 300 },
  )
  useAskedAgain(series.map(({ id, version }) => `${id}:${version}`).join(), mutate, REFRESH)
  return isWanted ? data?.places : undefined
}

/** What carries the verdict: the rule, the numbers, and what was compared. */
export function PlaceDialog({ places, onClose }: { places: GrowthPlaces; onClose(): void }) {
  const { place, clock, experiment, waterfall } = places
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => open || onClose()}
      title="Where it grows"
      description={place.words}
    >
      <div className="grid gap-4 text-sm">
        {(place.reasons.length > 0 || place.wouldDecide) && (
          <Part title="What this rests on">
            <ul className="grid list-disc gap-1 pl-4 text-ink-2">
              {place.reasons.map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
            {place.wouldDecide && <p className="mt-1.5">It would decide: {place.wouldDecide}</p>}
          </Part>
        )}
        {waterfall && (
          <Part title="What is explained">
            <WaterfallTable waterfall={waterfall} />
            <p className="mt-1.5 text-ink-3 text-xs">
              Captures and profiles count when they were taken in this range. Only what is measured is
              explained.
            </p>
          </Part>
        )}
        {clock && (
          <Part title="What it ticks with">
            <p>{clock.words}</p>
            {clock.ranking.length > 1 && (
              <ol className="mt-1 grid list-decimal gap-0.5 pl-5 text-ink-2">
                {clock.ranking.map(({ name, behind }) => (
                  <li key={name}>
                    <bdi>{name}</bdi>
                    {behind > 0 && <span className="num text-ink-3"> · {behind.toFixed(1)} behind</span>}
                  </li>
                ))}
              </ol>
            )}
          </Part>
        )}
        {experiment && (
          <Part title="Marked outages">
            <p>{experiment.words}</p>
            <p className="mt-1 text-ink-3 text-xs">
              Compared with the same bands at every other time. Bands that were drawn around the growth itself
              prove nothing.
            </p>
          </Part>
        )}
      </div>
    </Dialog>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-1 font-[650]">{title}</h3>
      {children}
    </section>
  )
}
