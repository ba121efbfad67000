'use client' // Opens, edits and is dragged.

import { useSortable } from '@dnd-kit/sortable'
import { clsx } from 'clsx'
import { GripVertical } from 'lucide-react'
import { memo, useEffect, useId, useMemo, useRef, useState } from 'react'
import { ExperimentsUnderWay } from '#components/experiments/experiments-of'
import { useFragmentText } from '#components/notes/fragment-text'
import { usePresence, useRoom, useRoomState } from '#components/room/room-context'
import { useView } from '#components/room/view'
import { AvatarStack } from '#components/ui/avatar'
import { isSettled } from '#lib/hypotheses/words'
import type { HypothesisRow } from '#lib/investigation/rows'
import { FRAGMENTS } from '#lib/realtime/protocol'
import { CheckRows } from './checks.tsx'
import { ConfidenceMeter } from './confidence.tsx'
import { EvidenceChip } from './evidence-chip.tsx'
import type { Linked } from './evidence-list.tsx'
import { HypothesisDetails } from './hypothesis-details.tsx'
import { HypothesisTitle } from './hypothesis-title.tsx'
import { OwnerMenu } from './owner-menu.tsx'
import { StatusMenu } from './status-menu.tsx'

/** Behind every rank of the server: lib/realtime/client/optimistic.ts puts new ones there until the server has them. */
const WAITING_RANK = '~'
/** More chips than this are counted, until the card is opened. */
const CHIPS = 6

/** One hypothesis: status, owner, confidence, claim, evidence, next step. Opened it is edited together. */
export const HypothesisCard = memo(function HypothesisCard({
  hypothesis,
  sortable,
}: {
  hypothesis: HypothesisRow
  sortable: boolean
}) {
  const panelId = useId()
  const { canWrite } = useRoom()
  const [open, setOpen] = useState(false)
  const linked = useLinked(hypothesis.id)
  const lit = useLitCard(hypothesis.id, () => setOpen(true))
  const drag = useSortable({ id: hypothesis.id, disabled: !sortable || !canWrite })
  const settled = isSettled(hypothesis.status)
  const toggle = () => setOpen(!open)
  return (
    <div
      ref={drag.setNodeRef}
      style={{
        transform: drag.transform ? `translate3d(0, ${drag.transform.y}px, 0)` : undefined,
        transition: drag.transition,
      }}
      id={`hypothesis-${hypothesis.id}`}
      className={clsx(
        'group/card relative rounded-lg border bg-panel px-3 py-2.5',
        hypothesis.status === 'testing' ? 'border-native' : 'border-line',
        (lit || open) && 'ring-1 ring-accent',
        drag.isDragging && 'z-20 shadow-pop',
      )}
    >
      <div className="mb-[5px] flex items-center gap-2 text-ink-3 text-xs">
        {sortable && canWrite && (
          <button
            type="button"
            {...drag.attributes}
            {...drag.listeners}
            aria-label={`Move “${hypothesis.title}”: space lifts it, arrows move it, space puts it down`}
            className="absolute top-2.5 left-0 grid h-5 w-3 cursor-grab touch-none place-items-center rounded text-ink-3 opacity-0 focus-visible:opacity-100 group-hover/card:opacity-100 pointer-coarse:top-1 pointer-coarse:h-8 pointer-coarse:opacity-100"
          >
            <GripVertical size={12} aria-hidden />
          </button>
        )}
        <StatusMenu hypothesis={hypothesis} />
        <OwnerMenu hypothesis={hypothesis} />
        {hypothesis.rank === WAITING_RANK && (
          <span className="rounded bg-warm-soft px-1.5 text-warm">waits on this device</span>
        )}
        <span className="flex-1" />
        <EditingNow hypothesisId={hypothesis.id} />
        {!settled && <ConfidenceMeter hypothesis={hypothesis} />}
      </div>
      <div className={clsx(settled && !open && 'text-ink-2')}>
        <HypothesisTitle hypothesis={hypothesis} open={open} panelId={panelId} onToggle={toggle} />
        {settled && hypothesis.statusReason && (
          <p className="mt-1 break-words text-ink-2 text-sm">{hypothesis.statusReason}</p>
        )}
        {!open && <ExperimentsUnderWay hypothesisId={hypothesis.id} />}
        {!open && <CheckRows hypothesisId={hypothesis.id} onMore={toggle} />}
        {!open && linked.length > 0 && <Chips linked={linked} onMore={toggle} />}
        {!open && !settled && <NextLine hypothesisId={hypothesis.id} onOpen={toggle} />}
      </div>
      <div id={panelId} hidden={!open}>
        {open && <HypothesisDetails hypothesis={hypothesis} linked={linked} />}
      </div>
    </div>
  )
})

function Chips({ linked, onMore }: { linked: readonly Linked[]; onMore(): void }) {
  const shown = linked.slice(0, CHIPS)
  return (
    <div className="mt-2 flex flex-wrap gap-[5px]">
      {shown.map(({ evidence, link }) => (
        <EvidenceChip key={evidence.id} evidence={evidence} stance={link.stance} note={link.note} />
      ))}
      {linked.length > CHIPS && (
        <button type="button" onClick={onMore} className="px-1 text-ink-3 text-xs hover:text-ink">
          and {linked.length - CHIPS} more
        </button>
      )}
    </div>
  )
}

/** The next step as text; the editor is mounted only when the card is opened. */
function NextLine({ hypothesisId, onOpen }: { hypothesisId: string; onOpen(): void }) {
  const next = useFragmentText(FRAGMENTS.nextStep(hypothesisId))
  if (next === '') return null
  return (
    <button
      type="button"
      onClick={onOpen}
      className="mt-2 block w-full border-line border-t border-dashed pt-2 text-left text-ink-2 text-sm"
    >
      <b className="font-[620]">Next</b> <bdi className="break-words">{next}</bdi>
    </button>
  )
}

function EditingNow({ hypothesisId }: { hypothesisId: string }) {
  const others = usePresence()
  const here = others.filter((person) => person.editing === hypothesisId)
  return <AvatarStack people={here} size={16} />
}

/** The evidence of a hypothesis with its links: for, then against, then neutral, each in order of pinning. */
function useLinked(hypothesisId: string): Linked[] {
  const links = useRoomState((state) => state.links)
  const evidence = useRoomState((state) => state.evidence)
  return useMemo(() => {
    const byId = new Map<string, Linked['evidence']>(evidence.map((row) => [row.id, row]))
    const order = { for: 0, against: 1, neutral: 2 }
    return links
      .filter((link) => link.hypothesisId === hypothesisId)
      .sort((a, b) => order[a.stance] - order[b.stance] || a.createdAt - b.createdAt)
      .flatMap((link) => {
        const row = byId.get(link.evidenceId)
        return row ? [{ link, evidence: row }] : []
      })
  }, [links, evidence, hypothesisId])
}

/** Opens the card and scrolls to it when somebody jumps here. */
function useLitCard(id: string, onLit: () => void): boolean {
  const { spotlight } = useView()
  const done = useRef(0)
  const [lit, setLit] = useState(false)
  useEffect(() => {
    if (spotlight?.kind !== 'hypothesis' || spotlight.id !== id || done.current === spotlight.nonce) return
    done.current = spotlight.nonce
    onLit()
    setLit(true)
    document.getElementById(`hypothesis-${id}`)?.scrollIntoView({ block: 'nearest' })
  }, [spotlight, id, onLit])
  useEffect(() => {
    if (!lit) return
    const timer = setTimeout(() => setLit(false), 2000)
    return () => clearTimeout(timer)
  }, [lit])
  return lit
}
