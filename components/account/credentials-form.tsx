'use client' // shows the answer of the action under its fields, and that it is being done

import { useActionState } from 'react'
import { Button } from '#components/ui/button'
import { TextField } from '#components/ui/field'
import type { FormState } from './form-state.tsx'

/** Name (where asked), e-mail and password. `action` redirects when it lets the person in. */
export function CredentialsForm({
  action,
  button,
  withName = false,
  minPassword,
}: {
  action: (before: FormState, form: FormData) => Promise<FormState>
  button: string
  withName?: boolean
  /** Shortest password that is taken, in letters. */
  minPassword: number
}) {
  const [state, submit, pending] = useActionState(action, null)
  return (
    <form action={submit} className="flex flex-col gap-3">
      {withName && (
        <TextField
          label="Your name"
          name="name"
          required
          maxLength={80}
          autoComplete="name"
          defaultValue={state?.kept?.name}
        />
      )}
      <TextField
        label="E-mail"
        name="email"
        type="email"
        required
        maxLength={200}
        autoComplete="email"
        defaultValue={state?.kept?.email}
        error={state?.sentence}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        required
        minLength={minPassword}
        maxLength={200}
        autoComplete="new-password"
        hint={`At least ${minPassword} characters. A few words are better than one odd one.`}
      />
      <Button type="submit" look="primary" disabled={pending} className="h-9">
        {pending ? 'One moment …' : button}
      </Button>
    </form>
  )
}
