'use client' // Watches shared text.

import { useCallback, useSyncExternalStore } from 'react'
import * as Y from 'yjs'
import { useDoc } from '#components/room/room-context'

/** The plain text of a fragment, blocks joined by spaces, at most `limit` letters. */
export function plainText(fragment: Y.XmlFragment, limit = 400): string {
  const words: string[] = []
  let length = 0
  // An explicit stack: the document is people's input, so its depth is not ours to trust.
  const waiting: unknown[] = [fragment]
  while (waiting.length > 0 && length < limit) {
    const node = waiting.pop()
    if (node instanceof Y.XmlText) {
      const text = node
        .toDelta()
        .map((part: { insert?: unknown }) => (typeof part.insert === 'string' ? part.insert : ''))
        .join('')
      words.push(text)
      length += text.length
    } else if (node instanceof Y.XmlElement && node.nodeName === 'mention') {
      words.push(`@${node.getAttribute('label') ?? ''}`)
    } else if (node instanceof Y.XmlFragment) {
      if (node instanceof Y.XmlElement) words.push(' ')
      waiting.push(...node.toArray().reverse())
    }
  }
  return words.join('').replace(/\s+/g, ' ').trim().slice(0, limit)
}

/** The text of one of the room's fragments, kept current, for where it is shown and not edited. */
export function useFragmentText(field: string): string {
  const provider = useDoc()
  const subscribe = useCallback(
    (listener: () => void) => {
      if (!provider) return () => {}
      const fragment = provider.doc.getXmlFragment(field)
      fragment.observeDeep(listener)
      return () => fragment.unobserveDeep(listener)
    },
    [provider, field],
  )
  const read = () => (provider ? plainText(provider.doc.getXmlFragment(field)) : '')
  return useSyncExternalStore(subscribe, read, () => '')
}
