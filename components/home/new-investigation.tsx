'use client' // shows the answer of the action, and that it is being done

import { useActionState } from 'react'
import type { FormState } from '#components/account/form-state'
import { Button } from '#components/ui/button'

/** One line: a title, and the room is open. */
export function NewInvestigation({
  action,
}: {
  action: (before: FormState, form: FormData) => Promise<FormState>
}) {
  const [state, submit, pending] = useActionState(action, null)
  return (
    <form action={submit} className="mb-8">
      <div className="flex gap-2 rounded-[10px] border border-line-strong bg-panel p-2 focus-within:border-accent">
        <input
          name="title"
          aria-label="New investigation: what is growing?"
          aria-describedby={state ? 'new-investigation-error' : undefined}
          placeholder="App servers grow past 16 GiB after the deploy on Monday"
          required
          maxLength={200}
          autoComplete="off"
          className="min-w-0 flex-1 bg-transparent px-2 text-md outline-none"
          defaultValue={state?.kept?.title}
        />
        <Button type="submit" look="primary" disabled={pending} className="h-[34px]">
          {pending ? 'Opening …' : 'Open a room'}
        </Button>
      </div>
      {state && (
        <p id="new-investigation-error" role="alert" className="mt-1.5 text-growth">
          {state.sentence}
        </p>
      )}
    </form>
  )
}
