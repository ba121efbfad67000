'use client' // Filters while one types.

import clsx from 'clsx'
import { Download } from 'lucide-react'
import { Button, buttonClass } from '#components/ui/button'
import { Input, Select } from '#components/ui/field'
import type { GrowthPage } from '#lib/reports/growth-report'
import { formatCount } from '#lib/units/format'
import type { Measure } from './growth-columns.tsx'
import { SHAPE_NAMES, SHAPES } from './shape-tag.tsx'

interface GrowthToolbarProps {
  readonly page: GrowthPage | undefined
  readonly words: string
  readonly onWords: (words: string) => void
  readonly shape: string
  readonly onShape: (shape: string | null) => void
  readonly measure: Measure
  readonly onMeasure: (measure: Measure) => void
  readonly csvHref: string
  /** Rows that the ledger folds away; undefined while it is not known. */
  readonly expected: number | undefined
  readonly showsExpected: boolean
  readonly onShowExpected: (shown: boolean) => void
  readonly proposals: number
  readonly onProposals: () => void
  readonly onLedger: () => void
}

/** Filter, shape, objects or bytes, what is expected, CSV. */
export function GrowthToolbar(props: GrowthToolbarProps) {
  const { page, measure } = props
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-line border-y px-4 py-1.5">
      <Input
        type="search"
        aria-label="Filter by class, type or allocation site"
        placeholder="Class, type or site"
        maxLength={200}
        value={props.words}
        onChange={(event) => props.onWords(event.target.value)}
        className="h-7! w-44! min-w-28 grow sm:grow-0"
      />
      <Select
        aria-label="Shape"
        value={props.shape}
        onChange={(event) => props.onShape(event.target.value || null)}
        className="h-7! w-auto! min-w-28 max-w-full shrink"
      >
        <option value="">All shapes{page ? ` (${formatCount(page.all)})` : ''}</option>
        {SHAPE_NAMES.map((shape) => (
          <option key={shape} value={shape}>
            {SHAPES[shape].words} ({formatCount(page?.shapes[shape] ?? 0)})
          </option>
        ))}
      </Select>
      <fieldset className="flex rounded-md border border-line-strong p-px">
        <legend className="sr-only">What is counted</legend>
        <MeasureButton name="Objects" isOn={measure === 'count'} onPress={() => props.onMeasure('count')} />
        <MeasureButton name="Bytes" isOn={measure === 'bytes'} onPress={() => props.onMeasure('bytes')} />
      </fieldset>
      {(props.expected ?? 0) > 0 && (
        <button
          type="button"
          aria-pressed={props.showsExpected}
          onClick={() => props.onShowExpected(!props.showsExpected)}
          title="The team’s ledger says that these groups are expected."
          className={buttonClass('plain', 'small', props.showsExpected ? 'bg-steady-soft! text-steady!' : '')}
        >
          {props.showsExpected ? 'Fold' : 'Show'} {formatCount(props.expected ?? 0)} expected
        </button>
      )}
      {props.proposals > 0 && (
        <Button size="small" look="quiet" onClick={props.onProposals}>
          Probably expected ({formatCount(props.proposals)})
        </Button>
      )}
      <Button size="small" look="quiet" onClick={props.onLedger}>
        Ledger
      </Button>
      <span className="flex-1" />
      {page && (
        <span className="text-ink-3 text-xs" aria-live="polite">
          {formatCount(page.total)} of {formatCount(Math.max(page.all, page.changedGroups))} rows that differ
        </span>
      )}
      <a href={props.csvHref} download className={buttonClass('plain', 'small')}>
        <Download size={13} aria-hidden /> CSV
      </a>
    </div>
  )
}

function MeasureButton({ name, isOn, onPress }: { name: string; isOn: boolean; onPress(): void }) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={onPress}
      className={clsx('h-6 rounded-[5px] px-2 text-xs', isOn ? 'bg-sunken font-semibold' : 'text-ink-2')}
    >
      {name}
    </button>
  )
}
