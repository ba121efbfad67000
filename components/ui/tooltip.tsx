'use client' // shows on hover and focus (Radix)

import { Tooltip as Radix } from 'radix-ui'
import type { ReactNode } from 'react'

/** Once around the page: tooltips after the first one open at once. */
export function TooltipProvider({ children }: { children: ReactNode }) {
  return (
    <Radix.Provider delayDuration={350} skipDelayDuration={200}>
      {children}
    </Radix.Provider>
  )
}

/** A few more words about `children`, which must be something that can have the focus. Never the only place of a fact. */
export function Tooltip({
  says,
  side = 'bottom',
  children,
}: {
  says: ReactNode
  side?: 'top' | 'bottom' | 'left' | 'right'
  children: ReactNode
}) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-w-[280px] rounded-md bg-ink px-2 py-1 text-bg text-xs shadow-pop"
        >
          {says}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
