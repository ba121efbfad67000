'use client' // opens, and moves with the arrow keys (Radix)

import clsx from 'clsx'
import { Check } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import type { ReactNode } from 'react'

/** A list of things to do or to choose, under its trigger. */
export function Menu({
  trigger,
  align = 'end',
  children,
}: {
  trigger: ReactNode
  align?: 'start' | 'end'
  children: ReactNode
}) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={5}
          collisionPadding={8}
          className="z-50 max-h-[70dvh] min-w-[180px] max-w-[320px] overflow-y-auto rounded-lg border border-line-strong bg-panel p-1 shadow-pop"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

const ITEM =
  'flex min-h-[30px] cursor-pointer select-none items-center gap-2 rounded-md px-2 py-1 text-sm outline-none data-disabled:pointer-events-none data-disabled:opacity-50 data-highlighted:bg-sunken'

/** One thing to do. `checked` marks the choice that holds now; `hint` stands at the end (a key, a count). */
export function MenuItem({
  onSelect,
  disabled,
  danger,
  checked,
  hint,
  children,
}: {
  onSelect?: () => void
  disabled?: boolean
  danger?: boolean
  checked?: boolean
  hint?: ReactNode
  children: ReactNode
}) {
  return (
    <DropdownMenu.Item
      disabled={disabled}
      onSelect={onSelect}
      className={clsx(ITEM, danger ? 'text-growth' : 'text-ink')}
    >
      {checked !== undefined && (
        <span className="w-3.5 shrink-0">{checked && <Check size={14} aria-label="chosen" />}</span>
      )}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {hint && <span className="text-ink-3 text-xs">{hint}</span>}
    </DropdownMenu.Item>
  )
}

/** A menu item that goes somewhere: `children` is the link. */
export function MenuLink({ children }: { children: ReactNode }) {
  return (
    <DropdownMenu.Item asChild className={clsx(ITEM, 'text-ink')}>
      {children}
    </DropdownMenu.Item>
  )
}

export function MenuHeading({ children }: { children: ReactNode }) {
  return (
    <DropdownMenu.Label className="px-2 pt-1.5 pb-1 font-[550] text-ink-3 text-xs">
      {children}
    </DropdownMenu.Label>
  )
}

export const MenuSeparator = () => <DropdownMenu.Separator className="my-1 h-px bg-line" />
