'use client' // Live cards that are dragged.

import {
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from '@dnd-kit/core'
import {
  arrayMove,
  SortableContext,
  sortableKeyboardCoordinates,
  verticalListSortingStrategy,
} from '@dnd-kit/sortable'
import { useId, useMemo, useState } from 'react'
import { useCommand, useRoom, useRoomState } from '#components/room/room-context'
import { useView } from '#components/room/view'
import { Button } from '#components/ui/button'
import { EmptyState } from '#components/ui/empty-state'
import { isSettled } from '#lib/hypotheses/words'
import { HypothesisId } from '#lib/investigation/ids'
import type { HypothesisRow } from '#lib/investigation/rows'
import { HypothesisCard } from './hypothesis-card.tsx'
import { NewHunch } from './new-hunch.tsx'

/** The team's hypotheses in their order; the settled ones folded below. */
export function HypothesesPanel() {
  const { canWrite } = useRoom()
  const rows = useRoomState((state) => state.hypotheses)
  const { hunchWishes, wishHunch } = useView()
  const [closedAt, setClosedAt] = useState(0)
  const run = useCommand()
  // Works without a connection: the id is made here, and the command waits on this device until it is sent.
  const add = (title: string) =>
    void run('hypothesis:add', { id: HypothesisId.parse(crypto.randomUUID()), title })
  const { open, move } = useOrder(rows)
  const settled = useMemo(() => rows.filter((row) => isSettled(row.status)), [rows])
  const isAdding = canWrite && hunchWishes > closedAt

  return (
    <section
      aria-label="Hypotheses"
      className="grid min-h-0 grid-rows-[38px_minmax(0,1fr)] bg-sunken max-md:h-full"
    >
      <div className="flex items-center gap-2.5 px-4">
        <h2 className="font-[650]">Hypotheses</h2>
        <span className="text-ink-3">{rows.length}</span>
        <span className="flex-1" />
        {canWrite && (
          <Button size="small" onClick={wishHunch}>
            New hunch <kbd className="border-0! p-0!">H</kbd>
          </Button>
        )}
      </div>
      <div className="flex flex-col gap-2 overflow-y-auto overscroll-contain px-3 pb-3">
        {isAdding && <NewHunch onAdd={add} onClose={() => setClosedAt(hunchWishes)} />}
        {rows.length === 0 && !isAdding && (
          <EmptyState title="No hypotheses yet">
            {canWrite
              ? 'Press H and say what it could be. A hunch is enough: evidence and confidence come later.'
              : 'An editor can add the first one.'}
          </EmptyState>
        )}
        <SortableList rows={open} onMove={move} />
        {settled.length > 0 && <Settled rows={settled} />}
      </div>
    </section>
  )
}

function SortableList({
  rows,
  onMove,
}: {
  rows: readonly HypothesisRow[]
  onMove(id: string, over: string): void
}) {
  const id = useId()
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  )
  const onDragEnd = ({ active, over }: DragEndEvent) => {
    if (over && over.id !== active.id) onMove(String(active.id), String(over.id))
  }
  return (
    <DndContext id={id} sensors={sensors} collisionDetection={closestCenter} onDragEnd={onDragEnd}>
      <SortableContext items={rows.map((row) => row.id)} strategy={verticalListSortingStrategy}>
        {rows.map((row) => (
          <HypothesisCard key={row.id} hypothesis={row} sortable />
        ))}
      </SortableContext>
    </DndContext>
  )
}

/** Ruled out and parked: what was already looked at saves somebody the same work, so it stays in sight. */
function Settled({ rows }: { rows: readonly HypothesisRow[] }) {
  const ruledOut = rows.filter((row) => row.status === 'ruled-out').length
  const parked = rows.length - ruledOut
  const words = [ruledOut > 0 && `${ruledOut} ruled out`, parked > 0 && `${parked} parked`].filter(Boolean)
  return (
    <details open={rows.length <= 3} className="group/settled">
      <summary className="cursor-pointer px-1 py-1 text-ink-3 text-xs marker:text-ink-3 max-md:py-2.5">
        {words.join(' · ')}
      </summary>
      <div className="mt-1 flex flex-col gap-2">
        {rows.map((row) => (
          <HypothesisCard key={row.id} hypothesis={row} sortable={false} />
        ))}
      </div>
    </details>
  )
}

/** The open ones in the order that is shown: where they were dropped at once, the server's as soon as it has spoken. */
function useOrder(rows: readonly HypothesisRow[]) {
  const run = useCommand()
  const [dropped, setDropped] = useState<readonly string[] | null>(null)
  const open = useMemo(() => {
    const shown = rows.filter((row) => !isSettled(row.status))
    if (!dropped) return shown
    const place = (row: HypothesisRow) => {
      const at = dropped.indexOf(row.id)
      return at < 0 ? dropped.length : at
    }
    return shown.toSorted((a, b) => place(a) - place(b))
  }, [rows, dropped])
  const move = async (id: string, over: string) => {
    const place = (wanted: string) => open.findIndex((row) => row.id === wanted)
    const moved = arrayMove(open, place(id), place(over))
    const at = place(over)
    setDropped(moved.map((row) => row.id))
    await run('hypothesis:move', {
      id: HypothesisId.parse(id),
      after: moved[at - 1]?.id ?? null,
      before: moved[at + 1]?.id ?? null,
    })
    setDropped(null)
  }
  return { open, move: (id: string, over: string) => void move(id, over) }
}
