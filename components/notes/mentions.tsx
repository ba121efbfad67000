import { isChangeOrigin } from '@tiptap/extension-collaboration'
import Mention, { type MentionNodeAttrs } from '@tiptap/extension-mention'
import { ReactRenderer } from '@tiptap/react'
import type { SuggestionOptions } from '@tiptap/suggestion'
import {
  type MentionChoice,
  MentionList,
  type MentionListHandle,
  type MentionListProps,
} from './mention-list.tsx'

const AT_MOST = 6

/** Members whose name, or one of its words, begins with what was typed. */
export function matchingPeople(people: readonly MentionChoice[], typed: string): MentionChoice[] {
  const wanted = typed.toLocaleLowerCase()
  return people
    .filter(({ label }) => {
      const name = label.toLocaleLowerCase()
      return name.startsWith(wanted) || name.split(/\s+/).some((word) => word.startsWith(wanted))
    })
    .slice(0, AT_MOST)
}

/**
 * `@` mentions a member. `people` is read when the list opens, so that somebody who joined meanwhile is in it. The list
 * opens only for one's own typing, never for a colleague's `@`.
 */
export function mentionExtension(people: () => readonly MentionChoice[]) {
  const suggestion: Omit<SuggestionOptions<MentionChoice, MentionNodeAttrs>, 'editor'> = {
    char: '@',
    items: ({ query }) => matchingPeople(people(), query),
    shouldShow: ({ transaction }) => !isChangeOrigin(transaction),
    render: () => {
      let list: ReactRenderer<MentionListHandle, MentionListProps> | undefined
      let unmount: (() => void) | undefined
      const close = () => {
        unmount?.()
        list?.destroy()
        list = undefined
        unmount = undefined
      }
      return {
        onStart(props) {
          close()
          list = new ReactRenderer<MentionListHandle, MentionListProps>(MentionList, {
            editor: props.editor,
            props: { items: props.items, onChoose: props.command },
          })
          unmount = props.mount(list.element)
        },
        onUpdate(props) {
          list?.updateProps({ items: props.items, onChoose: props.command })
        },
        onKeyDown({ event }) {
          if (event.key !== 'Escape') return list?.ref?.onKey(event) ?? false
          close()
          return true
        },
        onExit: close,
      }
    },
  }
  return Mention.configure({
    HTMLAttributes: { class: 'mention' },
    deleteTriggerWithBackspace: true,
    suggestion,
  })
}
