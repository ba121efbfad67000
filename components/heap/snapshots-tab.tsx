'use client' // Dragging, editing and live progress.

import { closestCenter, DndContext, type DragEndEvent } from '@dnd-kit/core'
import { SortableContext, verticalListSortingStrategy } from '@dnd-kit/sortable'
import { FileUp } from 'lucide-react'
import { useCallback, useMemo } from 'react'
import { z } from 'zod'
import { useCommand, useRoom, useRoomState } from '#components/room/room-context'
import { Button } from '#components/ui/button'
import { EmptyState } from '#components/ui/empty-state'
import { say } from '#components/ui/toasts'
import { useUploads } from '#components/uploads/uploads-context'
import type { CaptureId } from '#lib/investigation/ids'
import { personName } from '#lib/investigation/room-state'
import type { CaptureRow } from '#lib/investigation/rows'
import { formatCount } from '#lib/units/format'
import { readJson, sentenceOf } from './answer.tsx'
import { type CaptureActions, CaptureCard } from './capture-card.tsx'
import { CaptureGuide } from './capture-guide.tsx'
import { useCaptureOrder, useDragSensors } from './capture-order.tsx'
import { useDelayedRemoval } from './delayed-removal.tsx'
import { letterOf } from './letters.tsx'

/** The room's captures in their order. Inside a `<Room>` and an `<UploadZone>`. */
export function SnapshotsTab() {
  const { investigationId, canWrite } = useRoom()
  const captures = useRoomState((state) => state.captures)
  const members = useRoomState((state) => state.members)
  const formerNames = useRoomState((state) => state.formerNames)
  const { ordered, move } = useCaptureOrder(captures)
  const { actions, hidden } = useCaptureActions(ordered, move)
  const sensors = useDragSensors()
  const shown = useMemo(() => ordered.filter((capture) => !hidden.has(capture.id)), [ordered, hidden])

  if (shown.length === 0) return <NoCaptures />

  const onDragEnd = ({ active, over }: DragEndEvent) => {
    if (over) move(indexOf(ordered, active.id), indexOf(ordered, over.id))
  }
  return (
    <section aria-label="Snapshots" className="flex h-full min-h-0 flex-col bg-panel">
      <header className="flex items-center gap-3 px-4 py-2.5">
        <p className="min-w-0 flex-1 text-ink-2">
          {formatCount(shown.length)} {shown.length === 1 ? 'capture' : 'captures'}. Growth compares them in
          this order.
        </p>
        {canWrite && <AttachButton />}
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 pb-4">
        {/* A fixed id: dnd-kit counts its own, differently on the server. */}
        <DndContext id="captures" sensors={sensors} collisionDetection={closestCenter} onDragEnd={onDragEnd}>
          <SortableContext items={shown.map((capture) => capture.id)} strategy={verticalListSortingStrategy}>
            <ol className="flex flex-col gap-2">
              {shown.map((capture, at) => (
                <CaptureCard
                  key={capture.id}
                  capture={capture}
                  letter={letterOf(indexOf(ordered, capture.id))}
                  investigationId={investigationId}
                  uploadedBy={personName({ members, formerNames }, capture.createdBy) ?? 'a program'}
                  canWrite={canWrite}
                  isFirst={at === 0}
                  isLast={at === shown.length - 1}
                  actions={actions}
                />
              ))}
            </ol>
          </SortableContext>
        </DndContext>
      </div>
    </section>
  )
}

function useCaptureActions(
  ordered: readonly CaptureRow[],
  move: (from: number, to: number) => void,
): { actions: CaptureActions; hidden: ReadonlySet<string> } {
  const { investigationId } = useRoom()
  const command = useCommand()
  const { mine, cancel: cancelUpload } = useUploads()
  /** Stops this tab's own upload of a capture; true when there is one. */
  const stopOwn = useCallback(
    (id: string): boolean => {
      const own = mine.find((upload) => upload.captureId === id && upload.state !== 'sent')
      if (own) cancelUpload(own.id)
      return own !== undefined
    },
    [mine, cancelUpload],
  )
  const remove = useCallback(
    (id: string) => {
      stopOwn(id)
      // reason: these ids come from the room's own rows and were parsed as CaptureId when they arrived.
      void command('capture:remove', { id: id as CaptureId })
    },
    [command, stopOwn],
  )
  const { hidden, removeLater } = useDelayedRemoval(remove)
  const actions: CaptureActions = {
    moveBy: (id, steps) => move(indexOf(ordered, id), indexOf(ordered, id) + steps),
    cancel: (id) => {
      // reason: as above.
      if (!stopOwn(id)) void command('capture:cancel', { id: id as CaptureId })
    },
    readAgain: (id) => void readAgain(investigationId, id),
    remove: (id) => removeLater(id, ordered.find((capture) => capture.id === id)?.label ?? 'The capture'),
  }
  return { actions, hidden }
}

async function readAgain(investigationId: string, captureId: string): Promise<void> {
  try {
    const path = `/api/investigations/${investigationId}/captures/${captureId}/read`
    await readJson(path, z.unknown(), { method: 'POST' })
  } catch (refused) {
    say.problem(sentenceOf(refused))
  }
}

function NoCaptures() {
  const { canWrite } = useRoom()
  return (
    <div className="h-full overflow-y-auto">
      <EmptyState
        title="No heap snapshots yet"
        action={canWrite ? <AttachButton /> : undefined}
        className="pb-4"
      >
        {canWrite
          ? 'Drop dumps anywhere on this page, paste them or choose them. One shows what is there, two what changed, three what keeps growing.'
          : 'An editor can attach them.'}
      </EmptyState>
      <div className="mx-auto max-w-2xl px-4 pb-8">
        <CaptureGuide />
      </div>
    </div>
  )
}

/** Opens the file dialog. */
export function AttachButton() {
  const { choose } = useUploads()
  return (
    <Button size="small" onClick={choose}>
      <FileUp size={13} aria-hidden />
      Attach files
    </Button>
  )
}

const indexOf = (captures: readonly CaptureRow[], id: string | number): number =>
  captures.findIndex((capture) => capture.id === id)
