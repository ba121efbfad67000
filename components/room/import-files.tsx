'use client' // A conversation about a file.

import { useId, useState } from 'react'
import { ImportDialog, pastedFile } from '#components/series/import-dialog'
import { Button } from '#components/ui/button'
import { Dialog } from '#components/ui/dialog'
import { TextArea } from '#components/ui/field'
import { say } from '#components/ui/toasts'
import { useRoom } from './room-context.tsx'
import { useView } from './view.tsx'

/** Brings samples in: from a file that was dropped, or from text that is pasted here. */
export function ImportFiles({ file, onDone }: { file?: File; onDone(): void }) {
  const { investigationId } = useRoom()
  const { setPanel } = useView()
  const [pasted, setPasted] = useState<File | null>(null)
  const chosen = file ?? pasted
  if (!chosen) return <PasteSamples onPaste={setPasted} onClose={onDone} />
  return (
    <ImportDialog
      investigationId={investigationId}
      file={chosen}
      onClose={onDone}
      onStored={(stored) => {
        say.done(
          stored.length === 1 ? 'The series is on the graph.' : `${stored.length} series are on the graph.`,
        )
        setPanel('graph')
      }}
    />
  )
}

function PasteSamples({ onPaste, onClose }: { onPaste(file: File): void; onClose(): void }) {
  const id = useId()
  const [text, setText] = useState('')
  return (
    <Dialog open onOpenChange={(open) => open || onClose()} title="Paste samples" wide>
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          onPaste(pastedFile(text))
        }}
      >
        <label htmlFor={id} className="text-ink-2 text-sm">
          A table with a time and a memory column, repeated <code className="num">ps</code> or{' '}
          <code className="num">pidstat -r</code> output, or Prometheus text or JSON.
        </label>
        <TextArea
          id={id}
          autoFocus
          rows={10}
          className="num"
          placeholder={'time,rss_bytes\n2026-11-23T13:00:00Z,412000000\n2026-11-23T13:00:10Z,413000000'}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={text.trim() === ''}>
            Show what it says
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
