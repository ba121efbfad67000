'use client' // Follows the graph's range and the live points.

import { clsx } from 'clsx'
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import useSWR from 'swr'
import { fetchReading } from '#components/series/fetch-series'
import type { Tone } from '#components/ui/pill'
import { useUploads } from '#components/uploads/uploads-context'
import { heapSeries, type Reading, readings } from './readings.tsx'
import { ReadingDialog } from './readings-evidence.tsx'
import { PlaceDialog, usePlaces } from './readings-place.tsx'
import { ReminderSwitch } from './reminder-switch.tsx'
import { useRoom, useRoomState, useSeriesPoints } from './room-context.tsx'
import { type TimeRange, useView } from './view.tsx'

const COLORS: Record<Tone, string> = {
  growth: 'text-growth',
  warm: 'text-warm',
  steady: 'text-steady',
  native: 'text-native',
  managed: 'text-managed',
  accent: 'text-accent',
  neutral: 'text-ink',
}
/** Live points come every second; the reading is asked again at most this often (ms). */
const REFRESH = 5000

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
  const [opened, setOpened] = useState<Reading['opens']>()
  const close = () => setOpened(undefined)
  const fields = readings({
    main: main ?? null,
    places,
    heap: heapRow ? (heap ?? null) : null,
    series,
    limits,
    isLoading: main === undefined && series.some((row) => row.unit === 'bytes'),
    captures: captures.filter((row) => row.state === 'ready').length,
  })
  return (
    <>
      <dl
        aria-label={brushed ? 'Readings of the brushed range' : 'Readings'}
        className="grid grid-cols-2 border-line border-b bg-panel md:grid-cols-5"
      >
        {fields.map((field) => (
          <Field key={field.name} field={field} onOpen={() => setOpened(field.opens)}>
            {field.name === 'Shape' && <ReminderSwitch main={main} from={range?.from ?? null} />}
          </Field>
        ))}
      </dl>
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
  const { setDialog, setPanel } = useView()
  const { choose } = useUploads()
  const act = {
    attach: { words: 'Attach', run: choose },
    limit: { words: 'Add a limit', run: () => setDialog('limit') },
    snapshots: { words: 'Captures', run: () => setPanel('snapshots') },
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
                'mt-0.5 mb-px truncate font-[650] text-[18px] leading-snug tracking-[-0.02em] max-md:text-[16px]',
                COLORS[field.tone],
              )}
              title={field.value}
            >
              {field.opens ? (
                <button
                  type="button"
                  aria-haspopup="dialog"
                  onClick={onOpen}
                  className="max-w-full truncate rounded align-bottom max-md:min-h-8 underline decoration-1 decoration-dotted underline-offset-4 hover:decoration-solid"
                >
                  {field.value}
                </button>
              ) : (
                field.value
              )}
            </p>
            <p
              className="truncate text-ink-2 text-xs max-md:line-clamp-2 max-md:whitespace-normal"
              title={field.more}
            >
              {field.more}
            </p>
          </>
        )}
      </dd>
    </div>
  )
}

/** The reading of a series (undefined: the main one); asked again when rows, range, limits, marks or live points change. */
function useReading(range: TimeRange | null, seriesId: string | undefined) {
  const { investigationId } = useRoom()
  const series = useRoomState((state) => state.series)
  const limits = useRoomState((state) => state.limits)
  const marks = useRoomState((state) => state.marks)
  const hasSeries = series.some((row) => row.unit === 'bytes')
  const isWanted = hasSeries && (seriesId === undefined || series.some((row) => row.id === seriesId))
  const stamp =
    series.map((row) => `${row.id}:${row.version}`).join() +
    limits.map((row) => `${row.id}:${row.version}`).join() +
    marks.map((row) => `${row.id}:${row.version}`).join()
  const { data, mutate } = useSWR(
    isWanted ? ['reading', investigationId, range?.from, range?.to, seriesId, stamp] : null,
    () => fetchReading(investigationId, range, seriesId),
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
  return isWanted ? data : undefined
}
