'use client' // Follows rows and live points; dialogs.

import { ArrowLeft, Ellipsis, Pin } from 'lucide-react'
import { useMemo, useState } from 'react'
import { usePin } from '#components/room/pin'
import { usePersonName, useRoom, useRoomState } from '#components/room/room-context'
import { experimentQuery, useView } from '#components/room/view'
import { Button, IconButton } from '#components/ui/button'
import { copyText } from '#components/ui/copy-button'
import { Menu, MenuItem, MenuSeparator } from '#components/ui/menu'
import { Pill } from '#components/ui/pill'
import { say } from '#components/ui/toasts'
import type { ExperimentRow, RunRow } from '#lib/investigation/experiments'
import { AttachRun } from './attach-run.tsx'
import { ConditionMark } from './condition-mark.tsx'
import { EditExperiment } from './edit-experiment.tsx'
import { EnvironmentView } from './environment-view.tsx'
import { templateOf } from './experiment-draft.tsx'
import { labelsOf, nextRun, sizeWords, standing } from './experiment-words.tsx'
import { NextRun } from './next-run.tsx'
import { OverlayChart } from './overlay-chart.tsx'
import { ProductionChoice } from './production-choice.tsx'
import { ResultView } from './result-view.tsx'
import { RunItem } from './run-item.tsx'
import { Meanings } from './template-cards.tsx'
import { useArchive } from './use-archive.tsx'
import { useExperimentDetails } from './use-experiment-details.tsx'
import { useRunActions } from './use-run-actions.tsx'
import { useRunLines } from './use-run-lines.tsx'

/** One experiment: its result, its runs in their order, the next one's line, and the environments. */
export function ExperimentView({
  experiment,
  runs,
  onBack,
}: {
  experiment: ExperimentRow
  runs: readonly RunRow[]
  onBack: (() => void) | undefined
}) {
  const { canWrite } = useRoom()
  const next = nextRun(runs)
  const mayChange = canWrite && !experiment.archived
  const { conclusion } = experiment
  return (
    <article
      aria-label={experiment.title}
      className="grid grid-cols-[minmax(0,1fr)] gap-3.5 px-4 py-3 @max-lg:px-3"
    >
      <Header experiment={experiment} runs={runs} onBack={onBack} />
      {conclusion && <ResultView experiment={experiment} conclusion={conclusion} runs={runs} />}
      {!conclusion && <WhatItWillSee experiment={experiment} />}
      {mayChange && next && (
        <NextRun
          experiment={experiment}
          run={next}
          isFirst={runs.every(({ state }) => state === 'planned')}
        />
      )}
      <Runs experiment={experiment} runs={runs} next={next} mayChange={mayChange} />
      <ProductionChoice experiment={experiment} mayChange={mayChange} />
      <EnvironmentView experiment={experiment} />
      <WhatIsDone experiment={experiment} />
    </article>
  )
}

function Header({
  experiment,
  runs,
  onBack,
}: {
  experiment: ExperimentRow
  runs: readonly RunRow[]
  onBack: (() => void) | undefined
}) {
  const { words, tone } = standing(experiment, runs)
  const by = usePersonName(experiment.createdBy) ?? 'a program'
  const labels = labelsOf(experiment)
  return (
    <header className="grid gap-1.5">
      <div className="flex items-start gap-2">
        {onBack && (
          <IconButton label="All experiments" className="-ml-1.5" onClick={onBack}>
            <ArrowLeft size={15} aria-hidden />
          </IconButton>
        )}
        <h2 className="min-w-0 flex-1 text-balance font-[650] text-md leading-7 [overflow-wrap:anywhere]">
          <span className="num text-ink-3">{experiment.number}</span> <bdi>{experiment.title}</bdi>
        </h2>
        <Pill tone={tone}>{words}</Pill>
        <MoreMenu experiment={experiment} runs={runs} />
      </div>
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
        {(['A', 'B'] as const).map((condition) => (
          <span key={condition} className="flex min-w-0 items-center gap-1.5">
            <ConditionMark condition={condition} />
            <bdi className="min-w-0 [overflow-wrap:anywhere]">{labels[condition]}</bdi>
          </span>
        ))}
        <span className="text-ink-3">
          · {sizeWords(experiment)} · planned by <bdi>{by}</bdi>
        </span>
      </p>
      <OfHypothesis hypothesisId={experiment.hypothesisId} />
      {experiment.archived && (
        <p className="text-warm text-sm">This experiment was put away: nothing in it changes.</p>
      )}
    </header>
  )
}

function OfHypothesis({ hypothesisId }: { hypothesisId: ExperimentRow['hypothesisId'] }) {
  const hypothesis = useRoomState((state) => state.hypotheses.find(({ id }) => id === hypothesisId))
  const { setPanel, spot } = useView()
  if (!hypothesis)
    return <p className="text-ink-3 text-sm">Its hypothesis was removed; what was measured stays.</p>
  return (
    <p className="text-sm">
      <span className="text-ink-3">Tests </span>
      <button
        type="button"
        className="rounded-sm text-left text-accent [overflow-wrap:anywhere] hover:underline max-md:min-h-8"
        onClick={() => {
          setPanel('hypotheses')
          spot('hypothesis', hypothesis.id)
        }}
      >
        <bdi>{hypothesis.title}</bdi>
      </button>
    </p>
  )
}

