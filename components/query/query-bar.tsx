'use client' // Buttons.

import { Link2, Pin, Play, Square } from 'lucide-react'
import { useQueryState } from '#components/heap/query-state'
import { usePin } from '#components/room/pin'
import { Button } from '#components/ui/button'
import { say } from '#components/ui/toasts'
import { CaptureId } from '#lib/investigation/ids'
import type { SavedQueryRow } from '#lib/investigation/rows'
import { SHOWN_ROWS } from '#lib/reports/query-answer'
import { formatCount, formatDuration } from '#lib/units/format'
import { milliseconds } from '#lib/units/quantity'
import { SaveQuery } from './saved-queries.tsx'
import { type QueryRun, useSeconds } from './use-query.tsx'

interface QueryBarProps {
  readonly run: QueryRun
  readonly sql: string
  readonly opened: SavedQueryRow | undefined
  readonly captureId: string
  readonly label: string
  readonly csvPath: (sql: string) => string
  readonly onRun: () => void
  readonly onCancel: () => void
  readonly onSaved: (query: SavedQueryRow) => void
}

/** Between editor and answer: run or cancel, what came out, and what to do with it. */
export function QueryBar(props: QueryBarProps) {
  const { run, sql } = props
  const isRunning = run.state === 'running'
  return (
    <div className="flex flex-wrap items-center gap-2 border-line border-y bg-panel px-3 py-1.5">
      {isRunning ? (
        <Button size="small" look="danger" onClick={props.onCancel}>
          <Square size={12} aria-hidden /> Cancel
        </Button>
      ) : (
        <Button
          size="small"
          look="primary"
          onClick={props.onRun}
          disabled={sql.trim() === ''}
          title="Ctrl+Enter"
        >
          <Play size={12} aria-hidden /> Run
        </Button>
      )}
      <p role="status" className="min-w-0 flex-1 truncate text-ink-2 text-sm">
        {isRunning ? <Running since={run.since} /> : <Outcome run={run} />}
      </p>
      {run.state === 'answered' && <Afterwards {...props} asked={run.sql} />}
      <WhenMayWrite>
        <SaveQuery sql={sql} opened={props.opened} onSaved={props.onSaved} />
      </WhenMayWrite>
    </div>
  )
}

function WhenMayWrite({ children }: { children: React.ReactNode }) {
  return usePin().canPin ? children : null
}

/** Longer than this and it is the tables that are being made, not the statement. */
const USUAL_SECONDS = 2

function Running({ since }: { since: number }) {
  const seconds = useSeconds(since)
  return (
    <>
      Running, {seconds} s{seconds >= USUAL_SECONDS && '. The first query of a capture makes its tables.'}
    </>
  )
}

function Outcome({ run }: { run: QueryRun }) {
  if (run.state === 'cancelled') return 'Cancelled.'
  if (run.state !== 'answered') return null
  const { rows, cut, queryMs, exportMs } = run.answer
  const count = `${formatCount(rows.length)} ${rows.length === 1 ? 'row' : 'rows'}`
  const more =
    cut === 'rows'
      ? `, the first ${formatCount(SHOWN_ROWS)}: the CSV has more`
      : cut === 'bytes'
        ? ', as many as fit: the CSV has more'
        : ''
  const tables = exportMs > 0 ? `, after ${formatDuration(milliseconds(exportMs))} for making the tables` : ''
  return `${count}${more}. ${formatDuration(milliseconds(queryMs))}${tables}`
}

/** Links, files and pins of an answer. */
function Afterwards({ asked, captureId, label, csvPath, opened }: QueryBarProps & { asked: string }) {
  const { canPin, openPin } = usePin()
  const address = useQueryState()
  const view = address.href({})
  const isLinked = address.get('sql') !== null || address.get('query') !== null
  const tooLong = 'Too long for a link. Save it first: a saved query has a short one.'
  const copy = () => {
    if (!isLinked) return say.problem(tooLong)
    void navigator.clipboard.writeText(window.location.href).then(() => say.done('Link copied'))
  }
  const pin = () => {
    if (!isLinked || view.length > MAX_VIEW) return say.problem(tooLong)
    const title = `${label}: ${opened?.title ?? asked.replace(/\s+/g, ' ')}`
    openPin({ kind: 'capture', captureId: CaptureId.parse(captureId), view }, title)
  }
  return (
    <>
      <a href={csvPath(asked)} download className="text-accent text-sm hover:underline">
        CSV
      </a>
      <Button size="small" look="quiet" onClick={copy}>
        <Link2 size={13} aria-hidden /> Copy link
      </Button>
      {canPin && (
        <Button size="small" look="quiet" onClick={pin}>
          <Pin size={13} aria-hidden /> Pin
        </Button>
      )}
    </>
  )
}

/** What a pin keeps of an address. */
const MAX_VIEW = 1000
