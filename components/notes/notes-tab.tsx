'use client' // A text editor.

import type { Editor } from '@tiptap/react'
import { useEffect } from 'react'
import { useDoc, useRoom, useSaveStatus } from '#components/room/room-context'
import { useView } from '#components/room/view'
import { say } from '#components/ui/toasts'
import { FRAGMENTS } from '#lib/realtime/protocol'
import { findQuote } from './find-text.tsx'
import { NeedsAttention } from './needs-attention.tsx'
import { RichEditor } from './rich-editor.tsx'
import { Toolbar } from './toolbar.tsx'

/** The room's notes. Loaded only in the browser (notes-lazy.tsx). */
export function NotesTab() {
  const provider = useDoc()
  const status = useSaveStatus()
  const { canWrite } = useRoom()
  if (status.state === 'needs-attention')
    return <NeedsAttention reason={status.reason} draft={status.draft} />
  if (!provider) return <p className="p-4 text-ink-3">Opening the notes…</p>
  return (
    <div className="mx-auto max-w-3xl px-4 pb-10">
      <RichEditor
        field={FRAGMENTS.notes}
        label="Notes"
        placeholder={
          canWrite
            ? 'What is known, what was tried, commands to repeat. Markdown works: # heading, - list, [ ] task, ```ruby'
            : 'Nothing was written here yet.'
        }
        provider={provider}
      >
        {(editor) => (
          <>
            <Toolbar editor={editor} />
            <SpotlightQuote editor={editor} />
          </>
        )}
      </RichEditor>
    </div>
  )
}

/** Selects the text that a pin quotes and scrolls to it. */
function SpotlightQuote({ editor }: { editor: Editor }) {
  const { spotlight } = useView()
  useEffect(() => {
    if (spotlight?.kind !== 'note') return
    const place = findQuote(editor, spotlight.id)
    if (place) editor.chain().setTextSelection(place).scrollIntoView().focus().run()
    else say.done('This text is no longer in the notes. The pin keeps what it said.')
  }, [editor, spotlight])
  return null
}
