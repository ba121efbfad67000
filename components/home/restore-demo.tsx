'use client' // waits for the action and says how it went

import { useRouter } from 'next/navigation'
import { useTransition } from 'react'
import { Button } from '#components/ui/button'
import { say } from '#components/ui/toasts'
import type { Outcome } from '#lib/errors/outcome'

/** Puts the demo investigation back where it was deleted. */
export function RestoreDemo({ restore }: { restore: () => Promise<Outcome<void>> }) {
  const router = useRouter()
  const [busy, start] = useTransition()
  const run = () =>
    start(async () => {
      const outcome = await restore()
      if (outcome.ok) say.done('The demo is back. Its captures are being read.')
      else say.problem(outcome.sentence)
      router.refresh()
    })
  return (
    <Button size="small" look="quiet" onClick={run} disabled={busy}>
      {busy ? 'Putting it back …' : 'Restore the demo'}
    </Button>
  )
}
