'use client' // Folds.

import clsx from 'clsx'
import { type ReactNode, useState } from 'react'
import type { ChartSeries } from './chart-types.tsx'
import { seriesColor } from './series-colors.tsx'
import { type ChipSeries, type SeriesGroup, type SeriesKind, seriesGroups } from './series-groups.tsx'

/** Processes that are always there; one of which a line is drawn always is. */
const MOST_PROCESSES = 4

const CHIP =
  'inline-flex max-w-56 items-center gap-1.5 rounded-[5px] border px-1.5 py-px text-[11.5px] max-md:min-h-8'
/** On a phone each process is a row that is moved sideways; words for listeners only are placed in it, not beside the page. */
const ROW = 'relative md:flex-wrap max-md:w-full max-md:overflow-x-auto max-md:[&>*]:shrink-0'
const KIND_WORDS: Record<SeriesKind, string> = { memory: 'Memory', heap: 'Heap', counts: 'Counts' }

/** One switch per series: a line in its colour, its label. Those of several processes stand together. */
export function SeriesChips({
  series,
  shown,
  onToggle,
  live,
  className,
}: {
  series: readonly ChipSeries[]
  shown: ReadonlySet<string>
  onToggle: (seriesId: string) => void
  /** Ids of series that get points at this moment. */
  live?: ReadonlySet<string>
  className?: string
}) {
  const [areAllWanted, wantAll] = useState(false)
  // Colours as in the graph, which knows only the series that are drawn.
  const drawn = series.filter((one) => shown.has(one.id))
  const groups = seriesGroups(series, shown)
  const isBusy = (group: SeriesGroup) => group.first.some(({ id }) => shown.has(id))
  const open = groups.filter((group, i) => areAllWanted || i < MOST_PROCESSES || isBusy(group))
  const chip = (one: ChipSeries) => (
    <Chip
      key={one.id}
      one={one}
      isOn={shown.has(one.id)}
      isLive={live?.has(one.id) ?? false}
      color={shown.has(one.id) ? `var(${seriesColor(one, drawn)})` : 'var(--line-strong)'}
      isInGroup={groups.length > 1}
      onToggle={() => onToggle(one.id)}
    />
  )
  return (
    <fieldset
      aria-label="Series"
      className={clsx('flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1.5', className)}
    >
      {open.map((group) => (
        <Group key={group.process} group={group} isNamed={groups.length > 1} chip={chip} />
      ))}
      {(areAllWanted || open.length < groups.length) && groups.length > MOST_PROCESSES && (
        <Fold
          isOpen={areAllWanted}
          onPress={() => wantAll(!areAllWanted)}
          words={processesWords(groups.length - open.length)}
        />
      )}
    </fieldset>
  )
}

const processesWords = (count: number) => (count === 1 ? '1 more process' : `${count} more processes`)

function Group({
  group: { process, first, more },
  isNamed,
  chip,
}: {
  group: SeriesGroup
  isNamed: boolean
  chip(one: ChipSeries): ReactNode
}) {
  const [isOpen, setOpen] = useState(false)
  const folded = more.reduce((sum, { series }) => sum + series.length, 0)
  return (
    <span className={clsx('flex min-w-0 items-center gap-1.5', isNamed ? ROW : 'flex-wrap')}>
      {isNamed && (
        <bdi className="max-w-40 truncate text-[11.5px] text-ink-3" title={process}>
          {process || 'no process'}
        </bdi>
      )}
      {first.map(chip)}
      {isOpen &&
        more.map(({ kind, series }) => (
          <span key={kind} className="contents [&>*]:shrink-0">
            <span className="text-[11px] text-ink-3">{KIND_WORDS[kind]}</span>
            {series.map(chip)}
          </span>
        ))}
      {folded > 0 && (
        <Fold isOpen={isOpen} onPress={() => setOpen(!isOpen)} words={`${folded} more`} of={process} />
      )}
    </span>
  )
}

function Fold({
  isOpen,
  onPress,
  words,
  of,
}: {
  isOpen: boolean
  onPress(): void
  words: string
  of?: string
}) {
  return (
    <button
      type="button"
      aria-expanded={isOpen}
      onClick={onPress}
      className="rounded-[5px] px-1.5 py-px text-[11.5px] text-accent hover:bg-sunken max-md:min-h-8"
    >
      {isOpen ? 'Fewer' : words}
      {of && <span className="sr-only"> of {of}</span>}
    </button>
  )
}

function Chip({
  one,
  isOn,
  isLive,
  color,
  isInGroup,
  onToggle,
}: {
  one: ChipSeries
  isOn: boolean
  isLive: boolean
  color: string
  isInGroup: boolean
  onToggle(): void
}) {
  const ending = ` ${one.process}`
  const isShort = isInGroup && one.process !== '' && one.label.endsWith(ending)
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={onToggle}
      title={`${one.label}: ${one.points.toLocaleString('en-US')} samples`}
      className={clsx(
        CHIP,
        isOn
          ? 'border-transparent bg-accent-soft font-semibold text-accent'
          : 'border-line-strong bg-panel text-ink-2 hover:bg-sunken',
      )}
    >
      <span aria-hidden className="h-0.5 w-2 shrink-0 rounded-sm" style={{ background: color }} />
      <span className="truncate">
        {isShort ? one.label.slice(0, -ending.length) : one.label}
        {isShort && <span className="sr-only">{ending}</span>}
      </span>
      {isLive && <span className="shrink-0 font-normal">· live</span>}
    </button>
  )
}

/** Which series a room shows before anybody chose: memory of the process, and the runtime's heap beside it. */
export function shownAtFirst(series: readonly ChartSeries[]): Set<string> {
  const memory = series.filter((one) => one.unit === 'bytes' && one.name !== 'vsz')
  const wanted = memory.filter(
    (one) => one.name === 'rss' || one.name === 'memory' || one.name === 'heap-live',
  )
  const chosen = wanted.length > 0 ? wanted : memory.length > 0 ? memory : series
  return new Set(chosen.slice(0, 4).map((one) => one.id))
}
