'use client' // A form.

import { type FormEvent, useRef, useState } from 'react'
import { visible } from '#components/heap/raw-text'
import { useCommand, useRoomState } from '#components/room/room-context'
import { type TimeRange, useView } from '#components/room/view'
import { Button } from '#components/ui/button'
import { Dialog } from '#components/ui/dialog'
import { TextField } from '#components/ui/field'
import { say } from '#components/ui/toasts'
import { type CheckNames, checkSentence } from '#lib/hypotheses/check-sentence'
import type { CheckedPart, CheckKind, CheckPredicate } from '#lib/hypotheses/checks'
import type { CheckRow } from '#lib/investigation/checks'
import { CheckId } from '#lib/investigation/ids'
import type { HypothesisRow } from '#lib/investigation/rows'
import { type CheckDraft, draftOf, EMPTY_DRAFT, readDraft } from './check-draft.tsx'
import {
  AmountField,
  Choice,
  ExperimentChoice,
  type FieldsProps,
  GroupFields,
  SeriesChoice,
  SideChoice,
} from './check-fields.tsx'

const KINDS: readonly (readonly [CheckKind, string])[] = [
  ['place', 'Where it grows'],
  ['group', 'Objects in captures'],
  ['rate', 'How fast a graph grows'],
  ['per-thousand', 'What 1,000 requests cost'],
  ['experiment-rate', 'How fast it grows in an experiment'],
  ['experiment-reproduced', 'An experiment reproduces it'],
  ['outages', 'It grows in outages'],
]
const PARTS: readonly (readonly [CheckedPart, string])[] = [
  ['native', 'native, outside of the managed heap'],
  ['managed', 'managed, in the heap of the runtime'],
  ['fragmentation', 'fragmentation of the allocator'],
  ['file-backed', 'files and shared memory'],
]
const CONDITIONS = [
  ['A', 'with A'],
  ['B', 'with B'],
] as const
const METRICS = [
  ['per-iteration', 'per iteration'],
  ['per-hour', 'per hour'],
] as const

