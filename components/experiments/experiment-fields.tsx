'use client' // Fields of a form.

import { type ComponentProps, type ReactNode, useId } from 'react'
import { useRoomState } from '#components/room/room-context'
import { LabelledSelect } from '#components/series/labelled-select'
import { Button } from '#components/ui/button'
import { Input, TextArea, TextField } from '#components/ui/field'
import type { Condition } from '#lib/experiments/order'
import { TEMPLATES } from '#lib/experiments/templates'
import { EXPERIMENT_LIMITS } from '#lib/investigation/experiments'
import { ConditionMark } from './condition-mark.tsx'
import { type ExperimentDraft, NEW_HUNCH, templateOf } from './experiment-draft.tsx'
import { perHour } from './experiment-words.tsx'
import { Meanings } from './template-cards.tsx'

interface DraftProps {
  readonly draft: ExperimentDraft
  onChange(patch: Partial<ExperimentDraft>): void
}

const MIB = 1024 ** 2

/** Which claim the experiment tests; without one yet, a new hunch. */
export function HypothesisField({
  value,
  onChange,
  hunch,
  onHunch,
}: {
  value: string
  onChange(id: string): void
  hunch: string
  onHunch(title: string): void
}) {
  const hypotheses = useRoomState((state) => state.hypotheses)
  return (
    <div className="grid gap-2">
      <LabelledSelect
        label="Which hypothesis does it test?"
        value={value}
        className="w-full"
        onChange={(event) => onChange(event.target.value)}
      >
        {hypotheses.map(({ id, title }) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
        <option value={NEW_HUNCH}>A new hunch…</option>
      </LabelledSelect>
      {value === NEW_HUNCH && (
        <Input
          aria-label="The new hunch"
          placeholder="What could it be?"
          maxLength={200}
          value={hunch}
          onChange={(event) => onHunch(event.target.value)}
        />
      )}
    </div>
  )
}

/** Template, title, and what is done. */
export function WhatFields({
  draft,
  onChange,
  onTemplate,
}: DraftProps & {
  /** Absent where the template stands. */
  onTemplate?: (id: string) => void
}) {
  const template = templateOf(draft.template)
  return (
    <>
      {draft.kind === 'compare' && onTemplate && (
        <div className="grid gap-2">
          <LabelledSelect
            label="Template"
            value={draft.template}
            className="w-full"
            onChange={(event) => onTemplate(event.target.value)}
          >
            <option value="">None: two conditions of your own</option>
            {TEMPLATES.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </LabelledSelect>
          {template && (
            <details className="rounded-md bg-sunken px-3 py-2 text-sm">
              <summary className="cursor-pointer font-[550] text-ink-2">
                What level and slope would mean
              </summary>
              <div className="mt-1.5 grid gap-1.5">
                <Meanings template={template} />
                <p className="text-ink-3">{template.caution}</p>
              </div>
            </details>
          )}
        </div>
      )}
      <TextField
        label="Title"
        placeholder="memcached stopped"
        value={draft.title}
        maxLength={EXPERIMENT_LIMITS.title}
        onChange={(event) => onChange({ title: event.target.value })}
      />
      <div className="grid gap-3 @lg:grid-cols-[minmax(0,1fr)_minmax(0,14rem)]">
        <TextField
          label="Command"
          className="num"
          placeholder="ruby load.rb"
          hint="What is started and watched in every run, on your machine."
          value={draft.command}
          maxLength={EXPERIMENT_LIMITS.command}
          onChange={(event) => onChange({ command: event.target.value })}
        />
        <TextField
          label="Iterations are"
          className="num"
          placeholder="^request"
          hint="Lines of output that match, or “every 2 s”. Empty: growth is told per hour."
          value={draft.iterations}
          maxLength={EXPERIMENT_LIMITS.iterations}
          onChange={(event) => onChange({ iterations: event.target.value })}
        />
      </div>
      <LabelledArea
        label="Steps"
        rows={3}
        placeholder="What has to be done besides, for people"
        value={draft.steps}
        maxLength={EXPERIMENT_LIMITS.steps}
        onChange={(event) => onChange({ steps: event.target.value })}
      />
    </>
  )
}

/** The two conditions: their names, and the line that brings each about. */
export function ConditionFields({ draft, onChange }: DraftProps) {
  const isFix = draft.kind === 'verify'
  return (
    <fieldset className="grid gap-3 @lg:grid-cols-2">
      <legend className="mb-1.5 font-[550] text-ink-2 text-sm">The two conditions</legend>
      <OneCondition
        condition="A"
        about={isFix ? 'Before the fix.' : 'Should make memory grow.'}
        label={draft.labelA}
        before={draft.beforeA}
        placeholders={['memcached stopped', 'service memcached stop']}
        onLabel={(labelA) => onChange({ labelA })}
        onBefore={(beforeA) => onChange({ beforeA })}
      />
      <OneCondition
        condition="B"
        about={isFix ? 'After the fix.' : 'The control.'}
        label={draft.labelB}
        before={draft.beforeB}
        placeholders={['memcached running', 'service memcached start']}
        onLabel={(labelB) => onChange({ labelB })}
        onBefore={(beforeB) => onChange({ beforeB })}
      />
    </fieldset>
  )
}

function OneCondition({
  condition,
  about,
  label,
  before,
  placeholders: [labelHint, beforeHint],
  onLabel,
  onBefore,
}: {
  condition: Condition
  about: string
  label: string
  before: string
  placeholders: readonly [string, string]
  onLabel(label: string): void
  onBefore(line: string): void
}) {
  return (
    <div className="grid content-start gap-2 rounded-md border border-line p-2.5">
      <p className="flex items-center gap-2 text-ink-3 text-sm">
        <ConditionMark condition={condition} /> {about}
      </p>
      <Input
        aria-label={`Name of condition ${condition}`}
        placeholder={labelHint}
        value={label}
        maxLength={EXPERIMENT_LIMITS.label}
        onChange={(event) => onLabel(event.target.value)}
      />
      <Input
        aria-label={`Line before each run of ${condition}`}
        title="Runs in front of each run, on your machine"
        className="num"
        placeholder={beforeHint}
        value={before}
        maxLength={EXPERIMENT_LIMITS.before}
        onChange={(event) => onBefore(event.target.value)}
      />
    </div>
  )
}

/** How many runs, how long, and what is expected of them. */
export function LengthFields({
  draft,
  usualLevel,
  rate,
  hasBefore,
  onChange,
}: DraftProps & { usualLevel: string; rate: number | null; hasBefore: boolean }) {
  return (
    <div className="grid grid-cols-2 items-start gap-3 @lg:grid-cols-4">
      <LabelledSelect
        label="Runs per condition"
        value={draft.perArm}
        className="h-[34px]! w-full"
        onChange={(event) => onChange({ perArm: Number(event.target.value) })}
      >
        {Array.from({ length: EXPERIMENT_LIMITS.perArm - 1 }, (_, i) => i + 2).map((count) => (
          <option key={count} value={count}>
            {count}
          </option>
        ))}
      </LabelledSelect>
      <ExpectationFields draft={draft} rate={rate} onChange={onChange} />
      <TextField
        label="Its memory, MiB"
        inputMode="decimal"
        placeholder={usualLevel}
        value={draft.level}
        onChange={(event) => onChange({ level: event.target.value })}
      />
      {!hasBefore && (
        <label className="col-span-full flex items-start gap-2 text-sm">
          <input
            type="checkbox"
            checked={draft.calibration}
            className="mt-0.5 accent-accent"
            onChange={(event) => onChange({ calibration: event.target.checked })}
          />
          <span>
            Two control runs in front{' '}
            <span className="text-ink-3">tell the noise before anything is claimed.</span>
          </span>
        </label>
      )}
    </div>
  )
}

/** How long a run is, and which growth is expected of A. */
export function ExpectationFields({ draft, rate = null, onChange }: DraftProps & { rate?: number | null }) {
  return (
    <>
      <TextField
        label="Length, minutes"
        inputMode="decimal"
        value={draft.minutes}
        onChange={(event) => onChange({ minutes: event.target.value })}
      />
      <TextField
        label="Expected, MiB/h"
        inputMode="decimal"
        placeholder="any"
        value={draft.expected}
        hint={
          rate !== null &&
          draft.expected === '' && (
            <Button
              size="small"
              look="quiet"
              className="-ml-2"
              onClick={() => onChange({ expected: (rate / MIB).toFixed(1) })}
            >
              As the graph: {perHour(rate)}
            </Button>
          )
        }
        onChange={(event) => onChange({ expected: event.target.value })}
      />
    </>
  )
}

/** A text of several lines with its label. */
export function LabelledArea({
  label,
  hint,
  ...area
}: { label: string; hint?: ReactNode } & ComponentProps<typeof TextArea>) {
  const id = useId()
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="font-[550] text-ink-2 text-sm">
        {label}
      </label>
      <TextArea id={id} aria-describedby={hint ? `${id}-hint` : undefined} {...area} />
      {hint && (
        <p id={`${id}-hint`} className="text-ink-3 text-sm">
          {hint}
        </p>
      )}
    </div>
  )
}
