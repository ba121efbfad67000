'use client' // opens, traps the focus and closes (Radix)

import clsx from 'clsx'
import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { IconButton } from './button.tsx'
import { useFocusBack } from './focus-back.tsx'

/**
 * A window above the page. Escape and a click outside close it; the focus goes back to where it came from. On a phone it
 * fills the width at the lower edge.
 */
export function Dialog({
  open,
  onOpenChange,
  trigger,
  title,
  description,
  wide = false,
  children,
}: {
  open?: boolean
  onOpenChange?: (open: boolean) => void
  trigger?: ReactNode
  title: string
  description?: ReactNode
  wide?: boolean
  children: ReactNode
}) {
  const giveBack = useFocusBack(open ?? false)
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      {trigger && <Radix.Trigger asChild>{trigger}</Radix.Trigger>}
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Radix.Content
          // Radix warns unless a dialog without a description says so.
          {...(description ? {} : { 'aria-describedby': undefined })}
          onCloseAutoFocus={giveBack}
          className={clsx(
            'fixed z-50 flex max-h-[88dvh] flex-col overflow-hidden border border-line-strong bg-panel shadow-pop outline-none',
            'inset-x-0 bottom-0 rounded-t-xl',
            'sm:inset-x-auto sm:top-[10dvh] sm:bottom-auto sm:left-1/2 sm:max-h-[80dvh] sm:w-[calc(100vw-32px)] sm:-translate-x-1/2 sm:rounded-xl',
            wide ? 'sm:max-w-[760px]' : 'sm:max-w-[480px]',
          )}
        >
          <div className="flex items-start gap-3 border-line border-b px-4 py-3">
            <div className="min-w-0 flex-1">
              <Radix.Title className="font-[650] text-md">{title}</Radix.Title>
              {description && (
                <Radix.Description className="mt-0.5 text-ink-2 text-sm">{description}</Radix.Description>
              )}
            </div>
            <Radix.Close asChild>
              <IconButton label="Close">
                <X size={15} aria-hidden="true" />
              </IconButton>
            </Radix.Close>
          </div>
          <div className="min-h-0 overflow-y-auto px-4 py-4">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** Closes the dialog that it stands in. */
export const DialogClose = Radix.Close
