import clsx from 'clsx'
import type { ReactNode } from 'react'
import type { ChartSeries } from './chart-types.tsx'
import { seriesColor } from './series-colors.tsx'

/** One switch per series: a line in its colour, its label. `children` come after them (Add series, Live …). */
export function SeriesChips({
  series,
  shown,
  onToggle,
  live,
  children,
}: {
  series: readonly ChartSeries[]
  shown: ReadonlySet<string>
  onToggle: (seriesId: string) => void
  /** Ids of series that get points at this moment. */
  live?: ReadonlySet<string>
  children?: ReactNode
}) {
  // Colours as in the graph, which knows only the series that are drawn.
  const drawn = series.filter((one) => shown.has(one.id))
  return (
    <fieldset aria-label="Series" className="flex flex-wrap items-center gap-1.5">
      {series.map((one) => {
        const isOn = shown.has(one.id)
        const color = isOn ? `var(${seriesColor(one, drawn)})` : 'var(--line-strong)'
        return (
          <button
            key={one.id}
            type="button"
            aria-pressed={isOn}
            onClick={() => onToggle(one.id)}
            title={`${one.points.toLocaleString('en-US')} samples`}
            className={clsx(
              'inline-flex max-w-56 items-center gap-1.5 rounded-[5px] border px-1.5 py-px text-[11.5px]',
              isOn
                ? 'border-transparent bg-accent-soft font-semibold text-accent'
                : 'border-line-strong bg-panel text-ink-2 hover:bg-sunken',
            )}
          >
            <span aria-hidden className="h-0.5 w-2 shrink-0 rounded-sm" style={{ background: color }} />
            <span className="truncate">{one.label}</span>
            {live?.has(one.id) && <span className="shrink-0 font-normal">· live</span>}
          </button>
        )
      })}
      {children}
    </fieldset>
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
