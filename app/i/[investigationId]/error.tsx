'use client' // Next's error boundaries run in the browser.

import { Button, ButtonLink } from '#components/ui/button'
import { BUG_SENTENCE } from '#lib/errors/user-error'

/** What to do when the room breaks. What was typed is on this device or in the database: reloading loses nothing. */
export default function RoomError({ error, reset }: { error: Error & { digest?: string }; reset(): void }) {
  return (
    <main className="mx-auto grid max-w-xl gap-3 px-4 py-16">
      <h1 className="font-[650] text-lg">The room could not be shown</h1>
      <p className="text-ink-2">{BUG_SENTENCE}</p>
      <p className="text-ink-2">
        What you typed is not lost: it is in the database, or kept on this device until the room opens again.
      </p>
      {error.digest && (
        <p className="text-ink-3 text-sm">
          For the log: <code className="num">{error.digest}</code>
        </p>
      )}
      <div className="flex gap-2">
        <Button look="primary" onClick={reset}>
          Try again
        </Button>
        <ButtonLink href="/">All investigations</ButtonLink>
      </div>
    </main>
  )
}
