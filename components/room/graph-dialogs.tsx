'use client' // Forms.

import { useState } from 'react'
import { LimitForm, MarkForm } from '#components/series/limit-editor'
import { MarksImport } from '#components/series/marks-import'
import { Button } from '#components/ui/button'
import { Dialog } from '#components/ui/dialog'
import { say } from '#components/ui/toasts'
import type { NamedBand } from '#lib/formats/series/bands'
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
  const [areSeveral, setSeveral] = useState(false)
  const marks = useRoomState((state) => state.marks)
  const addAll = async (bands: readonly NamedBand[]) => {
    onClose()
    // The same list again changes nothing.
    const isThere = ({ label, from, to }: NamedBand) =>
      marks.some((mark) => mark.label === label && mark.at === from && mark.until === to)
    const missing = bands.filter((band) => !isThere(band))
    let added = 0
    for (const { label, from, to } of missing) {
      const mark = {
        id: MarkId.parse(crypto.randomUUID()),
        kind: 'outage',
        label,
        at: from,
        until: to,
      } as const
      // What is refused once (a full room, a lost role) is refused again.
      if (!(await run('mark:add', mark))) break
      added++
    }
    if (added === missing.length)
      say.done(added === 0 ? 'They are on the graph already.' : `${added} outages are on the graph.`)
  }
  return (
    <Dialog open onOpenChange={(open) => open || onClose()} title="Mark on the graph">
      {areSeveral ? (
        <MarksImport onAdd={(bands) => void addAll(bands)} />
      ) : (
        <MarkForm
          at={place.at}
          until={place.until}
          onAdd={(mark) => {
            void run('mark:add', { id: MarkId.parse(crypto.randomUUID()), ...mark })
            onClose()
          }}
        />
      )}
      <Button look="quiet" size="small" className="mt-2" onClick={() => setSeveral(!areSeveral)}>
        {areSeveral ? 'One mark' : 'Import a list of outages…'}
      </Button>
    </Dialog>
  )
}
