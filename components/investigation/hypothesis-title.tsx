'use client' // Edits in place.

import { Pencil } from 'lucide-react'
import { useState } from 'react'
import { useCommand, useRoom } from '#components/room/room-context'
import type { HypothesisRow } from '#lib/investigation/rows'

/** The claim. A click opens the card; the pencil, or a double click, changes the words. */
export function HypothesisTitle({
  hypothesis,
  open,
  panelId,
  onToggle,
}: {
  hypothesis: HypothesisRow
  open: boolean
  panelId: string
  onToggle(): void
}) {
  const { canWrite } = useRoom()
  const run = useCommand()
  const [editing, setEditing] = useState(false)
  const isRuledOut = hypothesis.status === 'ruled-out'
  if (editing)
    return (
      <TitleField
        start={hypothesis.title}
        label="The hypothesis"
        onDone={(title) => {
          setEditing(false)
          if (title && title !== hypothesis.title)
            void run('hypothesis:change', { id: hypothesis.id, version: hypothesis.version, title })
        }}
      />
    )
  return (
    <div className="group/title flex items-start gap-1">
      <h3 className="min-w-0 flex-1 font-[620] text-[13.5px] leading-[1.35] tracking-[-0.005em]">
        <button
          type="button"
          aria-expanded={open}
          aria-controls={panelId}
          onClick={onToggle}
          onDoubleClick={() => canWrite && setEditing(true)}
          className="w-full rounded text-left"
        >
          <bdi className={isRuledOut ? 'break-words line-through decoration-ink-3' : 'break-words'}>
            {hypothesis.title}
          </bdi>
        </button>
      </h3>
      {canWrite && (
        <button
          type="button"
          aria-label="Change the title"
          onClick={() => setEditing(true)}
          className="rounded p-0.5 text-ink-3 opacity-0 hover:text-ink focus-visible:opacity-100 group-hover/title:opacity-100 pointer-coarse:opacity-100"
        >
          <Pencil size={12} aria-hidden />
        </button>
      )}
    </div>
  )
}

/** One line that is edited in place: Enter or leaving keeps it, Escape does not. `onDone` gets null for Escape. */
export function TitleField({
  start,
  label,
  placeholder,
  className,
  onDone,
}: {
  start: string
  label: string
  placeholder?: string
  className?: string
  onDone(title: string | null): void
}) {
  const [title, setTitle] = useState(start)
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: it stands here because somebody asked to edit.
      autoFocus
      value={title}
      maxLength={200}
      aria-label={label}
      placeholder={placeholder}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setTitle(event.target.value)}
      onBlur={() => onDone(title.trim())}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return
        if (event.key === 'Enter') onDone(title.trim())
        if (event.key === 'Escape') {
          event.stopPropagation()
          onDone(null)
        }
      }}
      className={
        className ??
        'w-full rounded border border-line-strong bg-panel px-1.5 py-0.5 font-[620] text-[13.5px] max-md:text-[16px]'
      }
    />
  )
}
