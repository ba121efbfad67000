import clsx from 'clsx'
import type { ReactNode } from 'react'

/** What stands where a list is empty: what would be here, and how to bring it. */
export function EmptyState({
  title,
  heading: Heading = 'p',
  children,
  action,
  className,
}: {
  title: string
  /** Where the title is the heading of the page or of a part of it. */
  heading?: 'p' | 'h1' | 'h2'
  children?: ReactNode
  action?: ReactNode
  className?: string
}) {
  return (
    <div className={clsx('flex flex-col items-center gap-1 px-6 py-10 text-center', className)}>
      <Heading className="font-semibold text-md">{title}</Heading>
      {children && <div className="max-w-[46ch] text-ink-2">{children}</div>}
      {action && <div className="mt-3">{action}</div>}
    </div>
  )
}
