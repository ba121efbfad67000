'use client' // Tabs and switches are state of this tab, kept in the address.

import clsx from 'clsx'
import Link from 'next/link'
import { sentenceOf } from '#components/heap/answer'
import { ReadProblem } from '#components/heap/read-problem'
import { useRoom, useRoomState } from '#components/room/room-context'
import { Select } from '#components/ui/field'
import { CallsAnswer } from '#lib/reports/stack-questions'
import { measureWords } from '#lib/stacks/stack-profile'
import { CallTreeView } from './call-tree-view.tsx'
import { FlameView, Waiting } from './flame-view.tsx'
import { type StackChoice, type StackTab, useStackChoice } from './stack-choice.tsx'
import { StackTableView } from './stack-table-view.tsx'
import { StackVerdict } from './stack-verdict.tsx'
import { amount, change, kindAmount, kindName } from './stack-words.tsx'
import { type ShownStackReport, useStackReport, useStacks } from './use-stacks.tsx'

const TABS: readonly (readonly [StackTab, string])[] = [
  ['flame', 'Flame graph'],
  ['table', 'Table'],
  ['calls', 'Call tree'],
]

export interface StacksViewProps {
  readonly captureId: string
  /** The capture's name: hostile text. */
  readonly label: string
  /** Another stack capture of the room, taken for the earlier one. */
  readonly since?: string | undefined
}

/** A capture of allocation stacks, inside a `<Room>`: what it says, and its stacks as a flame graph, a table or a call tree. */
export function StacksView({ captureId, label, since }: StacksViewProps) {
  const { investigationId } = useRoom()
  const { report, error, retry } = useStackReport(investigationId, captureId)
  if (error !== undefined && !report) return <ReadProblem sentence={sentenceOf(error)} onRetry={retry} />
  if (!report) return <Waiting />
  return <Shown captureId={captureId} label={label} since={since} report={report} />
}

function Shown({ captureId, label, since, report }: StacksViewProps & { report: ShownStackReport }) {
  const { investigationId } = useRoom()
  const choice = useStackChoice(report.summary)
  const requests = useRoomState(
    (state) => state.captures.find(({ id }) => id === captureId)?.requestCount ?? null,
  )
  const asked = new URLSearchParams({
    measure: choice.measure,
    kind: choice.kind,
    ...(since && { since }),
  }).toString()
  const path = `/api/investigations/${investigationId}/captures/${captureId}/stacks?${asked}`
  // Asked for the remarks of a comparison; the tree's first level is small, and often shown next.
  const { answer } = useStacks(since ? `${path}&ask=calls&node=0` : null, CallsAnswer)
  return (
    <>
      <StackVerdict
        report={report}
        difference={answer && since ? differenceWords(answer) : undefined}
        remarks={(since && answer?.remarks) || []}
        requests={requests}
      />
      <div className="flex shrink-0 flex-wrap items-center gap-x-3 border-line border-b bg-panel pr-3">
        <Tabs choice={choice} />
        <Switches choice={choice} report={report} />
      </div>
      <div className="flex min-h-64 flex-1 flex-col">
        {choice.tab === 'flame' && <FlameView path={path} choice={choice} since={since} />}
        {choice.tab === 'table' && <StackTableView path={path} choice={choice} label={label} since={since} />}
        {choice.tab === 'calls' && <CallTreeView key={path} path={path} />}
      </div>
    </>
  )
}

/** Two captures show what changed; three whether it goes on. */
function differenceWords({ sum, earlierSum, isBytes, words }: CallsAnswer): string | undefined {
  if (earlierSum === null) return undefined
  const what = isBytes ? words.replace(/^bytes /, '') : words
  return `${change(sum - earlierSum, isBytes)} ${what} since the earlier capture (${amount(earlierSum, isBytes)} → ${amount(sum, isBytes)}). Two captures show what changed; whether it goes on, a third one tells.`
}

function Tabs({ choice }: { choice: StackChoice }) {
  return (
    <nav
      aria-label="Views of this capture"
      className="flex min-w-0 items-center gap-0.5 overflow-x-auto px-3"
    >
      {TABS.map(([tab, name]) => {
        const changes = { tab: tab === 'flame' ? null : tab, row: null, sort: null, dir: null }
        return (
          <Link
            key={tab}
            href={choice.href(changes)}
            replace
            onNavigate={(event) => {
              // The same without a round trip to the server.
              event.preventDefault()
              choice.set(changes)
            }}
            aria-current={tab === choice.tab ? 'page' : undefined}
            className={clsx(
              'flex h-[39px] shrink-0 items-center border-b-2 px-2.5 font-[550] -outline-offset-2',
              tab === choice.tab ? 'border-ink text-ink' : 'border-transparent text-ink-2 hover:text-ink',
            )}
          >
            {name}
          </Link>
        )
      })}
    </nav>
  )
}

/** Which numbers of which stacks; a switch with one position is not shown. */
function Switches({ choice, report: { summary } }: { choice: StackChoice; report: ShownStackReport }) {
  const { measures, kinds, blockWord } = summary
  // The kind says already whether bytes are in use or lost.
  const isInUseOnly = measures.every((measure) => measure.startsWith('in-use'))
  return (
    <div className="ml-auto flex min-w-0 max-w-full flex-wrap items-center gap-2 py-1 max-sm:pl-3">
      {kinds.length > 1 && (
        <Select
          aria-label="Kind"
          value={choice.kind}
          onChange={(event) => choice.set({ kind: event.target.value, row: null })}
          className="h-7! max-w-full text-xs"
        >
          {kinds.map((total) => (
            <option key={total.kind} value={total.kind}>
              {kindName(total.kind)}: {kindAmount(total, summary)}
              {total.kind === 'indirectly-lost' ? ' (in “definitely lost” already)' : ''}
            </option>
          ))}
        </Select>
      )}
      {measures.length > 1 && (
        <Select
          aria-label="Measure"
          value={choice.measure}
          onChange={(event) => choice.set({ measure: event.target.value, row: null })}
          className="h-7! text-xs"
        >
          {measures.map((measure) => (
            <option key={measure} value={measure}>
              {isInUseOnly
                ? measureWords(measure, blockWord).replace(/ in use$/, '')
                : measureWords(measure, blockWord)}
            </option>
          ))}
        </Select>
      )}
    </div>
  )
}
