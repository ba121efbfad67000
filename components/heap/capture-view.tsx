'use client' // Tabs, sorting and filtering are state of this tab, kept in the address.

import Link from 'next/link'
import { useEffect, useMemo } from 'react'
import { QueryTab } from '#components/query/query-tab'
import { useHydrated } from '#components/room/clock-time'
import { useProgress, useRoom, useRoomState, useSetPresence } from '#components/room/room-context'
import { Button, ButtonLink } from '#components/ui/button'
import { EmptyState } from '#components/ui/empty-state'
import { sentenceOf } from './answer.tsx'
import { CaptureBody } from './capture-body.tsx'
import { CaptureFacts, CaptureRemarks } from './capture-facts.tsx'
import { CaptureHeader } from './capture-header.tsx'
import { CaptureMeter } from './capture-progress.tsx'
import { stateWords } from './capture-words.tsx'
import { type LetteredCapture, lettered } from './growth-choice.tsx'
import { useQueryState } from './query-state.tsx'
import { visible } from './raw-text.tsx'
import { ReadProblem } from './read-problem.tsx'
import { useReport } from './shown-report.tsx'
import { SinceChoice } from './since-choice.tsx'
import { StackBody } from './stack-body.tsx'
import { StackFacts } from './stack-facts.tsx'

/** One capture's page, inside a `<Room>`: live while it is read, then its totals and tables. */
export function CaptureView({ captureId }: { captureId: string }) {
  const { investigationId } = useRoom()
  const captures = useRoomState((state) => state.captures)
  const setPresence = useSetPresence()
  const isHydrated = useHydrated()
  const query = useQueryState()
  const all = useMemo(() => lettered(captures), [captures])
  const at = all.findIndex(({ capture }) => capture.id === captureId)
  const here = all[at]
  const { report, error, retry } = useReport(investigationId, captureId, here?.capture.state === 'ready')
  useEffect(() => setPresence({ panel: 'capture' }), [setPresence])

  if (!here) return <Removed investigationId={investigationId} />
  const others = all.filter((one) => one !== here && isComparable(one, here))
  const since = others.find(({ capture }) => capture.id === query.get('since'))
  const row = query.get('row')
  const isQuery = query.get('tab') === 'query'
  const view = query.href({})
  return (
    <main className="flex h-dvh min-h-0 flex-col">
      <CaptureHeader
        here={here}
        before={all[at - 1]}
        counterpart={since ?? counterpartOf(all, at)}
        choice={
          <>
            {report?.kind === 'stacks' && (
              <Button
                size="small"
                aria-pressed={isQuery}
                onClick={() => query.set({ tab: isQuery ? null : 'query', sort: null, dir: null, row: null })}
              >
                {isQuery ? 'To the stacks' : 'Query'}
              </Button>
            )}
            <SinceChoice
              others={others}
              since={since}
              onChoose={(id) => query.set({ since: id, sort: null, dir: null })}
            />
          </>
        }
        after={all[at + 1]}
        investigationId={investigationId}
        view={view === '?' ? '' : view.slice(0, 1000)}
        pinTitle={`${here.letter} ${visible(here.capture.label)}${row === null ? '' : `: ${visible(row)}`}`.slice(
          0,
          200,
        )}
        href={isHydrated ? new URL(view, window.location.href).href : ''}
      />
      {here.capture.state !== 'ready' && <OnItsWay here={here} />}
      {error !== undefined && !report && <ReadProblem sentence={sentenceOf(error)} onRetry={retry} />}
      {here.capture.state === 'ready' && !report && error === undefined && (
        <p role="status" className="px-4 py-6 text-ink-2">
          Fetching the totals…
        </p>
      )}
      {report?.kind === 'stacks' && (
        <>
          <StackFacts capture={here.capture} report={report} />
          {isQuery ? (
            <QueryTab captureId={captureId} kind="stacks" label={here.capture.label} />
          ) : (
            <StackBody captureId={captureId} label={here.capture.label} since={since?.capture.id} />
          )}
        </>
      )}
      {report?.kind === 'heap' && (
        <>
          <CaptureFacts capture={here.capture} report={report} />
          <CaptureRemarks totals={report.totals} />
          <CaptureBody here={here} report={report} since={since} query={query} />
        </>
      )}
    </main>
  )
}

/** Heaps are compared with heaps, stacks with stacks. */
const isComparable = (one: LetteredCapture, here: LetteredCapture | undefined): boolean =>
  one.capture.state === 'ready' && one.capture.totals?.kind === here?.capture.totals?.kind

/** What this capture is best compared with: the one before it of the same format and process, else its neighbour. */
function counterpartOf(all: readonly LetteredCapture[], at: number): LetteredCapture | undefined {
  const here = all[at]?.capture
  const ready = all.filter((one, other) => other !== at && isComparable(one, all[at]))
  const before = ready.filter((other) => all.indexOf(other) < at)
  const sameFormat = before.filter(({ capture }) => capture.format === here?.format)
  const sameProcess = sameFormat.findLast(({ capture }) => capture.process === here?.process)
  return sameProcess ?? sameFormat.at(-1) ?? before.at(-1) ?? ready[0]
}

/** Not ready: how far it is, or why it will not be. */
function OnItsWay({ here }: { here: LetteredCapture }) {
  const { investigationId } = useRoom()
  const progress = useProgress().get(here.capture.id)
  const { state } = here.capture
  const isOver = state === 'failed' || state === 'cancelled'
  return (
    <div className="mx-auto w-full max-w-xl px-4 py-10">
      {isOver ? (
        <EmptyState
          title={state === 'failed' ? 'This capture could not be read' : 'This capture was cancelled'}
          action={
            <ButtonLink href={`/i/${investigationId}?tab=snapshots`}>
              To the snapshots: read it again or remove it
            </ButtonLink>
          }
        >
          {stateWords(here.capture)}
        </EmptyState>
      ) : (
        <>
          <p className="mb-2 font-semibold text-md">On its way. The tables appear here by themselves.</p>
          <CaptureMeter capture={here.capture} progress={progress} />
        </>
      )}
    </div>
  )
}

function Removed({ investigationId }: { investigationId: string }) {
  return (
    <main className="py-16">
      <EmptyState title="This capture was removed from the room">
        <Link href={`/i/${investigationId}?tab=snapshots`} className="text-accent hover:underline">
          The room's other snapshots
        </Link>
      </EmptyState>
    </main>
  )
}
