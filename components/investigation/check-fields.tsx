'use client' // Fields of a form.

import { useDeferredValue, useId } from 'react'
import useSWR from 'swr'
import { readJson } from '#components/heap/answer'
import { chosenCaptures, lettered } from '#components/heap/growth-choice'
import { visible } from '#components/heap/raw-text'
import { useRoom, useRoomState } from '#components/room/room-context'
import { LabelledSelect } from '#components/series/labelled-select'
import { Select, TextField } from '#components/ui/field'
import { isCounter } from '#lib/hypotheses/check-series'
import type { SeriesRow } from '#lib/investigation/rows'
import { GrowthPage } from '#lib/reports/growth-report'
import { RowsPage } from '#lib/reports/rows'
import {
  AMOUNT_UNITS,
  type CheckDraft,
  type DraftField,
  fileTail,
  type GroupBy,
  isAmountUnit,
} from './check-draft.tsx'

export interface FieldsProps {
  readonly draft: CheckDraft
  readonly problems: ReadonlyMap<DraftField, string>
  onChange(patch: Partial<CheckDraft>): void
}

/** A list of a few fixed words. */
export function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string
  value: T
  options: readonly (readonly [value: T, words: string])[]
  onChange(value: T): void
}) {
  return (
    <LabelledSelect
      label={label}
      value={value}
      className="h-[34px] w-full"
      onChange={(event) => {
        const chosen = options.find(([one]) => one === event.target.value)
        if (chosen) onChange(chosen[0])
      }}
    >
      {options.map(([one, words]) => (
        <option key={one} value={one}>
          {words}
        </option>
      ))}
    </LabelledSelect>
  )
}

/** Rows of the room to choose from; says what is missing when there are none. */
function RowChoice({
  label,
  value,
  rows,
  none,
  error,
  onChange,
}: {
  label: string
  value: string
  rows: readonly { readonly id: string; readonly words: string }[]
  none: string
  error: string | undefined
  onChange(id: string): void
}) {
  const id = useId()
  const isGone = value !== '' && rows.every((row) => row.id !== value)
  return (
    <div className="grid min-w-0 gap-1">
      <label htmlFor={id} className="font-[550] text-ink-2 text-sm">
        {label}
      </label>
      <Select
        id={id}
        value={value}
        className="h-[34px] w-full"
        aria-invalid={error ? true : undefined}
        aria-describedby={error || rows.length === 0 ? `${id}-error` : undefined}
        onChange={(event) => onChange(event.target.value)}
      >
        <option value="">Choose…</option>
        {isGone && <option value={value}>(gone from the room)</option>}
        {rows.map((row) => (
          <option key={row.id} value={row.id}>
            {visible(row.words)}
          </option>
        ))}
      </Select>
      {(error || rows.length === 0) && (
        <p
          id={`${id}-error`}
          role={error ? 'alert' : undefined}
          className={error ? 'text-growth text-sm' : 'text-ink-3 text-sm'}
        >
          {rows.length === 0 ? none : error}
        </p>
      )}
    </div>
  )
}

const SIDES = [
  ['over', 'more than'],
  ['under', 'less than'],
] as const

export function SideChoice({ draft, onChange }: Pick<FieldsProps, 'draft' | 'onChange'>) {
  return <Choice label="Bound" value={draft.side} options={SIDES} onChange={(side) => onChange({ side })} />
}

/** A number with a unit of bytes. */
export function AmountField({ label, draft, problems, onChange }: FieldsProps & { label: string }) {
  return (
    <div className="grid grid-cols-[1fr_auto] items-start gap-2">
      <TextField
        label={label}
        inputMode="decimal"
        value={draft.amount}
        error={problems.get('amount') ?? null}
        onChange={(event) => onChange({ amount: event.target.value })}
      />
      <Select
        aria-label={`Unit of: ${label}`}
        value={draft.unit}
        className="mt-[22px] h-[34px]"
        onChange={(event) => isAmountUnit(event.target.value) && onChange({ unit: event.target.value })}
      >
        {Object.keys(AMOUNT_UNITS).map((unit) => (
          <option key={unit}>{unit}</option>
        ))}
      </Select>
    </div>
  )
}

export function SeriesChoice({
  label,
  field,
  unit,
  draft,
  problems,
  onChange,
}: FieldsProps & { label: string; field: 'seriesId' | 'counterId'; unit: 'bytes' | 'count' }) {
  const series = useRoomState((state) => state.series)
  const fits = (row: SeriesRow) => row.unit === unit && (unit === 'bytes' || isCounter(row.name))
  return (
    <RowChoice
      label={label}
      value={draft[field]}
      rows={series.filter(fits).map((row) => ({ id: row.id, words: row.label }))}
      none={
        unit === 'bytes'
          ? 'The room has no memory graph yet.'
          : 'The room has no counter yet: requests, jobs, failures.'
      }
      error={problems.get(field)}
      onChange={(id) => onChange({ [field]: id })}
    />
  )
}

export function ExperimentChoice({ draft, problems, onChange }: FieldsProps) {
  const experiments = useRoomState((state) => state.experiments)
  return (
    <RowChoice
      label="Experiment"
      value={draft.experimentId}
      rows={experiments.map((row) => ({ id: row.id, words: `${row.number}: ${row.title}` }))}
      none="The room has no experiment yet."
      error={problems.get('experimentId')}
      onChange={(experimentId) => onChange({ experimentId })}
    />
  )
}

