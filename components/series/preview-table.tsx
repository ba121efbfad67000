'use client' // Ticks and lists to choose from.

import type { ReactNode } from 'react'
import { Select } from '#components/ui/field'
import type { PreviewedSeries } from '#lib/formats/series/preview'
import { UNIT_CHOICES } from '#lib/formats/series/quantities'
import { formatCount } from '#lib/units/format'

/** Series that could be stored: which of them, in what unit, and how their values read then. */
export function PreviewTable<One extends PreviewedSeries>({
  rows,
  picked,
  onToggle,
  onUnit,
  meaning,
}: {
  rows: readonly One[]
  picked: ReadonlySet<string> | null
  onToggle: (key: string) => void
  onUnit: (one: One, unit: string) => void
  /** What a series measures, where that can be said here. */
  meaning?: (one: One) => ReactNode
}) {
  return (
    <div className="max-h-80 overflow-auto rounded-lg border border-line">
      <table className="w-full text-xs">
        <thead className="sticky top-0 bg-panel text-left text-ink-3">
          <tr>
            <th className="p-2 font-medium">Series</th>
            {meaning && <th className="p-2 font-medium">Measures</th>}
            <th className="p-2 font-medium">Unit</th>
            <th className="p-2 font-medium">As written → as read</th>
            <th className="p-2 text-right font-medium">Samples</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <Row
              key={one.key}
              one={one}
              isPicked={picked?.has(one.key) ?? false}
              onToggle={() => onToggle(one.key)}
              onUnit={(unit) => onUnit(one, unit)}
              meaning={meaning?.(one)}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({
  one,
  isPicked,
  onToggle,
  onUnit,
  meaning,
}: {
  one: PreviewedSeries
  isPicked: boolean
  onToggle: () => void
  onUnit: (unit: string) => void
  meaning?: ReactNode
}) {
  return (
    <tr className="border-t border-line">
      <td className="min-w-[170px] p-2">
        <label className="flex items-center gap-2">
          <input type="checkbox" checked={isPicked} onChange={onToggle} className="accent-accent" />
          <span className="min-w-0 [overflow-wrap:anywhere]">
            <bdi>{one.label}</bdi>
            {one.column !== one.label && (
              <span className="block font-mono text-[11px] text-ink-3">{one.column}</span>
            )}
          </span>
        </label>
      </td>
      {meaning !== undefined && <td className="p-2">{meaning}</td>}
      <td className="p-2">
        <Select
          aria-label={`Unit of ${one.label}`}
          value={one.unitChoice}
          className="max-w-[150px] text-xs!"
          onChange={(event) => onUnit(event.target.value)}
        >
          {Object.entries(UNIT_CHOICES).map(([value, { label }]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </td>
      <td className="p-2 font-mono text-[11px] text-ink-2">
        {one.examples.map((example, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: three fixed examples, which may be equal.
          <span key={index} className="block whitespace-nowrap">
            {example.written} → {example.means}
          </span>
        ))}
      </td>
      <td className="p-2 text-right font-mono">{formatCount(one.points)}</td>
    </tr>
  )
}
