'use client' // Follows the focus.

import { useState } from 'react'

/**
 * For Radix' `onCloseAutoFocus`: gives the focus back to where it was when the dialog opened. Radix gives it back to a
 * trigger only, and most of our dialogs are opened by a key or from elsewhere. Whatever took the focus meanwhile keeps it.
 */
export function useFocusBack(open: boolean): (event: Event) => void {
  const [wasOpen, setWasOpen] = useState(false)
  const [cameFrom, setCameFrom] = useState<Element | null>(null)
  // While rendering: afterwards a field inside may have taken the focus already.
  if (open !== wasOpen) {
    setWasOpen(open)
    if (open && typeof document !== 'undefined') setCameFrom(document.activeElement)
  }
  return (event) => {
    const isElsewhere = document.activeElement !== null && document.activeElement !== document.body
    if (isElsewhere || !(cameFrom instanceof HTMLElement)) return
    event.preventDefault()
    cameFrom.focus()
  }
}
