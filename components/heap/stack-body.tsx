'use client' // Drawn in the browser only.

import dynamic from 'next/dynamic'

/** The views of allocation stacks; their code comes with the first capture that needs it. */
export const StackBody = dynamic(async () => (await import('#components/stacks/stacks-view')).StacksView, {
  ssr: false,
  loading: () => (
    <p role="status" className="px-4 py-6 text-ink-2">
      Fetching the stacks…
    </p>
  ),
})
