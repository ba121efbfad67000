'use client' // A form.

import { format } from 'date-fns'
import { type FormEvent, useState } from 'react'
import { useRawCommand } from '#components/room/room-context'
import { Button } from '#components/ui/button'
import { TextField } from '#components/ui/field'
import type { CaptureRow } from '#lib/investigation/rows'
import { sentenceOf } from './answer.tsx'

interface Draft {
  readonly label: string
  readonly takenAt: string
  readonly process: string
  readonly requestCount: string
}

/** What people know of a capture and the file does not say. Somebody else's change meanwhile is shown, not overwritten. */
export function CaptureForm({ capture, onClose }: { capture: CaptureRow; onClose(): void }) {
  const command = useRawCommand()
  // The row as it was when the form was opened (or last compared): what is compared and set.
  const [base, setBase] = useState(capture)
  const [draft, setDraft] = useState<Draft>(() => draftOf(capture))
  const [problem, setProblem] = useState<string | null>(null)
  const [isSaving, setSaving] = useState(false)
  const requests = readRequests(draft.requestCount)
  const isOvertaken = capture.version !== base.version

  const save = async (event: FormEvent) => {
    event.preventDefault()
    if (requests === undefined) return
    setSaving(true)
    try {
      await command('capture:change', {
        id: capture.id,
        version: base.version,
        ...changes(base, draft, requests),
      })
      onClose()
    } catch (refused) {
      setProblem(sentenceOf(refused))
    } finally {
      setSaving(false)
    }
  }
  const field = (name: keyof Draft) => ({
    value: draft[name],
    onChange: (event: { target: { value: string } }) => setDraft({ ...draft, [name]: event.target.value }),
  })

  return (
    <form
      onSubmit={save}
      className="mt-3 border-line border-t pt-3"
      aria-label={`Details of ${capture.label}`}
    >
      <div className="grid grid-cols-[repeat(auto-fit,minmax(170px,1fr))] gap-3">
        <TextField label="Label" required maxLength={200} autoFocus {...field('label')} />
        <TextField label="Taken at (your clock)" type="datetime-local" step={1} {...field('takenAt')} />
        <TextField label="Process" maxLength={200} placeholder="app-07, pid 4123" {...field('process')} />
        <TextField
          label="Requests served by then"
          inputMode="numeric"
          placeholder="2500"
          hint="Jobs or iterations do as well."
          error={requests === undefined ? 'A whole number, please.' : null}
          {...field('requestCount')}
        />
      </div>
      {isOvertaken && (
        <div
          role="alert"
          className="mt-3 flex flex-wrap items-center gap-2 rounded-md bg-warm-soft px-3 py-2 text-warm"
        >
          <span className="flex-1">
            Somebody has changed this capture meanwhile: it is now “{capture.label}”
            {capture.requestCount !== null && `, ${capture.requestCount} requests`}.
          </span>
          <Button
            size="small"
            onClick={() => {
              setBase(capture)
              setDraft(draftOf(capture))
              setProblem(null)
            }}
          >
            Take theirs
          </Button>
          <Button
            size="small"
            onClick={() => {
              setBase(capture)
              setProblem(null)
            }}
          >
            Keep mine
          </Button>
        </div>
      )}
      {problem && !isOvertaken && (
        <p role="alert" className="mt-3 text-growth">
          {problem}
        </p>
      )}
      <div className="mt-3 flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" disabled={isSaving || isOvertaken || requests === undefined}>
          Save
        </Button>
      </div>
    </form>
  )
}

const LOCAL = "yyyy-MM-dd'T'HH:mm:ss"

const draftOf = (capture: CaptureRow): Draft => ({
  label: capture.label,
  takenAt: capture.takenAt === null ? '' : format(capture.takenAt, LOCAL),
  process: capture.process ?? '',
  requestCount: capture.requestCount === null ? '' : String(capture.requestCount),
})

/** "2,500" → 2500, "" → null; `undefined` when it is no whole number. */
export function readRequests(text: string): number | null | undefined {
  const digits = text.replace(/[\s,_.']/g, '')
  if (digits === '') return null
  const count = Number(digits)
  return /^\d+$/.test(digits) && Number.isSafeInteger(count) ? count : undefined
}

/** Only what was changed is sent: a time that was not touched keeps its milliseconds. */
function changes(base: CaptureRow, draft: Draft, requestCount: number | null) {
  const before = draftOf(base)
  const takenAt = draft.takenAt === '' ? null : new Date(draft.takenAt).getTime()
  return {
    ...(draft.label.trim() === before.label ? {} : { label: draft.label.trim() }),
    ...(draft.takenAt === before.takenAt ? {} : { takenAt }),
    ...(draft.process === before.process ? {} : { process: draft.process.trim() || null }),
    ...(requestCount === base.requestCount ? {} : { requestCount }),
  }
}
