'use client' // Buttons that act on the editor.

import type { Editor } from '@tiptap/react'

const ACTIONS: readonly { label: string; run: (editor: Editor) => void }[] = [
  { label: 'Row below', run: (e) => e.chain().focus().addRowAfter().run() },
  { label: 'Column right', run: (e) => e.chain().focus().addColumnAfter().run() },
  { label: 'Remove row', run: (e) => e.chain().focus().deleteRow().run() },
  { label: 'Remove column', run: (e) => e.chain().focus().deleteColumn().run() },
  { label: 'Remove table', run: (e) => e.chain().focus().deleteTable().run() },
]

/** What one can do to the table in which the text cursor stands. */
export function TableButtons({ editor }: { editor: Editor }) {
  return (
    <div className="flex w-full flex-wrap gap-1 py-1">
      {ACTIONS.map(({ label, run }) => (
        <button
          key={label}
          type="button"
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => run(editor)}
          className="rounded-md border border-line px-2 py-0.5 text-ink-2 text-xs hover:bg-sunken"
        >
          {label}
        </button>
      ))}
    </div>
  )
}
