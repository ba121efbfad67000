'use client' // A text editor.

import { type Editor, EditorContent, useEditor } from '@tiptap/react'
import { clsx } from 'clsx'
import { type ReactNode, useEffect, useRef } from 'react'
import { useRoom, useRoomLink } from '#components/room/room-context'
import type { DocProvider } from '#lib/realtime/client/doc-provider'
import { roomExtensions } from './extensions.tsx'
import { keepViewSteady } from './steady-view.tsx'

export interface RichEditorProps {
  /** The fragment of the room's document (FRAGMENTS). */
  readonly field: string
  /** Its accessible name. */
  readonly label: string
  readonly placeholder: string
  readonly provider: DocProvider
  /** One or two lines inside a card instead of a page. */
  readonly compact?: boolean
  readonly autoFocus?: boolean
  /** Rendered above the text with the live editor: a toolbar. */
  readonly children?: (editor: Editor) => ReactNode
}

/**
 * Shared text, live. Viewers can select and copy, never change (the server refuses their updates as well). Load it
 * with `next/dynamic` and without server rendering: ProseMirror needs a document object.
 */
export function RichEditor({
  field,
  label,
  placeholder,
  provider,
  compact = false,
  autoFocus = false,
  children,
}: RichEditorProps) {
  const { me, canWrite } = useRoom()
  const link = useRoomLink()
  const readOnly = useRef(!canWrite)
  const editor = useEditor(
    {
      immediatelyRender: false,
      shouldRerenderOnTransaction: false,
      editable: canWrite,
      autofocus: autoFocus ? 'end' : false,
      extensions: roomExtensions({
        doc: provider.doc,
        awareness: provider.awareness,
        field,
        me,
        placeholder,
        people: () =>
          link.state.getSnapshot().members.map((member) => ({ id: member.userId, label: member.name })),
      }),
      editorProps: {
        attributes: {
          class: clsx('prose-room', compact ? 'min-h-5 text-sm' : 'min-h-60 py-4'),
          role: 'textbox',
          'aria-multiline': 'true',
          'aria-label': label,
        },
        handleClick: openLink,
      },
    },
    [provider, field],
  )
  useEffect(() => {
    if (readOnly.current === !canWrite) return
    readOnly.current = !canWrite
    editor?.setEditable(canWrite, false)
  }, [editor, canWrite])
  useEffect(() => (editor ? keepViewSteady(editor) : undefined), [editor])

  if (!editor) return <p className="py-1 text-ink-3 text-sm">Opening the text…</p>
  return (
    <>
      {children?.(editor)}
      <EditorContent editor={editor} />
    </>
  )
}

/** Ctrl or ⌘ and a click follow a link; in text that cannot be edited a click is enough. */
function openLink(view: { editable: boolean }, _at: number, event: MouseEvent): boolean {
  const anchor = event.target instanceof Element ? event.target.closest('a[href]') : null
  if (!anchor || !(event.metaKey || event.ctrlKey || !view.editable)) return false
  const href = anchor.getAttribute('href') ?? ''
  if (!/^(https?:|mailto:)/.test(href)) return false
  window.open(href, '_blank', 'noopener,noreferrer')
  return true
}
