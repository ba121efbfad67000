'use client' // The editor needs a document: it is loaded in the browser only.

import dynamic from 'next/dynamic'

/** SQL over one capture. The editor and its language come with the first who opens the tab. */
export const QueryTab = dynamic(async () => (await import('./query-view.tsx')).QueryView, {
  ssr: false,
  loading: () => (
    <p role="status" className="px-4 py-6 text-ink-2">
      Loading the editor…
    </p>
  ),
})
