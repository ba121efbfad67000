'use client' // A form.

import { useMemo, useState } from 'react'
import useSWR from 'swr'
import { useCommand, useLinkStatus, useRoom, useRoomState } from '#components/room/room-context'
import { useView } from '#components/room/view'
import { fetchReading } from '#components/series/fetch-series'
import { Button } from '#components/ui/button'
import { Dialog } from '#components/ui/dialog'
import { say } from '#components/ui/toasts'
import type { ExperimentRow } from '#lib/investigation/experiments'
import { ExperimentId, HypothesisId } from '#lib/investigation/ids'
import {
  draftFacts,
  draftOfFix,
  EMPTY_DRAFT,
  type ExperimentDraft,
  NEW_HUNCH,
  withTemplate,
} from './experiment-draft.tsx'
import { ConditionFields, HypothesisField, LengthFields, WhatFields } from './experiment-fields.tsx'
import { PlanView } from './plan-view.tsx'

const MIB = 1024 ** 2

/** Plans an experiment: two conditions that differ in one thing, how often and how long; the plan says what it would see. */
export function NewExperiment({ onClose }: { onClose(): void }) {
  const { experimentWish: wish } = useView()
  const experiments = useRoomState((state) => state.experiments)
  const hypotheses = useRoomState((state) => state.hypotheses)
  const before = experiments.find(({ id }) => id === wish.before)
  const [hypothesis, setHypothesis] = useState<string>(
    () => wish.hypothesisId ?? before?.hypothesisId ?? hypotheses[0]?.id ?? NEW_HUNCH,
  )
  const [hunch, setHunch] = useState('')
  const [draft, setDraft] = useState(() => firstDraft(before, wish.template))
  const usual = useUsual()
  const level = draft.level === '' ? usual.level : draft.level
  const facts = useMemo(() => draftFacts({ ...draft, level }), [draft, level])
  const { submit, busy } = useSubmit(onClose)
  const change = (patch: Partial<ExperimentDraft>) => setDraft((now) => ({ ...now, ...patch }))
  const problem =
    hypothesis === NEW_HUNCH && hunch.trim() === '' ? 'Say which hypothesis it tests.' : facts.problem
  const isFix = draft.kind === 'verify'
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => open || onClose()}
      title={isFix ? 'Check a fix' : 'New experiment'}
      description={
        isFix
          ? 'The same load before the fix (A) and after it (B): is the growth gone, and how sure is that?'
          : 'One command under two conditions that differ in one thing. A is the one that should make memory grow.'
      }
    >
      <form
        className="@container grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (problem === null) void submit({ draft, hypothesis, hunch, before: before?.id ?? null })
        }}
      >
        {before && (
          <p className="rounded-md bg-sunken px-3 py-2 text-ink-2 text-sm">
            Runs before the fix are taken over from condition A of experiment {before.number},{' '}
            <bdi className="font-[550] text-ink">{before.title}</bdi>.
          </p>
        )}
        <HypothesisField value={hypothesis} onChange={setHypothesis} hunch={hunch} onHunch={setHunch} />
        <WhatFields
          draft={draft}
          onChange={change}
          onTemplate={(id) => setDraft((now) => withTemplate(now, id))}
        />
        <ConditionFields draft={draft} onChange={change} />
        <LengthFields
          draft={draft}
          usualLevel={usual.level}
          rate={usual.rate}
          hasBefore={before !== undefined}
          onChange={change}
        />
        <PlanView
          draft={draft}
          facts={facts}
          hasBefore={before !== undefined}
          onDrawAgain={() => change({ seed: drawnSeed() })}
        />
        <div className="flex flex-wrap items-center justify-end gap-2">
          <p role="status" className="min-w-0 flex-1 text-ink-3 text-sm">
            {problem}
          </p>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={busy || problem !== null}>
            Plan it
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function firstDraft(before: ExperimentRow | undefined, template: string | undefined): ExperimentDraft {
  const seed = drawnSeed()
  if (before) return draftOfFix(before, seed)
  const draft = { ...EMPTY_DRAFT, seed, level: '' }
  return template === undefined ? draft : withTemplate(draft, template)
}

/** Drawn by the browser, so that the order can be shown before it is sent. Non-negative, 31 bits. */
const drawnSeed = (): number => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 1) >>> 1

/** What the room's graph knows already: the process's size, and the growth that the experiment should find. */
function useUsual(): { readonly level: string; readonly rate: number | null } {
  const { investigationId } = useRoom()
  const hasGraph = useRoomState((state) => state.series.some(({ unit }) => unit === 'bytes'))
  const { data } = useSWR(
    hasGraph ? ['usual', investigationId] : null,
    () => fetchReading(investigationId, null),
    { revalidateOnFocus: false },
  )
  const level = data?.reading?.segments.at(-1)?.endLevel
  const rate = data?.reading?.reading.bytesPerHour?.value ?? null
  return {
    level: level && level > 0 ? (level / MIB).toFixed(0) : EMPTY_DRAFT.level,
    rate: rate !== null && rate > 0 ? rate : null,
  }
}

interface Sent {
  readonly draft: ExperimentDraft
  readonly hypothesis: string
  readonly hunch: string
  readonly before: ExperimentId | null
}

function useSubmit(onClose: () => void): { submit(sent: Sent): Promise<void>; busy: boolean } {
  const run = useCommand()
  const { link } = useLinkStatus()
  const { showExperiment } = useView()
  const [busy, setBusy] = useState(false)
  const submit = async ({ draft, hypothesis, hunch, before }: Sent) => {
    setBusy(true)
    const id = ExperimentId.parse(crypto.randomUUID())
    const hypothesisId = HypothesisId.parse(hypothesis === NEW_HUNCH ? crypto.randomUUID() : hypothesis)
    if (hypothesis === NEW_HUNCH) void run('hypothesis:add', { id: hypothesisId, title: hunch.trim() })
    const { runSeconds, expectedPerHour } = draftFacts(draft)
    const added = run('experiment:add', {
      id,
      hypothesisId,
      kind: draft.kind,
      template: draft.template || null,
      title: draft.title.trim(),
      steps: draft.steps.trim(),
      command: draft.command.trim(),
      iterations: draft.iterations.trim(),
      beforeA: draft.beforeA.trim(),
      beforeB: draft.beforeB.trim(),
      labelA: draft.labelA.trim(),
      labelB: draft.labelB.trim(),
      runSeconds,
      expectedPerHour,
      perArm: draft.perArm,
      calibration: draft.calibration ? 2 : 0,
      seed: draft.seed,
      before,
    })
    if (link !== 'online') {
      say.done('The experiment is sent when the room can be reached again.')
      return onClose()
    }
    const reply = await added
    setBusy(false)
    if (!reply) return
    onClose()
    showExperiment(id)
  }
  return { submit, busy }
}
