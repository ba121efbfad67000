import clsx from 'clsx'
import Link from 'next/link'
import type { ComponentProps } from 'react'

export type ButtonLook = 'plain' | 'primary' | 'quiet' | 'danger'
type ButtonSize = 'small' | 'medium'

const LOOKS: Record<ButtonLook, string> = {
  plain: 'border-line-strong bg-panel text-ink hover:bg-sunken',
  primary: 'border-ink bg-ink text-bg hover:opacity-90',
  quiet: 'border-transparent bg-transparent text-ink-2 hover:bg-sunken hover:text-ink',
  danger: 'border-growth bg-panel text-growth hover:bg-growth-soft',
}
const SIZES: Record<ButtonSize, string> = {
  small: 'h-7 px-2.5 text-xs gap-1.5',
  medium: 'h-[30px] px-3 text-sm gap-1.5',
}

/** The classes of a button, for what must look like one and is another element. */
export const buttonClass = (look: ButtonLook = 'plain', size: ButtonSize = 'medium', more?: string): string =>
  clsx(
    'inline-flex shrink-0 items-center justify-center whitespace-nowrap rounded-md border font-[550] max-md:min-h-8',
    'disabled:pointer-events-none disabled:opacity-50',
    LOOKS[look],
    SIZES[size],
    more,
  )

interface Look {
  look?: ButtonLook
  size?: ButtonSize
}

export function Button({ look, size, className, type = 'button', ...rest }: Look & ComponentProps<'button'>) {
  return <button type={type} className={buttonClass(look, size, className)} {...rest} />
}

/** A square button that shows an icon only. `label` is what it is called; it is also its tooltip. */
export function IconButton({
  label,
  look = 'quiet',
  className,
  ...rest
}: { label: string; look?: ButtonLook } & ComponentProps<'button'>) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={buttonClass(look, 'small', clsx('size-7 px-0!', className))}
      {...rest}
    />
  )
}

/** A link that looks like a button: for going somewhere, never for doing something. */
export function ButtonLink({ look, size, className, ...rest }: Look & ComponentProps<typeof Link>) {
  return <Link className={buttonClass(look, size, className)} {...rest} />
}
