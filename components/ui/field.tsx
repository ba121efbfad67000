'use client' // ties label, hint and error to their input by ids (useId)

import clsx from 'clsx'
import { type ComponentProps, type ReactNode, useId } from 'react'

const BOX =
  'rounded-md border border-line-strong bg-panel px-2.5 text-ink text-base hover:border-ink-3 disabled:opacity-60'

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input className={clsx(BOX, 'h-[34px] w-full', className)} {...rest} />
}

export function TextArea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea className={clsx(BOX, 'w-full py-2', className)} {...rest} />
}

export function Select({ className, ...rest }: ComponentProps<'select'>) {
  return <select className={clsx(BOX, 'h-[30px] pr-7', className)} {...rest} />
}

/** A labelled text input with its hint and its error, read out together with it. */
export function TextField({
  label,
  hint,
  error,
  ...input
}: { label: string; hint?: ReactNode; error?: string | null } & ComponentProps<'input'>) {
  const id = useId()
  const about = error ? `${id}-error` : hint ? `${id}-hint` : undefined
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-[550] text-ink-2 text-sm">
        {label}
      </label>
      <Input id={id} aria-describedby={about} aria-invalid={error ? true : undefined} {...input} />
      {error ? (
        <p id={`${id}-error`} role="alert" className="text-growth text-sm">
          {error}
        </p>
      ) : hint ? (
        <p id={`${id}-hint`} className="text-ink-3 text-sm">
          {hint}
        </p>
      ) : null}
    </div>
  )
}
