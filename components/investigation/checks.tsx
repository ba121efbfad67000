'use client' // Opens evidence and a form.

import { clsx } from 'clsx'
import { CircleCheck, CircleDashed, CircleX, type LucideIcon, Pencil, X } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useMemo, useState } from 'react'
import { visible } from '#components/heap/raw-text'
import { ClockTime } from '#components/room/clock-time'
import { useCommand, useRoom, useRoomState } from '#components/room/room-context'
import { useView } from '#components/room/view'
import { Button, IconButton } from '#components/ui/button'
import { say } from '#components/ui/toasts'
import type { CheckEvidence, CheckState } from '#lib/hypotheses/checks'
import type { CheckRow } from '#lib/investigation/checks'
import { CheckId } from '#lib/investigation/ids'
import { EvidenceRef, type HypothesisRow } from '#lib/investigation/rows'
import { CheckDialog } from './check-dialog.tsx'

const STATES: Record<CheckState, { words: string; Icon: LucideIcon; color: string }> = {
  supported: { words: 'Supported', Icon: CircleCheck, color: 'text-steady' },
  contradicted: { words: 'Contradicted', Icon: CircleX, color: 'text-growth' },
  untested: { words: 'Untested', Icon: CircleDashed, color: 'text-ink-3' },
}
const EVALUATING = { words: 'Being tested', Icon: CircleDashed, color: 'text-ink-3' } as const
/** More rows than this are counted, until the card is opened. */
const ROWS = 3

/** The checks of one hypothesis, oldest first. */
function useChecks(hypothesisId: string): readonly CheckRow[] {
  const checks = useRoomState((state) => state.checks)
  return useMemo(() => checks.filter((row) => row.hypothesisId === hypothesisId), [checks, hypothesisId])
}

/** On the closed card: how each claim in numbers stands. Nothing where none was made. */
export function CheckRows({ hypothesisId, onMore }: { hypothesisId: string; onMore(): void }) {
  const checks = useChecks(hypothesisId)
  if (checks.length === 0) return null
  return (
    <ul aria-label="Checks" className="mt-2 grid gap-1">
      {checks.slice(0, ROWS).map((check) => (
        <li key={check.id} className="grid grid-cols-[14px_1fr] gap-x-1.5 text-xs">
          <StateIcon check={check} />
          <span className="min-w-0 break-words text-ink-2">
            <StateWord check={check} /> <bdi>{visible(check.sentence)}</bdi>
          </span>
        </li>
      ))}
      {checks.length > ROWS && (
        <li>
          <button type="button" onClick={onMore} className="pl-5 text-ink-3 text-xs hover:text-ink">
            and {checks.length - ROWS} more
          </button>
        </li>
      )}
    </ul>
  )
}

/** On the opened card: every check with its numbers, what it rests on, and what is missing. */
export function Checks({ hypothesis }: { hypothesis: HypothesisRow }) {
  const { canWrite } = useRoom()
  const checks = useChecks(hypothesis.id)
  const [open, setOpen] = useState<{ check?: CheckRow } | null>(null)
  if (checks.length === 0 && !canWrite) return null
  return (
    <section aria-label="Checks">
      <h4 className="mb-1 font-[620] text-ink-2 text-xs">Checks</h4>
      {checks.length === 0 ? (
        <p className="text-ink-3 text-sm">
          A claim in numbers, which the room tests again with every new capture, graph or run.
        </p>
      ) : (
        <ul className="grid gap-2">
          {checks.map((check) => (
            <CheckItem key={check.id} check={check} onEdit={() => setOpen({ check })} />
          ))}
        </ul>
      )}
      {canWrite && (
        <Button size="small" className="mt-2" onClick={() => setOpen({})}>
          Add a check
        </Button>
      )}
      {open && <CheckDialog hypothesis={hypothesis} check={open.check} onClose={() => setOpen(null)} />}
    </section>
  )
}

