import type { Extensions } from '@tiptap/core'
import CodeBlockLowlight from '@tiptap/extension-code-block-lowlight'
import Collaboration from '@tiptap/extension-collaboration'
import CollaborationCaret from '@tiptap/extension-collaboration-caret'
import { TaskItem, TaskList } from '@tiptap/extension-list'
import { TableKit } from '@tiptap/extension-table'
import { Placeholder } from '@tiptap/extensions'
import StarterKit from '@tiptap/starter-kit'
import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import { caretColor } from '#lib/investigation/colors'
import { codeLanguages } from './code-languages.tsx'
import type { MentionChoice } from './mention-list.tsx'
import { mentionExtension } from './mentions.tsx'

export interface SharedText {
  readonly doc: Y.Doc
  readonly awareness: Awareness
  /** A fragment's name (FRAGMENTS in lib/realtime/protocol). */
  readonly field: string
  readonly me: { readonly name: string; readonly color: number }
  readonly placeholder: string
  people(): readonly MentionChoice[]
}

/**
 * The schema of all shared text in a room: notes, rationales and next steps have the same one, so that text can be
 * moved between them.
 *
 * Undo is the collaboration's, per person; StarterKit's own would take back colleagues' words. Its trailing node is
 * off because it wrote empty paragraphs into the shared document.
 */
export function roomExtensions(text: SharedText): Extensions {
  return [
    StarterKit.configure({
      undoRedo: false,
      trailingNode: false,
      codeBlock: false,
      heading: { levels: [1, 2, 3] },
      link: {
        openOnClick: false,
        defaultProtocol: 'https',
        markdownLinks: true,
        HTMLAttributes: { rel: 'noopener noreferrer nofollow', target: '_blank' },
      },
    }),
    CodeBlockLowlight.configure({ lowlight: codeLanguages, enableTabIndentation: true }),
    TaskList,
    TaskItem.configure({ nested: true }),
    TableKit.configure({ table: { resizable: false } }),
    mentionExtension(text.people),
    Placeholder.configure({ placeholder: text.placeholder, showOnlyWhenEditable: false }),
    Collaboration.configure({ document: text.doc, field: text.field }),
    CollaborationCaret.configure({
      provider: { awareness: text.awareness },
      user: { name: text.me.name, color: caretColor(text.me.color) },
      render: caret,
    }),
  ]
}

/** A colleague's caret with a name flag. The name is set as text: it is somebody's input. */
function caret(user: Record<string, unknown>): HTMLElement {
  const color = /^#[0-9a-f]{6}$/i.test(String(user.color)) ? String(user.color) : '#55585e'
  const line = document.createElement('span')
  line.className = 'collaboration-carets__caret'
  line.style.borderColor = color
  const flag = document.createElement('span')
  flag.className = 'collaboration-carets__label'
  flag.style.backgroundColor = color
  flag.textContent = String(user.name ?? '').slice(0, 40)
  line.append(flag)
  return line
}
