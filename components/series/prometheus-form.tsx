'use client' // A form.

import { type FormEvent, useId } from 'react'
import { Button } from '#components/ui/button'
import { TextArea, TextField } from '#components/ui/field'
import type { SourceAsked } from './fetch-sources.tsx'
import { LabelledSelect } from './labelled-select.tsx'
import { EXAMPLES, trapIn } from './prometheus-examples.tsx'

const HOUR_MS = 3_600_000
/** How far back, and a step that makes a few thousand points of it. */
const RANGES = [
  { label: '1 hour', ms: HOUR_MS, step: 15 },
  { label: '6 hours', ms: 6 * HOUR_MS, step: 15 },
  { label: '24 hours', ms: 24 * HOUR_MS, step: 30 },
  { label: '7 days', ms: 7 * 24 * HOUR_MS, step: 60 },
  { label: '30 days', ms: 30 * 24 * HOUR_MS, step: 300 },
] as const
const STEPS = [1, 5, 10, 15, 30, 60, 300] as const
const stepWords = (seconds: number): string => (seconds < 60 ? `${seconds} s` : `${seconds / 60} min`)

/** What was typed; kept by the dialog, so that going back from the preview loses nothing. */
export interface SourceDraft {
  readonly url: string
  readonly query: string
  readonly range: number
  readonly step: number
  readonly way: 'none' | 'bearer' | 'basic'
  readonly user: string
  readonly secret: string
}
export const EMPTY_DRAFT: SourceDraft = {
  ...{ url: '', query: '', range: 6 * HOUR_MS, step: 15 },
  ...{ way: 'none', user: '', secret: '' },
}

/** The draft as a question, whose range ends now. */
export const askedBy = (draft: SourceDraft, now: number): SourceAsked => ({
  url: draft.url.trim(),
  query: draft.query.trim(),
  stepSeconds: draft.step,
  from: now - draft.range,
  authorization: authorizationOf(draft),
})

/** The header's value. RFC 7617 has the password's letters as UTF-8. */
export function authorizationOf({
  way,
  user,
  secret,
}: Pick<SourceDraft, 'way' | 'user' | 'secret'>): string | null {
  if (way === 'none' || secret.trim() === '') return null
  if (way === 'bearer') return `Bearer ${secret.trim().replace(/^bearer\s+/i, '')}`
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${user}:${secret}`)))}`
}

/** Where to ask, what, and how far back. */
export function PrometheusForm({
  draft,
  onDraft,
  onAsk,
  problem,
  isAsking,
}: {
  draft: SourceDraft
  onDraft: (draft: SourceDraft) => void
  onAsk: () => void
  problem: string | null
  isAsking: boolean
}) {
  const id = useId()
  const set = (change: Partial<SourceDraft>) => onDraft({ ...draft, ...change })
  const example = EXAMPLES.find(({ query }) => query === draft.query)
  const hint = example?.about ?? trapIn(draft.query)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onAsk()
  }
  return (
    <form onSubmit={submit} className="grid gap-3">
      <TextField
        label="Address of Prometheus"
        placeholder="http://prometheus:9090"
        hint="Up to where /api/v1 begins. Thanos, Mimir and VictoriaMetrics answer, too."
        inputMode="url"
        autoFocus
        spellCheck={false}
        required
        value={draft.url}
        onChange={(event) => set({ url: event.target.value })}
      />
      <div className="grid gap-1">
        <div className="flex flex-wrap items-center gap-1.5">
          <label htmlFor={id} className="mr-auto font-[550] text-ink-2 text-sm max-sm:w-full">
            Query (PromQL)
          </label>
          {EXAMPLES.map(({ name, query }) => (
            <Button
              key={name}
              size="small"
              aria-pressed={query === draft.query}
              onClick={() => set({ query })}
            >
              {name}
            </Button>
          ))}
        </div>
        <TextArea
          id={id}
          rows={2}
          className="num"
          spellCheck={false}
          required
          aria-describedby={hint ? `${id}-hint` : undefined}
          value={draft.query}
          onChange={(event) => set({ query: event.target.value })}
        />
        {hint && (
          <p id={`${id}-hint`} className="text-ink-2 text-sm">
            {hint}
          </p>
        )}
      </div>
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-3">
        <LabelledSelect
          label="How far back"
          value={draft.range}
          onChange={(event) => {
            const range = RANGES.find(({ ms }) => ms === Number(event.target.value))
            if (range) set({ range: range.ms, step: range.step })
          }}
        >
          {RANGES.map(({ label, ms }) => (
            <option key={ms} value={ms}>
              {label}
            </option>
          ))}
        </LabelledSelect>
        <LabelledSelect
          label="A value every"
          value={draft.step}
          onChange={(event) => set({ step: Number(event.target.value) })}
        >
          {STEPS.map((seconds) => (
            <option key={seconds} value={seconds}>
              {stepWords(seconds)}
            </option>
          ))}
        </LabelledSelect>
        <LabelledSelect
          label="Comes in with"
          value={draft.way}
          onChange={(event) => set({ way: wayOf(event.target.value) })}
        >
          <option value="none">nothing</option>
          <option value="bearer">a token</option>
          <option value="basic">a password</option>
        </LabelledSelect>
      </div>
      {draft.way !== 'none' && <Secret draft={draft} set={set} />}
      {problem && (
        <p role="alert" className="text-growth">
          {problem}
        </p>
      )}
      <Button type="submit" look="primary" className="justify-self-end" disabled={isAsking}>
        {isAsking ? 'Asking…' : 'Show what it answers'}
      </Button>
    </form>
  )
}

const wayOf = (text: string): SourceDraft['way'] => (text === 'bearer' || text === 'basic' ? text : 'none')

function Secret({ draft, set }: { draft: SourceDraft; set: (change: Partial<SourceDraft>) => void }) {
  return (
    <div className="grid items-start gap-3 sm:grid-cols-2">
      {draft.way === 'basic' && (
        <TextField
          label="User"
          autoComplete="off"
          value={draft.user}
          onChange={(event) => set({ user: event.target.value })}
        />
      )}
      <TextField
        label={draft.way === 'basic' ? 'Password' : 'Token'}
        type="password"
        // What a browser has saved for this site is not what a Prometheus wants.
        autoComplete="new-password"
        hint="Kept encrypted on the server, and never shown to anybody again."
        value={draft.secret}
        onChange={(event) => set({ secret: event.target.value })}
      />
    </div>
  )
}
