'use client' // Loads the editor in the browser only: ProseMirror needs a document object.

import dynamic from 'next/dynamic'

const Waiting = () => <p className="p-4 text-ink-3">Loading the editor…</p>

export const NotesTab = dynamic(() => import('./notes-tab.tsx').then((module) => module.NotesTab), {
  ssr: false,
  loading: Waiting,
})

export const RichEditor = dynamic(() => import('./rich-editor.tsx').then((module) => module.RichEditor), {
  ssr: false,
  loading: () => <p className="py-1 text-ink-3 text-sm">Loading the editor…</p>,
})
