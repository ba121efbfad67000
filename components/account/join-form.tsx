'use client' // shows the answer of the action, and that it is being done

import { useActionState } from 'react'
import { Button } from '#components/ui/button'
import type { FormState } from './form-state.tsx'

/** One button for somebody who is signed in already. */
export function JoinForm({
  action,
  button,
}: {
  action: (before: FormState, form: FormData) => Promise<FormState>
  button: string
}) {
  const [state, submit, pending] = useActionState(action, null)
  return (
    <form action={submit} className="flex flex-col gap-3">
      <Button type="submit" look="primary" disabled={pending} className="h-9">
        {pending ? 'One moment …' : button}
      </Button>
      {state && (
        <p role="alert" className="text-growth">
          {state.sentence}
        </p>
      )}
    </form>
  )
}
