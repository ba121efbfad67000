'use client' // A menu, a form, a live rate.

import { clsx } from 'clsx'
import { ChartLine, Ellipsis } from 'lucide-react'
import { useState } from 'react'
import { Sparkline } from '#components/heap/sparkline'
import { ClockTime } from '#components/room/clock-time'
import { usePersonName, useRoom } from '#components/room/room-context'
import { useView } from '#components/room/view'
import { IconButton } from '#components/ui/button'
import { Menu, MenuItem } from '#components/ui/menu'
import { amount } from '#lib/experiments/words'
import type { RunRow } from '#lib/investigation/experiments'
import { formatCount, formatDuration } from '#lib/units/format'
import { milliseconds } from '#lib/units/quantity'
import { CONDITION_LOOK, ConditionMark } from './condition-mark.tsx'
import { measured, nameOfRun, perHour } from './experiment-words.tsx'
import type { OverlayLine } from './overlay-chart.tsx'
import { ReasonForm } from './reason-form.tsx'
import type { RunActions } from './use-run-actions.tsx'
import { useLiveReading } from './use-run-lines.tsx'

/** What a reason is asked for. */
type Asking = 'exclude' | 'include' | 'detach'

const QUESTIONS: Record<Asking, { label: (name: string) => string; action: string }> = {
  exclude: { label: (name) => `Why does ${name} not count?`, action: 'Exclude' },
  include: { label: (name) => `Why does ${name} count again?`, action: 'Count it again' },
  detach: { label: (name) => `Why is this graph not ${name}?`, action: 'Take the graph away' },
}

/** One run: its place in the order, its graph, what it says by itself; excluded ones with the reason and who gave it. */
export function RunItem({
  run,
  label,
  line,
  isNext,
  actions,
  onPoint,
}: {
  run: RunRow
  label: string
  line: OverlayLine | undefined
  isNext: boolean
  actions: RunActions | null
  onPoint(id: string | null): void
}) {
  const [asking, setAsking] = useState<Asking | null>(null)
  const name = nameOfRun(run)
  return (
    <li
      onPointerEnter={() => onPoint(run.id)}
      onPointerLeave={() => onPoint(null)}
      className={clsx(
        'grid gap-1 border-line border-b px-1 py-2 last:border-b-0',
        isNext && 'bg-accent-soft/40',
      )}
    >
      <div className="grid grid-cols-[auto_auto_minmax(0,1fr)_auto] items-center gap-x-2.5 @2xl:grid-cols-[auto_auto_minmax(90px,150px)_auto_minmax(0,1fr)_auto]">
        <span className="num w-5 text-right text-ink-3 text-xs">{run.position}</span>
        <ConditionMark condition={run.condition} label={label} faded={run.excluded !== null} />
        <p className="min-w-0">
          <State run={run} isNext={isNext} />
        </p>
        <span className={clsx('@max-2xl:hidden', CONDITION_LOOK[run.condition].text)}>
          {line && line.v.length > 1 ? (
            <Sparkline values={thinned(line.v)} tone="" />
          ) : (
            <span className="block w-16" />
          )}
        </span>
        <p className="min-w-0 text-sm @max-2xl:hidden">
          <Said run={run} />
        </p>
        <span className="flex items-center">
          <ShowOnGraph run={run} />
          {actions && <RunMenu run={run} actions={actions} onAsk={setAsking} />}
        </span>
      </div>
      <p className="pl-[60px] text-sm @2xl:hidden empty:hidden">
        <Said run={run} />
      </p>
      {run.excluded && <Excluded run={run} excluded={run.excluded} />}
      {asking && actions && (
        <ReasonForm
          label={QUESTIONS[asking].label(name)}
          action={QUESTIONS[asking].action}
          onCancel={() => setAsking(null)}
          onGive={async (reason) => {
            if (await actions[asking](run, reason)) setAsking(null)
          }}
        />
      )}
    </li>
  )
}

function State({ run, isNext }: { run: RunRow; isNext: boolean }) {
  if (run.excluded) return <span className="text-ink-3 line-through">{stateWords(run)}</span>
  if (run.state === 'running')
    return (
      <span className="flex items-center gap-1.5 font-[550] text-accent">
        <span
          aria-hidden
          className="size-2 animate-pulse rounded-full bg-accent motion-reduce:animate-none"
        />
        running
      </span>
    )
  return (
    <span
      className={clsx(
        run.state === 'planned' ? 'text-ink-3' : 'text-ink',
        isNext && 'font-[550] text-accent',
      )}
    >
      {isNext ? 'next' : stateWords(run)}
    </span>
  )
}

const stateWords = ({ state, isCalibration, isAdded, takenFrom }: RunRow): string =>
  [state, isCalibration && 'control', takenFrom !== null ? 'taken over' : isAdded && 'added later']
    .filter(Boolean)
    .join(', ')