const CLAIMS = [
  ['grows-every-time', 'grows every time'],
  ['does-not-grow', 'does not grow'],
  ['over', 'more than … in the last capture'],
  ['under', 'less than … in the last capture'],
] as const
const MEASURES = [
  ['count', 'Number of objects'],
  ['bytes', 'Their bytes'],
] as const
const BYS: readonly (readonly [GroupBy, string])[] = [
  ['class', 'Objects of a class'],
  ['site', 'Objects made at a place in the code'],
  ['fingerprint', 'A row of the growth table'],
]

/** Which objects, and what is claimed of them. */
export function GroupFields({ draft, problems, onChange }: FieldsProps) {
  const captures = useRoomState((state) => state.captures)
  const processes = [...new Set(captures.flatMap(({ process }) => process ?? []))]
  const hasAmount = draft.claim === 'over' || draft.claim === 'under'
  return (
    <>
      <Choice label="Which objects" value={draft.by} options={BYS} onChange={(by) => onChange({ by })} />
      {draft.by === 'fingerprint' ? (
        <GrowthRowChoice draft={draft} problems={problems} onChange={onChange} />
      ) : (
        <NameField draft={draft} problems={problems} onChange={onChange} />
      )}
      {(processes.length > 1 || draft.process !== '') && (
        <Choice
          label="Process"
          value={draft.process}
          options={[
            ['', 'of the newest captures that belong together'],
            ...processes.map((process) => [process, visible(process)] as const),
          ]}
          onChange={(process) => onChange({ process })}
        />
      )}
      <div className="grid items-start gap-3 sm:grid-cols-2">
        <Choice
          label="What of them"
          value={draft.measure}
          options={MEASURES}
          onChange={(measure) => onChange({ measure })}
        />
        <Choice
          label="Claim"
          value={draft.claim}
          options={CLAIMS}
          onChange={(claim) => onChange({ claim })}
        />
      </div>
      {hasAmount &&
        (draft.measure === 'bytes' ? (
          <AmountField label="Bytes" draft={draft} problems={problems} onChange={onChange} />
        ) : (
          <TextField
            label="Objects"
            inputMode="numeric"
            value={draft.amount}
            error={problems.get('amount') ?? null}
            onChange={(event) => onChange({ amount: event.target.value })}
          />
        ))}
    </>
  )
}

const SUGGESTED = 20

/** A class or a site, with suggestions from the newest capture. */
function NameField({ draft, problems, onChange }: FieldsProps) {
  const { investigationId } = useRoom()
  const newest = useChosen().at(-1)
  const listId = useId()
  const isClass = draft.by === 'class'
  const typed = isClass ? draft.className : draft.site
  const asked = useDeferredValue(typed).replace(/:\d+$/, '').slice(0, 200)
  const { data } = useSWR(
    newest ? ['check-names', investigationId, newest.id, draft.by, asked] : null,
    () => {
      const query = new URLSearchParams({ table: isClass ? 'classes' : 'sites', q: asked, sort: 'count' })
      const path = `/api/investigations/${investigationId}/captures/${newest?.id}/rows?${query}&limit=${SUGGESTED}`
      return readJson(path, RowsPage)
    },
    { keepPreviousData: true, revalidateOnFocus: false, shouldRetryOnError: false },
  )
  const names = (data?.rows ?? []).flatMap(({ className, file, line }) => {
    if (isClass) return className ?? []
    return file === null ? [] : `${fileTail(file)}${line === null ? '' : `:${line}`}`
  })
  return (
    <>
      <TextField
        label={isClass ? 'Class' : 'File and line'}
        list={listId}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        maxLength={500}
        placeholder={isClass ? 'AuditTrail::Entry' : 'lib/audit_trail.rb:14'}
        hint={isClass ? undefined : 'The end of the path is enough; without a line the whole file is meant.'}
        error={problems.get(isClass ? 'className' : 'site') ?? null}
        onChange={(event) =>
          onChange(isClass ? { className: event.target.value } : { site: event.target.value })
        }
      />
      <datalist id={listId}>
        {[...new Set(names)].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  )
}

/** The rows that grew, as the Growth tab has them. */
function GrowthRowChoice({ draft, problems, onChange }: FieldsProps) {
  const { investigationId } = useRoom()
  const chosen = useChosen()
  const ids = chosen.map(({ id }) => id).join(',')
  const { data } = useSWR(
    chosen.length > 1 ? ['check-growth', investigationId, ids] : null,
    () => {
      const query = new URLSearchParams({ captures: ids, limit: '100' })
      return readJson(`/api/investigations/${investigationId}/growth?${query}`, GrowthPage)
    },
    { revalidateOnFocus: false, shouldRetryOnError: false },
  )
  const rows = (data?.rows ?? []).map(({ fingerprint, className, siteWords, owner }) => ({
    id: fingerprint,
    words: [className, owner ?? siteWords].join(' · ').slice(0, 300),
  }))
  return (
    <RowChoice
      label="Row"
      value={draft.fingerprint}
      rows={rows}
      none={chosen.length > 1 ? 'Comparing the captures…' : 'The room has no two captures to compare yet.'}
      error={problems.get('fingerprint')}
      onChange={(fingerprint) =>
        onChange({ fingerprint, title: rows.find(({ id }) => id === fingerprint)?.words ?? draft.title })
      }
    />
  )
}

/** The captures that the Growth tab compares by itself. */
function useChosen() {
  const captures = useRoomState((state) => state.captures)
  return chosenCaptures(lettered(captures), null).map(({ capture }) => capture)
}
