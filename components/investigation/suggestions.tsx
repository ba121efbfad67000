'use client' // A click chooses.

import { clsx } from 'clsx'

export interface Suggestion {
  readonly id: string
  readonly label: string
  readonly detail?: string
}

/** The list above a text box: people after @, pins after #. The box keeps the focus and moves `chosen`. */
export function Suggestions({
  id,
  name,
  items,
  chosen,
  onChoose,
}: {
  id: string
  name: string
  items: readonly Suggestion[]
  chosen: number
  onChoose(item: Suggestion): void
}) {
  return (
    <div
      id={id}
      role="listbox"
      aria-label={name}
      className="absolute inset-x-0 bottom-full z-30 mb-1 max-h-56 overflow-y-auto rounded-lg border border-line-strong bg-panel p-1 shadow-pop"
    >
      {items.map((item, at) => (
        <div
          key={item.id}
          id={`${id}-${at}`}
          role="option"
          tabIndex={-1}
          aria-selected={at === chosen}
          onMouseDown={(event) => {
            // The text box keeps the focus.
            event.preventDefault()
            onChoose(item)
          }}
          className={clsx(
            'flex cursor-pointer items-baseline gap-2 rounded-md px-2 py-1 max-md:py-2',
            at === chosen && 'bg-accent-soft text-accent',
          )}
        >
          <bdi className="min-w-0 flex-1 truncate">{item.label}</bdi>
          {item.detail && <span className="shrink-0 text-ink-3 text-xs">{item.detail}</span>}
        </div>
      ))}
    </div>
  )
}
