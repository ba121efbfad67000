'use client' // Ties label and list together by an id.

import { type ComponentProps, useId } from 'react'
import { Select } from '#components/ui/field'

/** A list to choose from, with its label above. */
export function LabelledSelect({ label, ...rest }: { label: string } & ComponentProps<typeof Select>) {
  const id = useId()
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="font-[550] text-ink-2 text-sm">
        {label}
      </label>
      <Select id={id} {...rest} />
    </div>
  )
}
