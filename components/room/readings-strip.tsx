'use client' // Follows the graph's range and the live points.

import { clsx } from 'clsx'
import { type ReactNode, useMemo, useState } from 'react'
import type { Tone } from '#components/ui/pill'
import { useUploads } from '#components/uploads/uploads-context'
import { heapSeries, type Reading, readings } from './readings.tsx'
import { ReadingDialog } from './readings-evidence.tsx'
import { PlaceDialog, usePlaces } from './readings-place.tsx'
import { reproduced, type UnderWay } from './readings-reproduced.tsx'
import { ReminderSwitch } from './reminder-switch.tsx'
import { useRoom, useRoomState } from './room-context.tsx'
import { useReading } from './use-reading.tsx'
import { useView } from './view.tsx'

const COLORS: Record<Tone, string> = {
  growth: 'text-growth',
  warm: 'text-warm',
  steady: 'text-steady',
  native: 'text-native',
  managed: 'text-managed',
  accent: 'text-accent',
  neutral: 'text-ink',
}

/** What can be computed from the range that the graph shows, or from the brushed one. */
export function ReadingsStrip() {
  const { brushed, visible } = useView()
  const series = useRoomState((state) => state.series)
  const limits = useRoomState((state) => state.limits)
  const captures = useRoomState((state) => state.captures)
  const range = brushed ?? visible
  const main = useReading(range, undefined)
  const heapRow = heapSeries(series, main?.seriesId ?? null)
  const heap = useReading(range, heapRow?.id)
  const places = usePlaces(range)
  const { showExperiment } = useView()
  const experiment = useReproduced()
  const [opened, setOpened] = useState<Reading['opens']>()
  const close = () => setOpened(undefined)
  const fields = readings({
    main: main ?? null,
    places,
    heap: heapRow ? (heap ?? null) : null,
    series,
    limits,
    reproduced: experiment?.reading,
    isLoading: main === undefined && series.some((row) => row.unit === 'bytes'),
    captures: captures.filter((row) => row.state === 'ready').length,
  })
  return (
    <>
      <section aria-label={brushed ? 'Readings of the brushed range' : 'Readings'}>
        <dl className="grid grid-cols-2 border-line border-b bg-panel md:grid-cols-5">
          {fields.map((field) => (
            <Field
              key={field.name}
              field={field}
              onOpen={() =>
                field.opens === 'experiment'
                  ? experiment && showExperiment(experiment.id)
                  : setOpened(field.opens)
              }
            >
              {field.name === 'Shape' && <ReminderSwitch main={main} from={range?.from ?? null} />}
              {field.opens === 'experiment' && experiment?.underWay && (
                <OtherUnderWay experiment={experiment.underWay} />
              )}
            </Field>
          ))}
        </dl>
      </section>
      {opened === 'place' && places && <PlaceDialog places={places} onClose={close} />}
      {opened === 'reading' && main?.reading && (
        <ReadingDialog
          label={main.label}
          reading={main.reading}
          perThousand={main.perThousand}
          onClose={close}
        />
      )}
    </>
  )
}

function Field({ field, onOpen, children }: { field: Reading; onOpen(): void; children?: ReactNode }) {
  const { canWrite } = useRoom()
  const { setDialog, setPanel, wishExperiment } = useView()
  const { choose } = useUploads()
  const act = {
    attach: { words: 'Attach', run: choose },
    limit: { words: 'Add a limit', run: () => setDialog('limit') },
    snapshots: { words: 'Captures', run: () => setPanel('snapshots') },
    experiment: { words: 'New experiment', run: () => wishExperiment() },
  }
  const offer = field.offer && canWrite ? act[field.offer] : undefined
  return (
    <div className="min-w-0 border-line px-4 pt-[9px] pb-2.5 md:min-h-[79px] not-last:border-r max-md:px-3 max-md:py-2 max-md:last:col-span-2">
      <dt className="flex items-center gap-2 font-[550] text-ink-3 text-xs">
        {field.name}
        {children}
      </dt>
      <dd>
        {field.value === null ? (
          <p className="mt-0.5 line-clamp-3 text-ink-3 text-xs" title={field.more}>
            {field.more}{' '}
            {offer && (
              <button
                type="button"
                onClick={offer.run}
                className="rounded font-[550] text-accent hover:underline"
              >
                {offer.words}
              </button>
            )}
          </p>
        ) : (
          <>
            <p
              className={clsx(
                'mt-0.5 mb-px truncate font-[650] max-md:whitespace-normal text-[18px] leading-snug tracking-[-0.02em] max-md:text-[16px]',
                COLORS[field.tone],
              )}
              title={field.value}
            >
              {field.opens ? (
                <button
                  type="button"
                  aria-haspopup={field.opens === 'experiment' ? undefined : 'dialog'}
                  onClick={onOpen}
                  className="max-w-full truncate rounded text-left align-bottom max-md:min-h-8 max-md:text-balance max-md:whitespace-normal underline decoration-1 decoration-dotted underline-offset-4 hover:decoration-solid"
                >
                  {field.value}
                </button>
              ) : (
                field.value
              )}
            </p>
            <p className="line-clamp-2 text-ink-2 text-xs" title={field.more}>
              {field.more}
            </p>
          </>
        )}
      </dd>
    </div>
  )
}

/** Another experiment than the one that the field speaks of. */
function OtherUnderWay({ experiment: { id, title, words } }: { experiment: UnderWay }) {
  const { showExperiment } = useView()
  return (
    <button
      type="button"
      title={title}
      onClick={() => showExperiment(id)}
      className="min-w-0 truncate rounded text-accent hover:underline"
    >
      {words}
    </button>
  )
}

/** What the room's experiments say, and which one says it. */
function useReproduced() {
  const experiments = useRoomState((state) => state.experiments)
  const runs = useRoomState((state) => state.runs)
  return useMemo(() => reproduced(experiments, runs), [experiments, runs])
}
