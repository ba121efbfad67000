'use client' // Makes a token, copies.

import { useState } from 'react'
import { useHydrated } from '#components/room/clock-time'
import { useMachineToken } from '#components/room/machine-tokens'
import { useRoom } from '#components/room/room-context'
import { Button } from '#components/ui/button'
import { CopyButton } from '#components/ui/copy-button'
import type { ExperimentRow, RunRow } from '#lib/investigation/experiments'
import { formatDuration } from '#lib/units/format'
import { milliseconds } from '#lib/units/quantity'
import { ConditionMark } from './condition-mark.tsx'
import { labelsOf, nameOfRun } from './experiment-words.tsx'
import { allRunsLine, runLine } from './run-line.tsx'

/** The next run, with the exact line that makes it. */
export function NextRun({
  experiment,
  run,
  isFirst,
}: {
  experiment: ExperimentRow
  run: RunRow
  isFirst: boolean
}) {
  const { investigationId } = useRoom()
  const { token, make } = useMachineToken()
  const [busy, setBusy] = useState(false)
  const label = labelsOf(experiment)[run.condition]
  // The server that renders the page first does not know under which address it is reached.
  const origin = useHydrated() ? window.location.origin : ''
  const [isAll, setAll] = useState(false)
  const address = { room: `${origin}/i/${investigationId}`, token }
  const line = isAll ? allRunsLine(experiment, address) : runLine(experiment, run, address)
  const before = run.condition === 'A' ? experiment.beforeA : experiment.beforeB
  const makeToken = async () => {
    setBusy(true)
    await make(`Experiment ${experiment.number}`)
    setBusy(false)
  }
  return (
    <section
      aria-label="Next run"
      className="grid grid-cols-[minmax(0,1fr)] gap-2 rounded-lg border border-accent bg-accent-soft/50 p-3 text-sm"
    >
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <b className="font-[650]">Next: {nameOfRun(run)}</b>
        <ConditionMark condition={run.condition} />
        <bdi className="min-w-0 [overflow-wrap:anywhere]">{label}</bdi>
        {experiment.runSeconds !== null && (
          <span className="text-ink-3">· {formatDuration(milliseconds(experiment.runSeconds * 1000))}</span>
        )}
      </p>
      {isFirst && (
        <p className="text-ink-2">
          Make the runs in this order: what changes over the day then meets both conditions alike. Each run is
          a new process.
        </p>
      )}
      <fieldset className="flex flex-wrap gap-1.5">
        <legend className="sr-only">What the line makes</legend>
        {[false, true].map((all) => (
          <Button
            key={String(all)}
            size="small"
            look={all === isAll ? 'primary' : 'plain'}
            aria-pressed={all === isAll}
            onClick={() => setAll(all)}
          >
            {all ? 'All runs that are left' : 'This run'}
          </Button>
        ))}
      </fieldset>
      <p className="text-ink-2">
        {isAll ? (
          'Makes one run after the other in the drawn order, on the machine where it is pasted, and prints the result.'
        ) : before === '' ? (
          <>
            Bring about “<bdi>{label}</bdi>” first, then paste this on the machine:
          </>
        ) : (
          'Brings the condition about, then makes the run on the machine where it is pasted.'
        )}
      </p>
      <pre className="num overflow-x-auto whitespace-pre-wrap rounded bg-panel px-2 py-1.5 [overflow-wrap:anywhere]">
        {line}
      </pre>
      <div className="flex flex-wrap items-center justify-end gap-2">
        {token === null ? (
          <>
            <p className="min-w-0 flex-1 text-ink-3 max-md:basis-full">
              The line needs a token of this room.
            </p>
            <Button size="small" disabled={busy} onClick={() => void makeToken()}>
              Put a fresh token in
            </Button>
          </>
        ) : (
          <p className="min-w-0 flex-1 text-ink-3 max-md:basis-full">
            It acts as an editor of this room. Share → Machines revokes it.
          </p>
        )}
        <CopyButton text={line} label="Copy the line" />
      </div>
    </section>
  )
}
