'use client' // Next shows it in place of a page that broke, and lets people try again

import { useEffect } from 'react'
import { Button, ButtonLink } from '#components/ui/button'
import { EmptyState } from '#components/ui/empty-state'
import { BUG_SENTENCE } from '#lib/errors/user-error'

export default function PageBroke({
  error,
  retry,
  reset,
}: {
  error: Error & { digest?: string }
  retry?: () => void
  reset: () => void
}) {
  useEffect(() => {
    // biome-ignore lint/suspicious/noConsole: reason: the browser's console is where a bug report starts.
    console.error(error)
  }, [error])
  return (
    <main className="grid min-h-dvh place-items-center">
      <EmptyState
        title="This page broke"
        action={
          <span className="flex gap-2">
            <Button look="primary" onClick={retry ?? reset}>
              Try again
            </Button>
            <ButtonLink href="/">Go to your investigations</ButtonLink>
          </span>
        }
      >
        {BUG_SENTENCE}
        {error.digest && <p className="num mt-2 text-ink-3">Log entry {error.digest}</p>}
      </EmptyState>
    </main>
  )
}
