'use client' // posts to better-auth's own path, which ends the session and clears the cookie

import { Button } from '#components/ui/button'
import { Confirm } from '#components/ui/confirm'
import { say } from '#components/ui/toasts'

/** Ends the session in this browser. A guest is asked first: without an e-mail there is no way back. */
export function SignOut({ guest }: { guest: boolean }) {
  if (!guest) return <Button onClick={signOut}>Sign out</Button>
  return (
    <Confirm
      trigger={<Button>Sign out</Button>}
      title="Sign out for good?"
      action="Sign out"
      onConfirm={signOut}
    >
      Your account has no e-mail and no password, so you cannot come back to it. Choose them on this page
      first; what you wrote stays in the rooms either way.
    </Confirm>
  )
}

async function signOut(): Promise<void> {
  const answer = await fetch('/api/auth/sign-out', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  }).catch(() => null)
  if (answer?.ok) window.location.assign('/sign-in')
  else say.problem('The server could not be reached, so you are still signed in. Try again.')
}
