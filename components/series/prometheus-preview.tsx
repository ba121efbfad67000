'use client' // A conversation about what a Prometheus answered.

import { useState } from 'react'
import { Button } from '#components/ui/button'
import { Select } from '#components/ui/field'
import type { PreviewedSource, SourcePreview } from '#lib/formats/prometheus-range/preview'
import { formatValue } from '#lib/formats/series/preview'
import { MEANINGS, meaningLabel, UNIT_CHOICES, type UnitChoice } from '#lib/formats/series/quantities'
import {
  everyWords,
  hostOf,
  REFRESH_SECONDS,
  SOURCE_LIMITS,
  type SourceSeries,
} from '#lib/investigation/sources'
import { formatCount, formatDuration } from '#lib/units/format'
import { milliseconds } from '#lib/units/quantity'
import { addSource, type SourceAsked } from './fetch-sources.tsx'
import { LabelledSelect } from './labelled-select.tsx'
import { PreviewTable } from './preview-table.tsx'
import { trapIn } from './prometheus-examples.tsx'

/** What somebody said of a metric, instead of what its name says. */
interface Said {
  readonly name?: string
  readonly unitChoice?: UnitChoice
}

/** A row as it would be stored: what was said overrules what was guessed, for all series of the metric. Pure. */
export function asSaid(one: PreviewedSource, said: Said | undefined): PreviewedSource {
  const unitChoice = said?.unitChoice ?? one.unitChoice
  const { unit, factor } = UNIT_CHOICES[unitChoice]
  const name = said?.name ?? one.name
  return {
    ...one,
    name,
    label: name === one.name ? one.label : (meaningLabel(name) ?? one.label),
    unit,
    unitChoice,
    examples: one.examples.map(({ written }) => ({
      written,
      means: formatValue(Number(written) * factor, unit),
    })),
  }
}

/** A row as the server keeps it. Pure. */
export const chosenSeries = ({
  key,
  name,
  label,
  process,
  unit,
  unitChoice,
}: PreviewedSource): SourceSeries => ({
  key,
  name,
  label: `${label} ${process}`.trim().slice(0, 200),
  process,
  unit,
  factor: UNIT_CHOICES[unitChoice].factor,
})

/** Shows how an answer was understood, lets it be corrected, and adds the source. */
export function ChooseSeries({
  investigationId,
  asked,
  preview,
  onBack,
  onAdded,
}: {
  investigationId: string
  asked: SourceAsked
  preview: SourcePreview
  onBack: () => void
  onAdded: () => void
}) {
  const [intent] = useState(() => ({ id: crypto.randomUUID(), key: crypto.randomUUID() }))
  const [said, setSaid] = useState<ReadonlyMap<string, Said>>(new Map())
  const [picked, setPicked] = useState<ReadonlySet<string>>(
    () => new Set(preview.series.filter(({ suggested }) => suggested).map(({ key }) => key)),
  )
  const [refreshSeconds, setRefreshSeconds] = useState<number>(30)
  const [follows, setFollows] = useState(true)
  const [problem, setProblem] = useState<string | null>(null)
  const [isAdding, setAdding] = useState(false)

  const rows = preview.series.map((one) => asSaid(one, said.get(one.column)))
  const chosen = rows.filter(({ key }) => picked.has(key))
  const say = ({ column }: PreviewedSource, more: Said) =>
    setSaid(new Map(said).set(column, { ...said.get(column), ...more }))
  const toggle = (key: string) => {
    const next = new Set(picked)
    if (!next.delete(key)) next.add(key)
    setPicked(next)
  }
  const add = async () => {
    setAdding(true)
    try {
      const series = chosen.map(chosenSeries)
      const { startTimes } = preview
      const more = { refreshSeconds, series, follows: follows && !isPartial, startTimes }
      await addSource(investigationId, { ...intent, ...asked, ...more })
      onAdded()
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'It could not be added. Try again.')
      setAdding(false)
    }
  }
  const trap = trapIn(asked.query)
  const isPartial = leavesOut(preview.series, picked)
  return (
    <div className="grid gap-3">
      <Facts asked={asked} preview={preview} />
      {trap && <p className="rounded-lg bg-warm-soft p-2.5 text-sm">{trap}</p>}
      <PreviewTable
        rows={rows.map((one) => ({ ...one, label: `${one.label} ${one.process}`.trim() }))}
        picked={picked}
        onToggle={toggle}
        onUnit={(one, unit) => isUnit(unit) && say(one, { unitChoice: unit })}
        meaning={(one) => <Meaning one={one} onName={(name) => say(one, meant(name, one))} />}
      />
      <div className="grid items-end gap-3 sm:grid-cols-[auto_1fr]">
        <LabelledSelect
          label="Fetch"
          value={refreshSeconds}
          onChange={(event) => setRefreshSeconds(Number(event.target.value))}
        >
          {REFRESH_SECONDS.map((seconds) => (
            <option key={seconds} value={seconds}>
              {everyWords(seconds)}
            </option>
          ))}
        </LabelledSelect>
        {refreshSeconds > 0 && (
          <label className="flex items-center gap-2 pb-1.5 text-sm">
            <input
              type="checkbox"
              className="accent-accent"
              checked={follows && !isPartial}
              disabled={isPartial}
              onChange={() => setFollows(!follows)}
            />
            {isPartial
              ? 'Some series of a metric are left out, so new ones of it are left out, too'
              : 'Take new series of these metrics, too (new pods, new instances)'}
          </label>
        )}
      </div>
      {problem && (
        <p role="alert" className="text-growth">
          {problem}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onBack}>Back</Button>
        <Button
          look="primary"
          disabled={isAdding || chosen.length === 0 || chosen.length > SOURCE_LIMITS.series}
          onClick={() => void add()}
        >
          {isAdding ? 'Adding…' : `Fetch ${chosen.length} series`}
        </Button>
      </div>
    </div>
  )
}

