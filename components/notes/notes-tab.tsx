'use client' // A text editor.

import type { Editor } from '@tiptap/react'
import { useEffect } from 'react'
import { useDoc, useRoom, useSaveStatus } from '#components/room/room-context'
import { useView } from '#components/room/view'
import { say } from '#components/ui/toasts'
import type { DocProvider } from '#lib/realtime/client/doc-provider'
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
            <SpotlightQuote editor={editor} provider={provider} />
          </>
        )}
      </RichEditor>
    </div>
  )
}

/** Selects the text that a pin quotes and scrolls to it, once this device has the text. */
function SpotlightQuote({ editor, provider }: { editor: Editor; provider: DocProvider }) {
  const { spotlight } = useView()
  useEffect(() => {
    if (spotlight?.kind !== 'note') return
    let timer: ReturnType<typeof setTimeout> | undefined
    let isGone = false
    const find = () => {
      const place = findQuote(editor, spotlight.id)
      if (place) editor.chain().setTextSelection(place).scrollIntoView().focus().run()
      else say.done('This text is no longer in the notes. The pin keeps what it said.')
    }
    void provider.whenShown.then(() => {
      // The editor renders the shared text one turn after it was made.
      if (!isGone) timer = setTimeout(find, 50)
    })
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [editor, provider, spotlight])
  return null
}