function CheckItem({ check, onEdit }: { check: CheckRow; onEdit(): void }) {
  const { canWrite } = useRoom()
  const run = useCommand()
  const { outcome } = check
  const remove = async () => {
    const gone = await run('check:remove', { id: check.id })
    if (!gone) return
    const { hypothesisId, predicate } = check
    say.done('The check was removed.', {
      label: 'Undo',
      // An id is used once: the log has the old one.
      run: () => void run('check:add', { id: CheckId.parse(crypto.randomUUID()), hypothesisId, predicate }),
    })
  }
  return (
    <li className="rounded-md border border-line bg-bg px-2 py-1.5">
      <div className="flex items-start gap-1.5">
        <span className="mt-0.5">
          <StateIcon check={check} />
        </span>
        <p className="min-w-0 flex-1 break-words text-sm">
          <StateWord check={check} /> <bdi>{visible(check.sentence)}</bdi>
        </p>
        {canWrite && (
          <>
            <IconButton
              label={`Change the check “${visible(check.sentence)}”`}
              className="size-6!"
              onClick={onEdit}
            >
              <Pencil size={12} aria-hidden />
            </IconButton>
            <IconButton
              label={`Remove the check “${visible(check.sentence)}”`}
              className="size-6!"
              onClick={() => void remove()}
            >
              <X size={12} aria-hidden />
            </IconButton>
          </>
        )}
      </div>
      {outcome && (
        <div className="mt-0.5 grid gap-0.5 pl-5 text-ink-2 text-xs">
          <p className="break-words">{visible(outcome.words)}</p>
          {outcome.missing !== null && (
            <p className="break-words">
              <b className="font-[620]">Missing</b> {visible(outcome.missing)}
              {outcome.decidableAt !== null && outcome.decidableAt > outcome.at && (
                <>
                  {' '}
                  Come back about <ClockTime at={outcome.decidableAt} />.
                </>
              )}
            </p>
          )}
          <p className="flex flex-wrap items-center gap-x-2 text-2xs text-ink-3">
            {outcome.evidence.map((one) => (
              <EvidenceLink key={JSON.stringify(one)} evidence={one} />
            ))}
            <span>
              found <ClockTime at={outcome.at} />
            </span>
          </p>
        </div>
      )}
    </li>
  )
}

const looksOf = ({ outcome }: CheckRow) => (outcome ? STATES[outcome.state] : EVALUATING)

function StateIcon({ check }: { check: CheckRow }) {
  const { Icon, color } = looksOf(check)
  return <Icon size={14} aria-hidden className={clsx('mt-px shrink-0', color)} />
}

function StateWord({ check }: { check: CheckRow }) {
  const { words, color } = looksOf(check)
  return <b className={clsx('font-[620]', color)}>{words}</b>
}

/** Brings the reader to what a check rests on. */
function EvidenceLink({ evidence }: { evidence: CheckEvidence }) {
  const open = useOpenEvidence()
  const words =
    evidence.kind === 'captures'
      ? evidence.captureIds.length === 1
        ? 'Show the capture'
        : `Show the ${evidence.captureIds.length} captures`
      : evidence.kind === 'range'
        ? 'Show it on the graph'
        : 'Show the experiment'
  return (
    <button
      type="button"
      onClick={() => open(evidence)}
      className="rounded font-[550] text-accent hover:underline max-md:min-h-8"
    >
      {words}
    </button>
  )
}

function useOpenEvidence(): (evidence: CheckEvidence) => void {
  const { investigationId } = useRoom()
  const { show, setPanel } = useView()
  const router = useRouter()
  return (evidence) => {
    if (evidence.kind === 'range') return show(EvidenceRef.parse({ ...evidence, kind: 'series-range' }))
    if (evidence.kind === 'experiment') return show(EvidenceRef.parse(evidence))
    const { captureIds, search } = evidence
    if (captureIds.length === 1) {
      const view = `?${new URLSearchParams({ q: search })}`
      return show(EvidenceRef.parse({ kind: 'capture', captureId: captureIds[0], view }))
    }
    const query = new URLSearchParams({ tab: 'growth', captures: captureIds.join(','), q: search })
    const room = `/i/${investigationId}`
    if (window.location.pathname !== room) return router.push(`${room}?${query}`)
    setPanel('growth')
    window.history.replaceState(null, '', `?${query}`)
  }
}
