'use client' // Follows the pointer of everybody.

import { Pin, X } from 'lucide-react'
import type { SeriesReading } from '#lib/series/reading'
import type { ChartCursor } from './chart-types.tsx'

/** Lines where teammates point, with their names. `left` gives CSS pixels from the plot's left edge, null when outside. */
export function CursorLines({
  cursors,
  left,
}: {
  cursors: readonly ChartCursor[]
  left: (t: number) => number | null
}) {
  return cursors.map((cursor) => {
    const x = left(cursor.t)
    if (x === null) return null
    const color = `var(--p${(cursor.color % 8) + 1}-deep)`
    return (
      <div
        key={cursor.userId}
        aria-hidden
        className="pointer-events-none absolute inset-y-0 w-px transition-transform duration-75"
        style={{ transform: `translateX(${x}px)`, background: color }}
      >
        <span
          className="absolute top-0 left-0 rounded-r px-1 text-[11px] leading-4 font-semibold whitespace-nowrap text-white"
          style={{ background: color }}
        >
          {cursor.name}
        </span>
      </div>
    )
  })
}

/** What a brushed range does, and the way to pin it. Sits at the range's left edge, inside the graph. */
export function BrushCard({
  left,
  reading,
  label,
  onPin,
  onClear,
}: {
  left: number
  /** `undefined` while it is being computed. */
  reading: SeriesReading | null | undefined
  label: string
  onPin?: (() => void) | undefined
  onClear: () => void
}) {
  const words =
    reading === undefined
      ? 'Reading the range…'
      : (reading?.reading.words ?? 'No memory series in this range.')
  return (
    <div
      className="absolute top-8 z-10 w-72 rounded-lg border border-line-strong bg-panel p-2.5 text-xs shadow-pop"
      style={{ left }}
    >
      <div className="flex items-start gap-2">
        <p className="grow text-ink-2" aria-live="polite">
          <b className="font-semibold text-ink">{label}</b> {words}
        </p>
        <button
          type="button"
          onClick={onClear}
          aria-label="Clear the range"
          className="rounded p-0.5 text-ink-3 hover:bg-sunken hover:text-ink"
        >
          <X size={13} aria-hidden />
        </button>
      </div>
      {onPin && (
        <button
          type="button"
          onClick={onPin}
          className="mt-2 inline-flex h-7 items-center gap-1.5 rounded-md bg-ink px-2.5 font-semibold text-bg hover:opacity-90"
        >
          <Pin size={12} aria-hidden /> Pin as evidence
        </button>
      )}
    </div>
  )
}
