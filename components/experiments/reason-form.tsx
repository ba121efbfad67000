'use client' // A form.

import { useEffect, useId, useRef, useState, useTransition } from 'react'
import { Button } from '#components/ui/button'
import { Input } from '#components/ui/field'
import { EXPERIMENT_LIMITS } from '#lib/investigation/experiments'

/** One line for a reason, which is required: it stays in sight for everybody. */
export function ReasonForm({
  label,
  action,
  onGive,
  onCancel,
}: {
  label: string
  action: string
  onGive(reason: string): Promise<void>
  onCancel(): void
}) {
  const id = useId()
  const [reason, setReason] = useState('')
  const [busy, start] = useTransition()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  return (
    <form
      className="flex flex-wrap items-end gap-2 rounded-md bg-sunken p-2 text-left"
      onSubmit={(event) => {
        event.preventDefault()
        if (reason.trim() !== '') start(() => onGive(reason.trim()))
      }}
    >
      <div className="min-w-[200px] flex-1">
        <label htmlFor={id} className="mb-0.5 block font-[550] text-ink-2 text-xs">
          {label}
        </label>
        <Input
          id={id}
          ref={input}
          required
          value={reason}
          maxLength={EXPERIMENT_LIMITS.reason}
          placeholder="A reason, for everybody to see"
          onChange={(event) => setReason(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return
            event.stopPropagation()
            onCancel()
          }}
        />
      </div>
      <Button onClick={onCancel}>Cancel</Button>
      <Button look="primary" type="submit" disabled={busy || reason.trim() === ''}>
        {action}
      </Button>
    </form>
  )
}
