'use client' // A form.

import type { Editor } from '@tiptap/react'
import { useState } from 'react'

const withScheme = (address: string): string =>
  /^(https?:\/\/|mailto:)/i.test(address) ? address : `https://${address}`

/** Sets, changes or takes away the link of the selection. */
export function LinkField({ editor, onDone }: { editor: Editor; onDone(): void }) {
  const before = String(editor.getAttributes('link').href ?? '')
  const [address, setAddress] = useState(before)
  const apply = () => {
    const chain = editor.chain().focus().extendMarkRange('link')
    const wanted = address.trim()
    if (wanted === '') chain.unsetLink().run()
    else if (editor.state.selection.empty && before === '')
      editor
        .chain()
        .focus()
        .insertContent({
          type: 'text',
          text: wanted,
          marks: [{ type: 'link', attrs: { href: withScheme(wanted) } }],
        })
        .run()
    else chain.setLink({ href: withScheme(wanted) }).run()
    onDone()
  }
  return (
    <form
      className="flex w-full items-center gap-2 py-1"
      onSubmit={(event) => {
        event.preventDefault()
        apply()
      }}
    >
      <input
        // biome-ignore lint/a11y/noAutofocus: the field appears because its button was pressed.
        autoFocus
        value={address}
        onChange={(event) => setAddress(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          event.stopPropagation()
          onDone()
        }}
        placeholder="https://… (empty takes the link away)"
        aria-label="Address of the link"
        className="h-7 min-w-0 flex-1 rounded-md border border-line-strong bg-panel px-2"
      />
      <button type="submit" className="h-7 rounded-md border border-line-strong px-2.5 font-medium">
        Set
      </button>
    </form>
  )
}
