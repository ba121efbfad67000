'use client' // Which experiment is open stands in the address.

import { useSearchParams } from 'next/navigation'
import { useCallback, useMemo } from 'react'
import { useRoom, useRoomState } from '#components/room/room-context'
import { useView } from '#components/room/view'
import { Button } from '#components/ui/button'
import { EmptyState } from '#components/ui/empty-state'
import type { RunRow } from '#lib/investigation/experiments'
import { formatCount } from '#lib/units/format'
import { ExperimentList } from './experiment-list.tsx'
import { ExperimentView } from './experiment-view.tsx'
import { inOrder } from './experiment-words.tsx'
import { TemplateCards } from './template-cards.tsx'

const NONE: readonly RunRow[] = []

/** The room's experiments: the list, or the one that the address names. */
export function ExperimentsTab() {
  const rows = useRoomState((state) => state.experiments)
  const allRuns = useRoomState((state) => state.runs)
  const experiments = useMemo(() => inOrder(rows), [rows])
  const runs = useMemo(() => byExperiment(allRuns), [allRuns])
  const { showExperiment, setTab } = useView()
  const runsOf = useCallback((id: string) => runs.get(id) ?? NONE, [runs])
  const asked = useSearchParams().get('experiment')
  const only = experiments.length === 1 ? experiments[0] : undefined
  const open = asked === null ? only : experiments.find(({ id }) => id === asked)
  return (
    // Another one begins at its top. `relative` holds the words for screen readers, or they would stretch the page.
    <section
      key={open?.id ?? 'list'}
      aria-label="Experiments"
      className="@container relative h-full overflow-y-auto bg-bg"
    >
      {experiments.length === 0 ? (
        <NoExperiments />
      ) : open ? (
        <>
          <ExperimentView
            experiment={open}
            runs={runsOf(open.id)}
            onBack={experiments.length > 1 ? () => setTab('experiments') : undefined}
          />
          {only && <AnotherOne />}
        </>
      ) : (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-3 px-4 py-3">
          <ListHeader count={experiments.length} isLost={asked !== null} />
          <ExperimentList experiments={experiments} runsOf={runsOf} onOpen={showExperiment} />
        </div>
      )}
    </section>
  )
}

function byExperiment(runs: readonly RunRow[]): ReadonlyMap<string, RunRow[]> {
  const found = new Map<string, RunRow[]>()
  for (const run of runs) {
    const known = found.get(run.experimentId)
    if (known) known.push(run)
    else found.set(run.experimentId, [run])
  }
  return found
}

function ListHeader({ count, isLost }: { count: number; isLost: boolean }) {
  const { canWrite } = useRoom()
  const { wishExperiment } = useView()
  return (
    <header className="flex flex-wrap items-center gap-3">
      <p className="min-w-0 flex-1 text-ink-2">
        {isLost
          ? 'This experiment is not in this room.'
          : `${formatCount(count)} experiments. What they say is evidence of their hypotheses.`}
      </p>
      {canWrite && (
        <Button size="small" onClick={() => wishExperiment()}>
          New experiment
        </Button>
      )}
    </header>
  )
}

function AnotherOne() {
  const { canWrite } = useRoom()
  const { wishExperiment } = useView()
  if (!canWrite) return null
  return (
    <div className="px-4 pb-4">
      <Button size="small" onClick={() => wishExperiment()}>
        New experiment
      </Button>
    </div>
  )
}

function NoExperiments() {
  const { canWrite } = useRoom()
  const { wishExperiment } = useView()
  return (
    <div className="pb-6">
      <EmptyState
        heading="h2"
        title="No experiments yet"
        action={
          canWrite && (
            <Button look="primary" onClick={() => wishExperiment()}>
              New experiment
            </Button>
          )
        }
        className="pb-5"
      >
        An experiment runs one command under two conditions that differ in one thing, several times in drawn
        order, with memory recorded for each run. It tells whether the condition makes memory grow, by how
        much for each iteration, and how often chance alone would do that.
      </EmptyState>
      <div className="mx-auto max-w-5xl px-4">
        <TemplateCards
          onUse={canWrite ? (template) => wishExperiment({ template: template.id }) : undefined}
        />
      </div>
    </div>
  )
}
