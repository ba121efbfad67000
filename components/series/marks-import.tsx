'use client' // A form that reads along.

import { useId, useMemo, useState } from 'react'
import { ClockTime } from '#components/room/clock-time'
import { Button } from '#components/ui/button'
import { TextArea } from '#components/ui/field'
import { type NamedBand, readBands } from '#lib/formats/series/bands'

/** A time without a zone is the reader's own. */
const localTime = (wall: number): number => {
  const utc = new Date(wall)
  const [year, month, date] = [utc.getUTCFullYear(), utc.getUTCMonth(), utc.getUTCDate()]
  const clock = [
    utc.getUTCHours(),
    utc.getUTCMinutes(),
    utc.getUTCSeconds(),
    utc.getUTCMilliseconds(),
  ] as const
  return new Date(year, month, date, ...clock).getTime()
}

const SHOWN = 6

/** Several outages at once: pasted or from a file, shown before they are added. */
export function MarksImport({ onAdd }: { onAdd(bands: readonly NamedBand[]): void }) {
  const [text, setText] = useState('')
  const id = useId()
  const read = useMemo(() => readBands(text, localTime), [text])
  const { bands, refused, firstProblem } = read
  return (
    <form
      className="grid gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (bands.length > 0) onAdd(bands)
      }}
    >
      <label htmlFor={id} className="font-[550] text-ink-2 text-sm">
        Outages, one per line: start,end,label
      </label>
      <TextArea
        id={id}
        rows={5}
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder={'2026-11-23T14:02:00Z,2026-11-23T14:40:00Z,memcached down'}
        className="font-mono text-xs"
        aria-describedby={`${id}-hint`}
      />
      <p id={`${id}-hint`} className="text-ink-3 text-xs">
        Also Alertmanager’s alerts or Prometheus’ answer to ALERTS as JSON. Times without a zone are yours.
      </p>
      <input
        type="file"
        aria-label="File with outages"
        accept=".csv,.tsv,.txt,.json"
        className="text-xs"
        onChange={async ({ target }) => {
          const file = target.files?.[0]
          if (file) setText(await file.text())
        }}
      />
      {text.trim() !== '' && (
        <div aria-live="polite" className="text-sm">
          {firstProblem && (
            <p className="text-growth">
              {refused === 1 ? 'One is' : `${refused} are`} left out. Number {firstProblem.line}:{' '}
              {firstProblem.why}.
            </p>
          )}
          <ul className="text-ink-2">
            {bands.slice(0, SHOWN).map(({ label, from, to }) => (
              <li key={`${from} ${label}`}>
                <ClockTime at={from} /> to {to === null ? '…' : <ClockTime at={to} />}: <bdi>{label}</bdi>
              </li>
            ))}
          </ul>
          {bands.length > SHOWN && <p className="text-ink-3">and {bands.length - SHOWN} more</p>}
        </div>
      )}
      <Button type="submit" look="primary" className="justify-self-end" disabled={bands.length === 0}>
        {bands.length === 0
          ? 'Add outages'
          : bands.length === 1
            ? 'Add 1 outage'
            : `Add ${bands.length} outages`}
      </Button>
    </form>
  )
}
