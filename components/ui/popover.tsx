'use client' // opens and closes (Radix)

import { Popover as Radix } from 'radix-ui'
import type { ReactNode } from 'react'

/** A small window at its trigger, for a few inputs or an explanation. */
export function Popover({
  trigger,
  align = 'start',
  open,
  onOpenChange,
  children,
}: {
  trigger: ReactNode
  align?: 'start' | 'center' | 'end'
  open?: boolean
  onOpenChange?: (open: boolean) => void
  children: ReactNode
}) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 w-[300px] max-w-[calc(100vw-16px)] rounded-lg border border-line-strong bg-panel p-3 text-sm shadow-pop outline-none"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** Closes the popover that it stands in. */
export const PopoverClose = Radix.Close