/** What a run says by itself: its growth with its interval, or why there is none. */
function Said({ run }: { run: RunRow }) {
  if (run.state === 'planned') return null
  if (run.state === 'running') return <LiveRate run={run} />
  const { reading } = run
  if (!reading) return <span className="text-ink-3">is being read…</span>
  const { bytesPerIteration, bytesPerHour, durationMs, iterations, addedLater = 0 } = reading
  const length = formatDuration(milliseconds(durationMs))
  return (
    <span className={clsx('[overflow-wrap:anywhere]', run.excluded && 'text-ink-3')} title={reading.words}>
      {bytesPerIteration ? (
        <>
          <span className="num font-[550]">{amount(bytesPerIteration.value, 'per-iteration')}</span>
          <span className="text-ink-3"> · {bytesPerHour ? perHour(bytesPerHour.value) : ''}</span>
        </>
      ) : bytesPerHour ? (
        <span className="num">{measured(bytesPerHour, 'per-hour')}</span>
      ) : (
        reading.words
      )}
      <span className="text-ink-3">
        {' '}
        · {length}
        {iterations > 0 && `, ${formatCount(iterations)} iterations`}
        {addedLater > 0 &&
          ` · read again: ${formatCount(addedLater)} ${addedLater === 1 ? 'sample' : 'samples'} added later`}
      </span>
    </span>
  )
}

function LiveRate({ run }: { run: RunRow }) {
  const reading = useLiveReading(run)
  const rate = reading?.reading.bytesPerHour
  return (
    <span className="text-ink-2">
      {rate ? (
        <span className="num font-[550] text-ink">{perHour(rate.value)} so far</span>
      ) : (
        'no rate can be told yet'
      )}
      {run.from !== null && (
        <span className="text-ink-3">
          {' '}
          · since <ClockTime at={run.from} bare />
        </span>
      )}
    </span>
  )
}

function Excluded({ run, excluded }: { run: RunRow; excluded: NonNullable<RunRow['excluded']> }) {
  const by = usePersonName(excluded.by) ?? 'somebody'
  return (
    <p className="pl-[60px] text-sm text-warm [overflow-wrap:anywhere]">
      Does not count, says <bdi>{by}</bdi>: <bdi>{excluded.reason}</bdi>
      <span className="sr-only"> ({nameOfRun(run)})</span>
    </p>
  )
}

function ShowOnGraph({ run }: { run: RunRow }) {
  const { show } = useView()
  const { memorySeriesId, from } = run
  if (memorySeriesId === null || from === null) return null
  return (
    <IconButton
      label={`Show ${nameOfRun(run)} on the graph`}
      onClick={() =>
        show({
          kind: 'series-range',
          seriesIds: [memorySeriesId],
          from,
          to: run.to ?? Date.now(),
          reading: '',
        })
      }
    >
      <ChartLine size={14} aria-hidden />
    </IconButton>
  )
}

function RunMenu({ run, actions, onAsk }: { run: RunRow; actions: RunActions; onAsk(asking: Asking): void }) {
  const { canWrite } = useRoom()
  if (!canWrite) return null
  const isTaken = run.takenFrom !== null
  // What a machine has measured stays: a run that does not please is excluded, for everybody to see.
  const isAttached = run.endedBy === 'attached' && !isTaken
  return (
    <Menu
      trigger={
        <IconButton label={`Change ${nameOfRun(run)}`}>
          <Ellipsis size={14} aria-hidden />
        </IconButton>
      }
    >
      {run.state === 'running' && <MenuItem onSelect={() => void actions.end(run)}>It is over</MenuItem>}
      {(run.state === 'planned' || isAttached) && (
        <MenuItem onSelect={() => actions.attach(run)}>
          {isAttached ? 'Attach another range…' : 'Attach a graph…'}
        </MenuItem>
      )}
      {isAttached && <MenuItem onSelect={() => onAsk('detach')}>Take the graph away…</MenuItem>}
      {run.excluded === null ? (
        <MenuItem danger onSelect={() => onAsk('exclude')}>
          Exclude…
        </MenuItem>
      ) : (
        <>
          <MenuItem onSelect={() => onAsk('include')}>Count it again…</MenuItem>
          {!isTaken && <MenuItem onSelect={() => void actions.replace(run)}>Add a run in its place</MenuItem>}
        </>
      )}
    </Menu>
  )
}

/** A sparkline of 64 pixels needs no more than so many points. */
const MOST = 64
function thinned(values: readonly number[]): number[] {
  const step = Math.max(1, Math.ceil(values.length / MOST))
  return values.filter((_, at) => at % step === 0 || at === values.length - 1)
}
