'use client' // Dialogs and forms.

import { useState } from 'react'
import { ReadProblem } from '#components/heap/read-problem'
import { useCommand, useRoom, useRoomState } from '#components/room/room-context'
import { Button } from '#components/ui/button'
import { CopyButton } from '#components/ui/copy-button'
import { Dialog } from '#components/ui/dialog'
import { LIKE_ENOUGH } from '#lib/experiments/result'
import { type EnvironmentSide, EXPERIMENT_LIMITS, type ExperimentRow } from '#lib/investigation/experiments'
import { personName } from '#lib/investigation/room-state'
import { formatCount, formatShare } from '#lib/units/format'
import { EnvironmentTable } from './environment-table.tsx'
import { LabelledArea } from './experiment-fields.tsx'
import { useExperimentDetails } from './use-experiment-details.tsx'

const SIDES: Record<EnvironmentSide, string> = { production: 'production', reproduction: 'the reproduction' }
/** Brings together what says most; each line may fail without harm. */
const COLLECT =
  '(ruby -v; node -v; python3 -V; bundle list; npm ls --all; pip freeze; ldd --version | head -1; uname -a; cat /etc/os-release; env | grep -E "^(MALLOC_|LD_PRELOAD|RUBY_GC_|RAILS_MAX_THREADS|WEB_CONCURRENCY|NODE_OPTIONS)") 2>/dev/null'

/** Production and the reproduction side by side: how alike they are, what differs, and what does not matter. */
export function EnvironmentView({ experiment }: { experiment: ExperimentRow }) {
  const { canWrite } = useRoom()
  const [pasting, setPasting] = useState<EnvironmentSide | null>(null)
  const isCompared = experiment.production !== null && experiment.reproduction !== null
  const mayChange = canWrite && !experiment.archived
  return (
    <section
      aria-label="Environments"
      className="grid grid-cols-[minmax(0,1fr)] gap-2.5 rounded-lg border border-line bg-panel p-3.5"
    >
      <h3 className="font-[650]">Production and the reproduction</h3>
      <Likeness experiment={experiment} />
      <div className="grid gap-2 @lg:grid-cols-2">
        {(['production', 'reproduction'] as const).map((side) => (
          <Side
            key={side}
            side={side}
            summary={experiment[side]}
            onPaste={mayChange ? () => setPasting(side) : undefined}
          />
        ))}
      </div>
      {isCompared && <Differences experiment={experiment} mayChange={mayChange} />}
      <Trouble key={experiment.knownTrouble} experiment={experiment} mayChange={mayChange} />
      {pasting && <PasteDialog experiment={experiment} side={pasting} onClose={() => setPasting(null)} />}
    </section>
  )
}

function Likeness({ experiment: { parity } }: { experiment: ExperimentRow }) {
  if (!parity)
    return (
      <p className="max-w-[80ch] text-ink-2">
        Paste what describes both environments: what differs stands on top. Below {formatShare(LIKE_ENOUGH)}{' '}
        alike, a run without growth says nothing about production.
      </p>
    )
  return (
    <div className="grid max-w-[80ch] gap-1.5">
      <div className="flex items-center gap-3">
        <span className={`num font-[680] text-[20px] ${parity.isAlike ? 'text-steady' : 'text-warm'}`}>
          {formatShare(parity.score)}
        </span>
        <span className="relative h-2 max-w-[320px] flex-1 rounded-full bg-sunken" aria-hidden>
          <span
            className={`absolute inset-y-0 left-0 rounded-full ${parity.isAlike ? 'bg-steady' : 'bg-warm'}`}
            style={{ width: `${parity.score * 100}%` }}
          />
          <span className="-inset-y-1 absolute w-0.5 bg-ink-2" style={{ left: `${LIKE_ENOUGH * 100}%` }} />
        </span>
        <span className="text-ink-3 text-sm">alike</span>
      </div>
      <p className="text-ink-2">{parity.words}</p>
    </div>
  )
}

function Side({
  side,
  summary,
  onPaste,
}: {
  side: EnvironmentSide
  summary: ExperimentRow['production']
  onPaste: (() => void) | undefined
}) {
  return (
    <div className="flex flex-wrap items-center gap-2 rounded-md bg-sunken px-3 py-2">
      <span className="min-w-0 flex-1">
        <b className="font-[620]">{side === 'production' ? 'Production' : 'Reproduction'}</b>{' '}
        <span className="text-ink-2 text-sm">
          {summary
            ? `${formatCount(summary.facts)} facts${summary.ignored > 0 ? `, ${formatCount(summary.ignored)} lines said nothing` : ''}`
            : 'nothing was pasted'}
        </span>
      </span>
      {onPaste && (
        <Button
          size="small"
          aria-label={`${summary ? 'Paste anew' : 'Paste'} the environment of ${SIDES[side]}`}
          onClick={onPaste}
        >
          {summary ? 'Paste anew' : 'Paste'}
        </Button>
      )}
    </div>
  )
}

