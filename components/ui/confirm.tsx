'use client' // asks before something is done that cannot be taken back

import { type ReactNode, useState, useTransition } from 'react'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'

/** A button that asks first. `onConfirm` may be slow: the dialog waits for it and closes when it is done. */
export function Confirm({
  trigger,
  title,
  children,
  action,
  onConfirm,
  open: given,
  onOpenChange,
}: {
  trigger?: ReactNode
  title: string
  /** What will happen, and what is lost. */
  children: ReactNode
  /** The word on the button: "Delete", "Revoke". */
  action: string
  onConfirm: () => Promise<unknown> | undefined
  open?: boolean
  onOpenChange?: (open: boolean) => void
}) {
  const [own, setOwn] = useState(false)
  const [busy, start] = useTransition()
  const open = given ?? own
  const setOpen = onOpenChange ?? setOwn
  return (
    <Dialog open={open} onOpenChange={setOpen} trigger={trigger} title={title}>
      <div className="text-ink-2">{children}</div>
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={() => setOpen(false)}>Cancel</Button>
        <Button
          look="danger"
          disabled={busy}
          onClick={() =>
            start(async () => {
              await onConfirm()
              setOpen(false)
            })
          }
        >
          {action}
        </Button>
      </div>
    </Dialog>
  )
}