function MoreMenu({ experiment, runs }: { experiment: ExperimentRow; runs: readonly RunRow[] }) {
  const { canWrite, investigationId } = useRoom()
  const { wishExperiment } = useView()
  const { canPin, openPin } = usePin()
  const archive = useArchive()
  const [isEditing, setEditing] = useState(false)
  const copyLink = async () => {
    const address = `${window.location.origin}/i/${investigationId}?${experimentQuery(experiment.id)}`
    await copyText(address).then(
      () => say.done('The link to this experiment is on the clipboard.'),
      () => say.problem(address),
    )
  }
  const reading = experiment.conclusion?.words ?? ''
  const pin = () =>
    openPin(
      { kind: 'experiment', experimentId: experiment.id, reading: reading.slice(0, 500) },
      (reading || experiment.title).slice(0, 200),
      experiment.hypothesisId ?? undefined,
    )
  const hasBefore = runs.some(({ condition, state }) => condition === 'A' && state === 'done')
  return (
    <>
      {canPin && experiment.conclusion && (
        <IconButton label="Pin as evidence" onClick={pin}>
          <Pin size={14} aria-hidden />
        </IconButton>
      )}
      <Menu
        trigger={
          <IconButton label="More about this experiment">
            <Ellipsis size={14} aria-hidden />
          </IconButton>
        }
      >
        <MenuItem onSelect={() => void copyLink()}>Copy the link</MenuItem>
        {canWrite && !experiment.archived && (
          <MenuItem onSelect={() => setEditing(true)}>Change the words…</MenuItem>
        )}
        {canWrite && experiment.kind === 'compare' && hasBefore && (
          <MenuItem onSelect={() => wishExperiment({ before: experiment.id })}>Claim a fix…</MenuItem>
        )}
        {canWrite && (
          <>
            <MenuSeparator />
            <MenuItem onSelect={() => void archive(experiment)}>
              {experiment.archived ? 'Take it up again' : 'Put it away'}
            </MenuItem>
          </>
        )}
      </Menu>
      {isEditing && <EditExperiment experiment={experiment} onClose={() => setEditing(false)} />}
    </>
  )
}

/** Before there is anything to say: what the experiment would see. */
function WhatItWillSee({ experiment }: { experiment: ExperimentRow }) {
  const { details } = useExperimentDetails(experiment)
  if (!details?.plan) return null
  return <p className="max-w-[80ch] rounded-md bg-sunken px-3 py-2 text-sm">{details.plan.words}</p>
}

function Runs({
  experiment,
  runs,
  next,
  mayChange,
}: {
  experiment: ExperimentRow
  runs: readonly RunRow[]
  next: RunRow | undefined
  mayChange: boolean
}) {
  const [attaching, setAttaching] = useState<RunRow | null>(null)
  const [lit, setLit] = useState<string | null>(null)
  const actions = useRunActions(experiment, setAttaching)
  const lines = useRunLines(runs)
  const labels = labelsOf(experiment)
  const byRun = useMemo(() => new Map(lines.map((line) => [line.id, line])), [lines])
  const counting = useMemo(() => {
    const out = new Set<string>(runs.flatMap(({ id, excluded }) => (excluded ? [id] : [])))
    return lines.filter(({ id }) => !out.has(id))
  }, [lines, runs])
  return (
    <section
      aria-label="Runs"
      className="grid grid-cols-[minmax(0,1fr)] gap-2 rounded-lg border border-line bg-panel p-3.5"
    >
      <h3 className="font-[650]">Runs</h3>
      <OverlayChart
        lines={counting}
        labels={labels}
        lit={counting.some(({ id }) => id === lit) ? lit : null}
      />
      <ol>
        {runs.map((run) => (
          <RunItem
            key={run.id}
            run={run}
            label={labels[run.condition]}
            line={byRun.get(run.id)}
            isNext={run.id === next?.id}
            actions={mayChange ? actions : null}
            onPoint={setLit}
          />
        ))}
      </ol>
      {mayChange && (
        <div>
          {/* What is added stays for ever: a double click is one. */}
          <Button size="small" onClick={({ detail }) => detail < 2 && void actions.addPair()}>
            Add a pair
          </Button>
        </div>
      )}
      {attaching && (
        <AttachRun
          experiment={experiment}
          run={runs.find(({ id }) => id === attaching.id) ?? attaching}
          onClose={() => setAttaching(null)}
        />
      )}
    </section>
  )
}

/** Steps, command, and what the template says about outcomes. */
function WhatIsDone({ experiment }: { experiment: ExperimentRow }) {
  const { steps, command, iterations, beforeA, beforeB } = experiment
  const template = templateOf(experiment.template)
  if (!steps && !command && !template) return null
  const rows: readonly (readonly [string, string])[] = [
    ['Command', command],
    ['Iterations', iterations],
    ['Before each A', beforeA],
    ['Before each B', beforeB],
  ]
  return (
    <section
      aria-label="What is done"
      className="grid grid-cols-[minmax(0,1fr)] gap-2 rounded-lg border border-line bg-panel p-3.5 text-sm"
    >
      <h3 className="font-[650] text-base">What is done</h3>
      {steps && (
        <p className="whitespace-pre-wrap [overflow-wrap:anywhere]">
          <bdi>{steps}</bdi>
        </p>
      )}
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-1">
        {rows.flatMap(([name, text]) =>
          text === ''
            ? []
            : [
                <div key={name} className="contents">
                  <dt className="text-ink-3">{name}</dt>
                  <dd className="num [overflow-wrap:anywhere]">
                    <bdi>{text}</bdi>
                  </dd>
                </div>,
              ],
        )}
      </dl>
      {template && (
        <details>
          <summary className="w-fit cursor-pointer rounded text-ink-2 hover:text-ink max-md:py-2">
            What level and slope would mean
          </summary>
          <div className="mt-1.5 grid gap-1.5">
            <Meanings template={template} />
            <p className="text-ink-3">{template.caution}</p>
          </div>
        </details>
      )}
    </section>
  )
}
