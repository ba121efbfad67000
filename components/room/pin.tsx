'use client' // The dialog is state of this tab.

import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react'
import type { EvidenceRef } from '#lib/investigation/rows'
import { type PendingPin, PinDialog } from './pin-dialog.tsx'

export interface Pinning {
  /** False for viewers: hide or disable what pins. */
  readonly canPin: boolean
  /** Asks for the hypothesis, the stance and a note, then pins. Does nothing for viewers. */
  openPin(ref: EvidenceRef, title: string, hypothesisId?: string): void
}

const PinContext = createContext<Pinning>({ canPin: false, openPin: () => {} })

/**
 * How anything on the page becomes evidence: `usePin().openPin(ref, title)` from the graph, a growth row, a capture or
 * a message. Outside a room (a capture's page without a connection) `canPin` is false.
 */
export const usePin = (): Pinning => useContext(PinContext)

/** Gives `usePin` to everything below it and shows the one dialog. */
export function PinProvider({ canPin, children }: { canPin: boolean; children: ReactNode }) {
  const [pending, setPending] = useState<PendingPin | null>(null)
  const openPin = useCallback(
    (ref: EvidenceRef, title: string, hypothesisId?: string) => {
      if (canPin) setPending({ ref, title: title.slice(0, 200), hypothesisId })
    },
    [canPin],
  )
  const value = useMemo(() => ({ canPin, openPin }), [canPin, openPin])
  return (
    <PinContext value={value}>
      {children}
      {pending && <PinDialog pending={pending} onClose={() => setPending(null)} />}
    </PinContext>
  )
}