/**
 * Is a series left out whose metric has others that are taken? Then nobody can say which of the new ones are wanted. Pure.
 */
export function leavesOut(
  rows: readonly Pick<PreviewedSource, 'key' | 'column'>[],
  picked: ReadonlySet<string>,
): boolean {
  const metrics = new Set(rows.filter(({ key }) => picked.has(key)).map(({ column }) => column))
  return rows.some(({ key, column }) => metrics.has(column) && !picked.has(key))
}

const isUnit = (text: string): text is UnitChoice => Object.hasOwn(UNIT_CHOICES, text)

/** Another meaning brings its unit along, where the unit so far is of another kind. */
export function meant(name: string, { unit }: Pick<PreviewedSource, 'unit'>): Said {
  const meaning = MEANINGS.find((one) => one.name === name)
  if (!meaning || meaning.unit === unit) return { name }
  return { name, unitChoice: meaning.unit }
}

function Meaning({ one, onName }: { one: PreviewedSource; onName: (name: string) => void }) {
  return (
    <Select
      aria-label={`What ${one.label} measures`}
      className="max-w-[140px] text-xs!"
      value={one.name}
      onChange={(event) => onName(event.target.value)}
    >
      {!MEANINGS.some(({ name }) => name === one.name) && <option value={one.name}>{one.name}</option>}
      {MEANINGS.map(({ name, label }) => (
        <option key={name} value={name}>
          {label}
        </option>
      ))}
    </Select>
  )
}

function Facts({ asked, preview }: { asked: SourceAsked; preview: SourcePreview }) {
  const { series, window, isWhole, samples, badSamples, warnings, startTimes } = preview
  const gaps = Math.max(0, ...series.map((one) => one.gaps))
  const span = formatDuration(milliseconds(window.end - window.start))
  return (
    <div className="grid gap-1 text-ink-2 text-xs">
      <p>
        <b className="font-semibold text-ink">
          <bdi>{hostOf(asked.url)}</bdi>
        </b>{' '}
        answers {series.length === 1 ? '1 series' : `${series.length} series`} with {formatCount(samples)}{' '}
        samples
        {isWhole ? ` of the last ${span}` : ` of the last ${span}; the rest of the range is fetched later`}
        {badSamples > 0 && `, ${formatCount(badSamples)} of them no number`}
        {gaps > 0 && `, ${gaps === 1 ? '1 gap' : `up to ${gaps} gaps`} in a series`}.{' '}
        {startTimes
          ? 'It knows when processes were started: restarts are certain.'
          : 'It does not know when processes were started: restarts are inferred from the values.'}
      </p>
      {warnings.map((warning) => (
        <p key={warning} className="text-warm">
          It warns: <bdi>{warning}</bdi>
        </p>
      ))}
    </div>
  )
}
