'use client' // Keys and clicks of a list of suggestions.

import { clsx } from 'clsx'
import { type Ref, useEffect, useImperativeHandle, useState } from 'react'
import { colorOf, initialsOf } from '#lib/investigation/colors'

export interface MentionChoice {
  readonly id: string
  readonly label: string
}

/** What the editor calls on the open list: true when the key was taken. */
export interface MentionListHandle {
  onKey(event: KeyboardEvent): boolean
}

export interface MentionListProps {
  readonly items: readonly MentionChoice[]
  onChoose(choice: MentionChoice): void
  readonly ref?: Ref<MentionListHandle>
}

/** People whose name begins with what was typed after @; arrows choose, Enter and Tab take. */
export function MentionList({ items, onChoose, ref }: MentionListProps) {
  const [chosen, setChosen] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new list starts at its first entry.
  useEffect(() => setChosen(0), [items])
  useImperativeHandle(ref, () => ({
    onKey(event) {
      const taken = items[chosen]
      if (!taken) return false
      if (event.key === 'ArrowDown') setChosen((chosen + 1) % items.length)
      else if (event.key === 'ArrowUp') setChosen((chosen + items.length - 1) % items.length)
      else if (event.key === 'Enter' || event.key === 'Tab') onChoose(taken)
      else return false
      return true
    },
  }))
  if (items.length === 0) return null
  return (
    <div
      role="listbox"
      aria-label="People"
      className="z-50 min-w-44 rounded-lg border border-line-strong bg-panel p-1 shadow-pop"
    >
      {items.map((item, at) => (
        <div
          key={item.id}
          role="option"
          tabIndex={-1}
          aria-selected={at === chosen}
          onMouseDown={(event) => {
            // Keeps the text cursor where it is.
            event.preventDefault()
            onChoose(item)
          }}
          className={clsx(
            'flex cursor-pointer items-center gap-2 rounded-md px-2 py-1',
            at === chosen && 'bg-accent-soft text-accent',
          )}
        >
          <span
            className="grid size-5 place-items-center rounded-full font-semibold text-[9px] text-white"
            style={{ background: `var(--p${colorOf(item.id) + 1}-deep)` }}
            aria-hidden
          >
            {initialsOf(item.label)}
          </span>
          <bdi>{item.label}</bdi>
        </div>
      ))}
    </div>
  )
}
