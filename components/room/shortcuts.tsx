'use client' // Keys.

import { useEffect, useRef } from 'react'
import { useUploads } from '#components/uploads/uploads-context'
import { useRoom } from './room-context.tsx'
import { type RoomView, useView } from './view.tsx'

/** Every key of the room, in the order of the help. `write`: editors only. */
export const SHORTCUTS = [
  { keys: '⌘K', words: 'Commands: go anywhere, do anything', write: false },
  { keys: 'H', words: 'New hunch', write: true },
  { keys: 'P', words: 'Pin the brushed range or the selected row as evidence', write: true },
  { keys: 'M', words: 'Mark a moment on the graph', write: true },
  { keys: 'L', words: 'Add a limit line', write: true },
  { keys: 'A', words: 'Attach captures or graphs', write: true },
  { keys: 'G', words: 'Growth', write: false },
  { keys: 'S', words: 'Snapshots', write: false },
  { keys: 'E', words: 'Experiments', write: false },
  { keys: 'N', words: 'Notes', write: false },
  { keys: 'T', words: 'Timeline', write: false },
  { keys: 'D', words: 'Write in the discussion', write: false },
  { keys: '?', words: 'This list', write: false },
] as const

/** Is somebody writing, or is a window open? Then single letters are theirs. */
export function isTaken(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return (
    target.isContentEditable ||
    target.closest('input, textarea, select, [contenteditable="true"], [role="dialog"], [role="menu"]') !==
      null
  )
}

/**
 * The room's keys. What has the focus comes first: the graph and the tables take P and their own keys and prevent the
 * default, so this listener, which is last on the way up, leaves those alone.
 */
export function Shortcuts({ onPin }: { onPin(): void }) {
  const view = useView()
  const { canWrite } = useRoom()
  const { choose } = useUploads()
  const now = useRef({ view, canWrite, choose, onPin })
  useEffect(() => {
    now.current = { view, canWrite, choose, onPin }
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.altKey) return
      if (event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey)) {
        // In the text editors ⌘K is free as well: links have their button.
        event.preventDefault()
        now.current.view.setDialog('palette')
        return
      }
      if (event.metaKey || event.ctrlKey || isTaken(event.target)) return
      if (act(event.key, now.current)) event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  return null
}

function act(
  key: string,
  { view, canWrite, choose, onPin }: { view: RoomView; canWrite: boolean; choose(): void; onPin(): void },
): boolean {
  const anybody: Record<string, () => void> = {
    '?': () => view.setDialog('help'),
    g: () => view.setTab('growth'),
    s: () => view.setTab('snapshots'),
    e: () => view.setTab('experiments'),
    n: () => view.setTab('notes'),
    t: () => view.setTab('timeline'),
    d: () => {
      view.setPanel('discussion')
      view.spot('message', 'new')
    },
  }
  const editors: Record<string, () => void> = {
    h: view.wishHunch,
    p: onPin,
    m: () => view.setDialog('mark'),
    l: () => view.setDialog('limit'),
    a: choose,
  }
  const letter = key.toLowerCase()
  const todo = anybody[letter] ?? (canWrite ? editors[letter] : undefined)
  todo?.()
  return todo !== undefined
}
