'use client' // Forms.

import { useState } from 'react'
import { LimitForm, MarkForm } from '#components/series/limit-editor'
import { Dialog } from '#components/ui/dialog'
import { LimitId, MarkId } from '#lib/investigation/ids'
import { useCommand, useRoomState } from './room-context.tsx'
import { extentOf } from './series-extent.tsx'
import { useView } from './view.tsx'

/** A line that memory must not cross. */
export function LimitDialog({ onClose }: { onClose(): void }) {
  const run = useCommand()
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title="Limit line"
      description="The readings then say when the growth reaches it."
    >
      <LimitForm
        onSet={(limit) => {
          void run('limit:set', { id: LimitId.parse(crypto.randomUUID()), ...limit })
          onClose()
        }}
      />
    </Dialog>
  )
}

/** Something that happened at a moment, or over the brushed range. */
export function MarkDialog({ onClose }: { onClose(): void }) {
  const run = useCommand()
  const { brushed, visible } = useView()
  const series = useRoomState((state) => state.series)
  // What the dialog opened with stays, while live points move the graph on.
  const [place] = useState(() => ({
    at: brushed?.from ?? (visible ?? extentOf(series))?.to ?? Date.now(),
    until: brushed?.to ?? null,
  }))
  return (
    <Dialog open onOpenChange={(open) => open || onClose()} title="Mark on the graph">
      <MarkForm
        at={place.at}
        until={place.until}
        onAdd={(mark) => {
          void run('mark:add', { id: MarkId.parse(crypto.randomUUID()), ...mark })
          onClose()
        }}
      />
    </Dialog>
  )
}
