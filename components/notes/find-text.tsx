import type { Editor } from '@tiptap/core'

/**
 * Where `quote` stands in the text, as document positions; undefined when nobody kept it. Blocks are joined by one
 * space, as the quote was when it was pinned. O(length of the text).
 */
export function findQuote(editor: Editor, quote: string): { from: number; to: number } | undefined {
  let text = ''
  const positions: number[] = []
  editor.state.doc.descendants((node, at) => {
    if (node.isTextblock && text !== '') {
      text += ' '
      positions.push(at)
    }
    if (!node.isText) return
    for (let i = 0; i < (node.text ?? '').length; i++) positions.push(at + i)
    text += node.text ?? ''
  })
  const start = text.indexOf(quote)
  const from = positions[start]
  const last = positions[start + quote.length - 1]
  return start < 0 || quote === '' || from === undefined || last === undefined
    ? undefined
    : { from, to: last + 1 }
}
