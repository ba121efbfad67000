'use client' // Buttons that act on the editor.

import type { Editor } from '@tiptap/react'
import { useEditorState } from '@tiptap/react'
import { clsx } from 'clsx'
import {
  Bold,
  Code,
  Heading1,
  Heading2,
  History,
  Italic,
  Link as LinkIcon,
  List,
  ListChecks,
  ListOrdered,
  type LucideIcon,
  Pin,
  Quote,
  Redo2,
  SquareCode,
  Table as TableIcon,
  Undo2,
} from 'lucide-react'
import { useState } from 'react'
import { usePin } from '#components/room/pin'
import { useView } from '#components/room/view'
import { LinkField } from './link-field.tsx'
import { TableButtons } from './table-buttons.tsx'

interface Tool {
  readonly label: string
  readonly icon: LucideIcon
  readonly active?: (editor: Editor) => boolean
  readonly run: (editor: Editor) => void
}

const TOOLS: readonly (readonly Tool[])[] = [
  [
    {
      label: 'Heading',
      icon: Heading1,
      active: (e) => e.isActive('heading', { level: 1 }),
      run: (e) => e.chain().focus().toggleHeading({ level: 1 }).run(),
    },
    {
      label: 'Smaller heading',
      icon: Heading2,
      active: (e) => e.isActive('heading', { level: 2 }),
      run: (e) => e.chain().focus().toggleHeading({ level: 2 }).run(),
    },
    {
      label: 'Bold',
      icon: Bold,
      active: (e) => e.isActive('bold'),
      run: (e) => e.chain().focus().toggleBold().run(),
    },
    {
      label: 'Italic',
      icon: Italic,
      active: (e) => e.isActive('italic'),
      run: (e) => e.chain().focus().toggleItalic().run(),
    },
    {
      label: 'Code',
      icon: Code,
      active: (e) => e.isActive('code'),
      run: (e) => e.chain().focus().toggleCode().run(),
    },
  ],
  [
    {
      label: 'List',
      icon: List,
      active: (e) => e.isActive('bulletList'),
      run: (e) => e.chain().focus().toggleBulletList().run(),
    },
    {
      label: 'Numbered list',
      icon: ListOrdered,
      active: (e) => e.isActive('orderedList'),
      run: (e) => e.chain().focus().toggleOrderedList().run(),
    },
    {
      label: 'Check-list',
      icon: ListChecks,
      active: (e) => e.isActive('taskList'),
      run: (e) => e.chain().focus().toggleTaskList().run(),
    },
    {
      label: 'Quote',
      icon: Quote,
      active: (e) => e.isActive('blockquote'),
      run: (e) => e.chain().focus().toggleBlockquote().run(),
    },
    {
      label: 'Code block',
      icon: SquareCode,
      active: (e) => e.isActive('codeBlock'),
      run: (e) => e.chain().focus().toggleCodeBlock().run(),
    },
    {
      label: 'Table',
      icon: TableIcon,
      active: (e) => e.isActive('table'),
      run: (e) => e.chain().focus().insertTable({ rows: 3, cols: 3, withHeaderRow: true }).run(),
    },
  ],
  [
    { label: 'Undo my last change', icon: Undo2, run: (e) => e.chain().focus().undo().run() },
    { label: 'Redo', icon: Redo2, run: (e) => e.chain().focus().redo().run() },
  ],
]

const ALL = TOOLS.flat()

/** Formatting for the mouse; the keyboard has Markdown and the usual keys. Editors only. */
export function Toolbar({ editor }: { editor: Editor }) {
  const { canPin, openPin } = usePin()
  const { setDialog } = useView()
  const [linking, setLinking] = useState(false)
  const state = useEditorState({
    editor,
    selector: ({ editor: e }) => ({
      active: ALL.map((tool) => tool.active?.(e) ?? false).join(),
      inTable: e.isActive('table'),
      inLink: e.isActive('link'),
      selected: !e.state.selection.empty,
      editable: e.isEditable,
    }),
  })
  const pinQuote = () => {
    const { from, to } = editor.state.selection
    const quote = editor.state.doc.textBetween(from, to, ' ').trim().slice(0, 1000)
    if (quote) openPin({ kind: 'note', quote }, quote.slice(0, 120))
  }
  if (!state.editable) return null
  const active = state.active.split(',')
  return (
    <div className="sticky top-0 z-10 -mx-1 border-line border-b bg-panel py-1">
      <div
        role="toolbar"
        aria-label="Formatting"
        className="flex items-center gap-0.5 max-md:overflow-x-auto md:flex-wrap"
      >
        {TOOLS.map((group) => (
          <div key={group[0]?.label} className="mr-1 flex shrink-0 gap-0.5 border-line border-r pr-1">
            {group.map((tool) => (
              <ToolButton
                key={tool.label}
                label={tool.label}
                icon={tool.icon}
                pressed={tool.active ? active[ALL.indexOf(tool)] === 'true' : undefined}
                onPress={() => tool.run(editor)}
              />
            ))}
          </div>
        ))}
        <ToolButton
          label="Link"
          icon={LinkIcon}
          pressed={state.inLink}
          onPress={() => setLinking(!linking)}
        />
        <ToolButton label="History of the text" icon={History} onPress={() => setDialog('history')} />
        {canPin && (
          <ToolButton
            label="Pin the selected text as evidence"
            icon={Pin}
            disabled={!state.selected}
            onPress={pinQuote}
          />
        )}
      </div>
      {linking && <LinkField editor={editor} onDone={() => setLinking(false)} />}
      {state.inTable && <TableButtons editor={editor} />}
    </div>
  )
}

function ToolButton({
  label,
  icon: Icon,
  pressed,
  disabled,
  onPress,
}: {
  label: string
  icon: LucideIcon
  pressed?: boolean
  disabled?: boolean
  onPress(): void
}) {
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      aria-pressed={pressed}
      disabled={disabled}
      // The editor keeps its selection.
      onMouseDown={(event) => event.preventDefault()}
      onClick={onPress}
      className={clsx(
        'grid size-7 shrink-0 place-items-center rounded-md text-ink-2 hover:bg-sunken disabled:opacity-40 max-md:size-9',
        pressed && 'bg-accent-soft text-accent',
      )}
    >
      <Icon className="size-4" aria-hidden />
    </button>
  )
}
