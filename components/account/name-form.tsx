'use client' // shows the answer of the action under its field, and that it is being done

import Link from 'next/link'
import { useActionState } from 'react'
import { Button } from '#components/ui/button'
import { TextField } from '#components/ui/field'
import type { FormState } from './form-state.tsx'

/** One field, the name, and in. `action` redirects when it lets the person in. */
export function NameForm({
  action,
  button,
  signInFirst,
}: {
  action: (before: FormState, form: FormData) => Promise<FormState>
  button: string
  /** Where somebody who has an account comes back to after signing in. */
  signInFirst?: string
}) {
  const [state, submit, pending] = useActionState(action, null)
  return (
    <form action={submit} className="flex flex-col gap-3">
      <TextField
        label="Your name"
        name="name"
        required
        maxLength={80}
        autoComplete="name"
        autoFocus
        defaultValue={state?.kept?.name}
        error={state?.sentence}
        hint="As your team will see it. Nothing else is needed."
      />
      <Button type="submit" look="primary" disabled={pending} className="h-9">
        {pending ? 'One moment …' : button}
      </Button>
      {signInFirst && (
        <p className="text-ink-2 text-sm">
          You have an account here?{' '}
          <Link href={`/sign-in?to=${encodeURIComponent(signInFirst)}`} className="text-accent underline">
            Sign in first
          </Link>
          , and come in as yourself.
        </p>
      )}
    </form>
  )
}