/** Adds a check to a hypothesis, or changes one. */
export function CheckDialog({
  hypothesis,
  check,
  onClose,
}: {
  hypothesis: HypothesisRow
  check?: CheckRow | undefined
  onClose(): void
}) {
  const run = useCommand()
  const form = useRef<HTMLFormElement>(null)
  const names = useNames()
  const [draft, setDraft] = useState<CheckDraft>(() => (check ? draftOf(check.predicate) : EMPTY_DRAFT))
  const [isAsked, setAsked] = useState(false)
  const [isSaving, setSaving] = useState(false)
  const { predicate, problems } = readDraft(draft)
  const fields: FieldsProps = {
    draft,
    // Nobody is corrected before she has finished.
    problems: isAsked ? problems : new Map(),
    onChange: (patch) => setDraft({ ...draft, ...patch }),
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    event.stopPropagation()
    setAsked(true)
    if (predicate === null) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus())
      return
    }
    setSaving(true)
    const isSaved = check
      ? await change(run, check, predicate)
      : await run('check:add', {
          id: CheckId.parse(crypto.randomUUID()),
          hypothesisId: hypothesis.id,
          predicate,
        })
    setSaving(false)
    if (isSaved) onClose()
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={check ? 'Change the check' : 'Add a check'}
      description="A claim in numbers. The room tests it by itself, again with every new capture, graph or run."
    >
      <form ref={form} noValidate className="grid gap-3" onSubmit={(event) => void submit(event)}>
        <Choice
          label="What is claimed"
          value={draft.kind}
          options={KINDS}
          onChange={(kind) => {
            setAsked(false)
            // What one iteration or a thousand requests cost is a matter of bytes, an hour's growth of more.
            const unit = kind === 'rate' ? 'MiB' : 'B'
            fields.onChange({ kind, ...(draft.amount === '' && { unit }) })
          }}
        />
        <KindFields {...fields} />
        <p className="rounded-md bg-sunken px-2.5 py-2 text-sm" aria-live="polite">
          {predicate ? (
            <>
              The room will test:{' '}
              <bdi className="break-words">{visible(checkSentence(predicate, names))}</bdi>
            </>
          ) : (
            <span className="text-ink-3">Something is missing still.</span>
          )}
        </p>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={isSaving}>
            {check ? 'Save' : 'Add the check'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** Saves, and offers the way back. */
async function change(
  run: ReturnType<typeof useCommand>,
  before: CheckRow,
  predicate: CheckPredicate,
): Promise<boolean> {
  const changed = await run('check:change', { id: before.id, version: before.version, predicate })
  if (!changed) return false
  if (changed.version === before.version) return true
  say.done('The check was changed.', {
    label: 'Undo',
    run: () =>
      void run('check:change', {
        id: before.id,
        version: changed.version,
        predicate: before.predicate,
      }),
  })
  return true
}

function KindFields(props: FieldsProps) {
  const { draft, problems, onChange } = props
  switch (draft.kind) {
    case 'place':
      return (
        <>
          <Choice
            label="Part of the growth"
            value={draft.part}
            options={PARTS}
            onChange={(part) => onChange({ part })}
          />
          <div className="grid grid-cols-2 items-start gap-3">
            <SideChoice {...props} />
            <TextField
              label="Percent"
              inputMode="decimal"
              value={draft.percent}
              error={problems.get('percent') ?? null}
              onChange={(event) => onChange({ percent: event.target.value })}
            />
          </div>
          <RangeField {...props} />
        </>
      )
    case 'group':
      return <GroupFields {...props} />
    case 'rate':
      return (
        <>
          <SeriesChoice {...props} label="Memory graph" field="seriesId" unit="bytes" />
          <div className="grid grid-cols-2 items-start gap-3">
            <SideChoice {...props} />
            <AmountField {...props} label="Per hour" />
          </div>
          <RangeField {...props} />
        </>
      )
    case 'per-thousand':
      return (
        <>
          <SeriesChoice {...props} label="Memory graph" field="seriesId" unit="bytes" />
          <SeriesChoice {...props} label="Counter" field="counterId" unit="count" />
          <div className="grid grid-cols-2 items-start gap-3">
            <SideChoice {...props} />
            <AmountField {...props} label="Per 1,000" />
          </div>
          <RangeField {...props} />
        </>
      )
    case 'experiment-rate':
      return (
        <>
          <ExperimentChoice {...props} />
          <div className="grid grid-cols-2 items-start gap-3">
            <ConditionChoice {...props} />
            <Choice
              label="Measured"
              value={draft.metric}
              options={METRICS}
              onChange={(metric) => onChange({ metric })}
            />
            <SideChoice {...props} />
            <AmountField {...props} label="Growth" />
          </div>
        </>
      )
    case 'experiment-reproduced':
      return <ExperimentChoice {...props} />
    case 'outages':
      return (
        <>
          <p className="text-ink-2 text-sm">
            Compares growth inside of the outages that are marked on the graph with growth outside of them.
          </p>
          <RangeField {...props} />
        </>
      )
  }
}

/** The two conditions by their names, where the experiment is known. */
function ConditionChoice({ draft, onChange }: FieldsProps) {
  const experiment = useRoomState((state) => state.experiments.find(({ id }) => id === draft.experimentId))
  const options = experiment
    ? ([
        ['A', `with ${visible(experiment.labelA)}`],
        ['B', `with ${visible(experiment.labelB)}`],
      ] as const)
    : CONDITIONS
  return (
    <Choice
      label="Condition"
      value={draft.condition}
      options={options}
      onChange={(condition) => onChange({ condition })}
    />
  )
}

/** Only a part of the graph: the one that is brushed now, or that the check has. */
function RangeField({ draft, problems, onChange }: FieldsProps) {
  const { brushed } = useView()
  const [offered] = useState<TimeRange | null>(draft.range ?? brushed)
  if (!offered) return null
  const problem = problems.get('range')
  return (
    <div>
      <label className="flex items-center gap-2 text-sm">
        <input
          type="checkbox"
          checked={draft.range !== null}
          onChange={(event) =>
            onChange({ range: event.target.checked ? { from: offered.from, to: offered.to } : null })
          }
        />
        Only the brushed part of the graph
      </label>
      {problem && (
        <p role="alert" className="text-growth text-sm">
          {problem}
        </p>
      )}
    </div>
  )
}

function useNames(): CheckNames {
  const series = useRoomState((state) => state.series)
  const experiments = useRoomState((state) => state.experiments)
  return {
    series: (id) => series.find((row) => row.id === id)?.label,
    experiment: (id) => experiments.find((row) => row.id === id),
  }
}
