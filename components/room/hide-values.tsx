'use client' // A switch.

import { useId } from 'react'
import { useCommand, useRoom, useRoomState } from './room-context.tsx'

/** Hides values from everybody, and, for owners, shows them again. Undefined: this person may not change it. */
export function useHideValues(): { readonly isHidden: boolean; change?: (hidden: boolean) => void } {
  const { canWrite, role } = useRoom()
  const { valuesHidden, version } = useRoomState((state) => state.investigation)
  const run = useCommand()
  // The server says the same: whoever writes may hide, an owner alone may show again.
  const may = valuesHidden ? role === 'owner' : canWrite
  if (!may) return { isHidden: valuesHidden }
  return {
    isHidden: valuesHidden,
    change: (hidden) => void run('investigation:change', { version, valuesHidden: hidden }),
  }
}

/** The room's setting, with what it means. */
export function HideValues() {
  const { isHidden, change } = useHideValues()
  const id = useId()
  return (
    <div className="mt-5 flex items-start gap-2.5 border-line border-t pt-4">
      <input
        type="checkbox"
        id={id}
        checked={isHidden}
        disabled={!change}
        aria-describedby={`${id}-about`}
        onChange={(event) => change?.(event.target.checked)}
        className="mt-0.5 accent-accent"
      />
      <div>
        <label htmlFor={id} className="font-[550]">
          Hide values of heap dumps in this room
        </label>
        <p id={`${id}-about`} className="text-ink-2 text-sm">
          Dumps hold passwords and people’s data. Tables show names and sizes only; a single value is read
          when somebody asks for it, and the timeline says who did. Hidden, nobody can ask, owners neither
          {isHidden && !change ? '. Only an owner of the team can show them again' : ''}.
        </p>
      </div>
    </div>
  )
}
