'use client' // shows the answers of the actions under their fields

import { useActionState, useEffect, useRef } from 'react'
import { Button } from '#components/ui/button'
import { TextField } from '#components/ui/field'
import { say } from '#components/ui/toasts'
import type { FormState } from './form-state.tsx'

type FormAction = (before: FormState, form: FormData) => Promise<FormState>

/** A name with a button beside it: one's own, or the team's. */
export function RenameForm({
  action,
  label,
  name,
  saved,
}: {
  action: FormAction
  label: string
  name: string
  /** Said when it went through. */
  saved: string
}) {
  const [state, submit, pending] = useActionState(action, null)
  useSaid(pending, state, saved)
  return (
    <form action={submit} className="flex items-end gap-2">
      <div className="flex-1">
        <TextField
          label={label}
          name="name"
          required
          maxLength={80}
          defaultValue={state?.kept?.name ?? name}
          error={state?.sentence}
        />
      </div>
      <Button type="submit" disabled={pending} className="h-[34px]">
        Save
      </Button>
    </form>
  )
}

/** The current password and a new one. */
export function PasswordForm({ action, minPassword }: { action: FormAction; minPassword: number }) {
  const [state, submit, pending] = useActionState(action, null)
  return (
    <form action={submit} className="flex flex-col gap-3">
      <TextField
        label="Current password"
        name="current"
        type="password"
        required
        autoComplete="current-password"
        error={state?.sentence}
      />
      <TextField
        label="New password"
        name="password"
        type="password"
        required
        minLength={minPassword}
        maxLength={200}
        autoComplete="new-password"
        hint={`At least ${minPassword} characters. You will be signed out everywhere else.`}
      />
      <Button type="submit" disabled={pending} className="self-start">
        {pending ? 'One moment …' : 'Change the password'}
      </Button>
    </form>
  )
}

/** Says `sentence` once a submission has ended without a refusal. */
function useSaid(pending: boolean, state: FormState, sentence: string): void {
  const wasPending = useRef(false)
  useEffect(() => {
    if (wasPending.current && !pending && !state) say.done(sentence)
    wasPending.current = pending
  }, [pending, state, sentence])
}