function Differences({ experiment, mayChange }: { experiment: ExperimentRow; mayChange: boolean }) {
  const { details, problem, retry } = useExperimentDetails(experiment)
  const command = useCommand()
  const members = useRoomState((state) => state.members)
  const formerNames = useRoomState((state) => state.formerNames)
  const shown = details?.parity
  if (problem !== null && !shown) return <ReadProblem sentence={problem} onRetry={retry} />
  if (!shown) return <p className="text-ink-3">Comparing…</p>
  return (
    <EnvironmentTable
      rows={shown.rows}
      of={shown.of}
      waived={experiment.waived}
      nameOf={(userId) => personName({ members, formerNames }, userId) ?? 'somebody'}
      onWaive={
        mayChange
          ? (key, reason) =>
              command('experiment:waive', { id: experiment.id, version: experiment.version, key, reason })
          : undefined
      }
    />
  )
}

/** What is known to be wrong in production, in people's words: a reproduction without it may show nothing. */
function Trouble({ experiment, mayChange }: { experiment: ExperimentRow; mayChange: boolean }) {
  const command = useCommand()
  const [text, setText] = useState(experiment.knownTrouble)
  const isChanged = text.trim() !== experiment.knownTrouble
  if (!mayChange)
    return experiment.knownTrouble === '' ? null : (
      <p className="whitespace-pre-wrap [overflow-wrap:anywhere]">
        <b className="font-[620]">Known trouble in production.</b> <bdi>{experiment.knownTrouble}</bdi>
      </p>
    )
  return (
    <form
      className="grid gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        void command('experiment:change', {
          id: experiment.id,
          version: experiment.version,
          knownTrouble: text.trim(),
        })
      }}
    >
      <LabelledArea
        label="Known trouble in production"
        rows={2}
        placeholder="memcached has been flapping since May; two hosts swap at night"
        value={text}
        maxLength={EXPERIMENT_LIMITS.trouble}
        onChange={(event) => setText(event.target.value)}
      />
      {isChanged && (
        <div className="flex justify-end gap-2">
          <Button size="small" onClick={() => setText(experiment.knownTrouble)}>
            Undo
          </Button>
          <Button size="small" look="primary" type="submit">
            Save
          </Button>
        </div>
      )}
    </form>
  )
}

function PasteDialog({
  experiment,
  side,
  onClose,
}: {
  experiment: ExperimentRow
  side: EnvironmentSide
  onClose(): void
}) {
  const command = useCommand()
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async () => {
    setBusy(true)
    const { id, version } = experiment
    const reply = await command('experiment:set-environment', { id, version, side, text })
    setBusy(false)
    if (reply) onClose()
  }
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => open || onClose()}
      title={`The environment of ${SIDES[side]}`}
      description="Read on the server and then forgotten: of variables only those that change memory are kept, and passwords in addresses are cut out."
    >
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <LabelledArea
          label="Paste everything you have, one below the other"
          rows={9}
          className="num"
          spellCheck={false}
          value={text}
          maxLength={EXPERIMENT_LIMITS.paste}
          placeholder={
            'ruby 3.1.2p20 (2022-04-12 revision 4491bb740a) [x86_64-linux]\nGems included by the bundle:\n  * dalli (3.2.0)\nMALLOC_ARENA_MAX=2\nworkers: 4\nhealth memcached: flapping since May'
          }
          hint={
            <>
              <code>bundle list</code>, Gemfile.lock, <code>pip freeze</code>, poetry.lock,{' '}
              <code>npm ls</code>, package-lock.json, yarn.lock, <code>ruby -v</code> and the like,{' '}
              <code>uname -a</code>, /etc/os-release, <code>ldd --version</code>, /proc/PID/maps, variables,
              and lines such as “workers: 4” or “health memcached: flapping since May”. Pasting replaces what
              was there.
            </>
          }
          onChange={(event) => setText(event.target.value)}
        />
        <details className="text-sm">
          <summary className="w-fit cursor-pointer text-ink-2">A line that collects most of it</summary>
          <pre className="num mt-1.5 overflow-x-auto whitespace-pre-wrap rounded bg-sunken px-2 py-1.5 [overflow-wrap:anywhere]">
            {COLLECT}
          </pre>
          <div className="mt-1.5 text-right">
            <CopyButton text={COLLECT} label="Copy the line" />
          </div>
        </details>
        <div className="flex justify-end gap-2">
          {experiment[side] && (
            <Button
              look="danger"
              disabled={busy || text !== ''}
              className="mr-auto"
              onClick={() => void submit()}
            >
              Take it away
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={busy || text.trim() === ''}>
            Read it
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
