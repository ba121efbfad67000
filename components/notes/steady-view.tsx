import { isChangeOrigin } from '@tiptap/extension-collaboration'
import type { Editor } from '@tiptap/react'

/** Tells how far what its reader looks at has moved since. */
type Moved = () => number

/**
 * Keeps in place what somebody reads or writes while colleagues write above it. Browsers do so by themselves (scroll
 * anchoring), except for a text that has the focus: they anchor its upper edge, and everything below slides away.
 * Returns what ends it.
 */
export function keepViewSteady(editor: Editor): () => void {
  let moved: Moved | undefined
  const before = ({ transaction }: { transaction: Parameters<typeof isChangeOrigin>[0] }) => {
    moved = isChangeOrigin(transaction) && transaction.docChanged ? watched(editor) : undefined
  }
  const after = () => {
    const by = moved?.() ?? 0
    moved = undefined
    if (by !== 0) scrollerOf(editor.view.dom)?.scrollBy({ top: by, behavior: 'instant' })
  }
  editor.on('beforeTransaction', before)
  editor.on('transaction', after)
  return () => {
    editor.off('beforeTransaction', before)
    editor.off('transaction', after)
  }
}

/** The text cursor when it is in sight, else the first block that is. */
function watched({ view }: Editor): Moved | undefined {
  const scroller = scrollerOf(view.dom)
  if (!scroller) return undefined
  const sight = scroller.getBoundingClientRect()
  const caretTop = () => view.coordsAtPos(view.state.selection.head).top
  if (view.hasFocus()) {
    const top = caretTop()
    if (top >= sight.top && top < sight.bottom) return () => caretTop() - top
  }
  const block = firstBelow(view.dom.children, sight.top)
  const top = block?.getBoundingClientRect().top ?? Number.POSITIVE_INFINITY
  if (!block || top >= sight.bottom) return undefined
  return () => (block.isConnected ? block.getBoundingClientRect().top - top : 0)
}

/** The first block that ends below `y`. Blocks stand in order, so it is searched by halves. */
function firstBelow(blocks: HTMLCollection, y: number): Element | undefined {
  let start = 0
  let end = blocks.length
  while (start < end) {
    const middle = (start + end) >> 1
    const bottom = blocks[middle]?.getBoundingClientRect().bottom ?? 0
    if (bottom > y) end = middle
    else start = middle + 1
  }
  return blocks[start]
}

/** What scrolls the text, when it is higher than its place. */
function scrollerOf(text: Element): Element | null {
  let one = text.parentElement
  while (one) {
    if (one.scrollHeight > one.clientHeight && /auto|scroll/.test(getComputedStyle(one).overflowY)) return one
    one = one.parentElement
  }
  return null
}
