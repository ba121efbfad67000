'use client' // Forms.

import { type FormEvent, useState } from 'react'
import { Button } from '#components/ui/button'
import { Select, TextField } from '#components/ui/field'
import type { LimitKind, MarkKind } from '#lib/investigation/rows'
import { LabelledSelect } from './labelled-select.tsx'

const UNITS = { MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 } as const
type Unit = keyof typeof UNITS
const isUnit = (text: string): text is Unit => Object.hasOwn(UNITS, text)

const LIMIT_KINDS: readonly { kind: LimitKind; label: string }[] = [
  { kind: 'ram', label: 'Physical memory, swap above' },
  { kind: 'cgroup', label: 'Container limit' },
  { kind: 'swap', label: 'Memory and swap' },
  { kind: 'commit', label: 'Commit limit' },
  { kind: 'rlimit', label: 'Address space of the process (ulimit -v)' },
  { kind: 'heap', label: 'Heap of the runtime' },
  { kind: 'custom', label: 'Another limit' },
]

/** "16", "GiB" → bytes; undefined when it is no size. */
export function sizeOf(text: string, unit: Unit): number | undefined {
  const value = Number(text.trim().replace(',', '.'))
  const size = Math.round(value * UNITS[unit])
  return Number.isFinite(value) && size > 0 && size <= 2 ** 60 ? size : undefined
}

/** Sets a line that memory must not cross. */
export function LimitForm({
  onSet,
}: {
  onSet: (limit: { kind: LimitKind; label: string; bytes: number }) => void
}) {
  const [kind, setKind] = useState<LimitKind>('ram')
  const [label, setLabel] = useState('')
  const [amount, setAmount] = useState('')
  const [unit, setUnit] = useState<Unit>('GiB')
  const [error, setError] = useState<string | null>(null)
  const named = LIMIT_KINDS.find((entry) => entry.kind === kind)?.label ?? 'Limit'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const size = sizeOf(amount, unit)
    if (size === undefined) {
      setError('Write a size above 0, such as 16.')
      return
    }
    onSet({ kind, label: label.trim() || named, bytes: size })
  }
  return (
    <form onSubmit={submit} className="grid gap-3">
      <LabelledSelect label="Kind" value={kind} onChange={(event) => setKind(kindOf(event.target.value))}>
        {LIMIT_KINDS.map((entry) => (
          <option key={entry.kind} value={entry.kind}>
            {entry.label}
          </option>
        ))}
      </LabelledSelect>
      <div className="grid grid-cols-[1fr_auto] items-end gap-2">
        <TextField
          label="Size"
          inputMode="decimal"
          autoFocus
          value={amount}
          error={error}
          onChange={(event) => setAmount(event.target.value)}
        />
        <Select
          aria-label="Unit"
          value={unit}
          onChange={(event) => isUnit(event.target.value) && setUnit(event.target.value)}
        >
          {Object.keys(UNITS).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
      </div>
      <TextField
        label="Label"
        maxLength={200}
        placeholder={named}
        value={label}
        onChange={(event) => setLabel(event.target.value)}
      />
      <Button type="submit" look="primary" className="justify-self-end">
        Set limit
      </Button>
    </form>
  )
}

const kindOf = (text: string): LimitKind => LIMIT_KINDS.find((entry) => entry.kind === text)?.kind ?? 'custom'

const MARK_KINDS: readonly { kind: MarkKind; label: string }[] = [
  { kind: 'note', label: 'Note' },
  { kind: 'deploy', label: 'Deploy' },
  { kind: 'crash', label: 'Crash' },
  { kind: 'outage', label: 'Outage of something it depends on' },
  { kind: 'restart', label: 'Restart' },
]
const markKindOf = (text: string): MarkKind => MARK_KINDS.find((entry) => entry.kind === text)?.kind ?? 'note'

/** `YYYY-MM-DDTHH:MM:SS` in the reader's own zone, as the browser's field wants it. */
export function localTime(at: number): string {
  const date = new Date(at)
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}

/** Adds a mark at a moment, or over the brushed range. */
export function MarkForm({
  at,
  until,
  onAdd,
}: {
  at: number
  until: number | null
  onAdd: (mark: { kind: MarkKind; label: string; at: number; until: number | null }) => void
}) {
  const [kind, setKind] = useState<MarkKind>('note')
  const [label, setLabel] = useState('')
  const [from, setFrom] = useState(localTime(at))
  const [to, setTo] = useState(until === null ? '' : localTime(until))
  const [error, setError] = useState<string | null>(null)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const start = Date.parse(from)
    const end = to === '' ? null : Date.parse(to)
    if (label.trim() === '') setError('Say in a few words what happened.')
    else if (Number.isNaN(start) || (end !== null && !(end > start)))
      setError('The end has to be after the start.')
    else onAdd({ kind, label: label.trim(), at: start, until: end })
  }
  return (
    <form onSubmit={submit} className="grid gap-3">
      <TextField
        label="What happened"
        autoFocus
        maxLength={200}
        value={label}
        error={error}
        onChange={(event) => setLabel(event.target.value)}
      />
      <LabelledSelect label="Kind" value={kind} onChange={(event) => setKind(markKindOf(event.target.value))}>
        {MARK_KINDS.map((entry) => (
          <option key={entry.kind} value={entry.kind}>
            {entry.label}
          </option>
        ))}
      </LabelledSelect>
      <div className="grid grid-cols-2 gap-2">
        <TextField
          label="From"
          type="datetime-local"
          step={1}
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
        <TextField
          label="Until (may be empty)"
          type="datetime-local"
          step={1}
          value={to}
          onChange={(event) => setTo(event.target.value)}
        />
      </div>
      <Button type="submit" look="primary" className="justify-self-end">
        Add mark
      </Button>
    </form>
  )
}
