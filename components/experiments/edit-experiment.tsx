'use client' // A form.

import { useState } from 'react'
import { useCommand } from '#components/room/room-context'
import { Button } from '#components/ui/button'
import { Dialog } from '#components/ui/dialog'
import type { ExperimentRow } from '#lib/investigation/experiments'
import { draftFacts, draftOf, type ExperimentDraft } from './experiment-draft.tsx'
import { ConditionFields, ExpectationFields, WhatFields } from './experiment-fields.tsx'

/** Changes what an experiment says about itself. Its order and its number of runs stand: they were drawn before. */
export function EditExperiment({ experiment, onClose }: { experiment: ExperimentRow; onClose(): void }) {
  const command = useCommand()
  const [draft, setDraft] = useState(() => draftOf(experiment))
  const [busy, setBusy] = useState(false)
  const { problem, runSeconds, expectedPerHour } = draftFacts(draft)
  const change = (patch: Partial<ExperimentDraft>) => setDraft((now) => ({ ...now, ...patch }))
  const submit = async () => {
    setBusy(true)
    const reply = await command('experiment:change', {
      id: experiment.id,
      version: experiment.version,
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
    })
    setBusy(false)
    if (reply) onClose()
  }
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => open || onClose()}
      title="Change the experiment"
      description="The order and the number of runs stand. Runs that were made stay as they are."
    >
      <form
        className="@container grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (problem === null) void submit()
        }}
      >
        <WhatFields draft={draft} onChange={change} />
        <ConditionFields draft={draft} onChange={change} />
        <div className="grid grid-cols-2 items-start gap-3">
          <ExpectationFields draft={draft} onChange={change} />
        </div>
        <div className="flex items-center justify-end gap-2">
          <p role="status" className="min-w-0 flex-1 text-ink-3 text-sm">
            {problem}
          </p>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={busy || problem !== null}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
