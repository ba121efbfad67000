'use client' // A form.

import { useEffect, useRef, useState } from 'react'
import { Button } from '#components/ui/button'

/** One line for a new hypothesis. Stays open for the next one until Escape. */
export function NewHunch({
  start = '',
  onAdd,
  onClose,
}: {
  start?: string
  onAdd(title: string): void
  onClose(): void
}) {
  const [title, setTitle] = useState(start)
  const box = useRef<HTMLTextAreaElement>(null)
  useEffect(() => box.current?.focus(), [])
  const add = () => {
    const wanted = title.replace(/\s+/g, ' ').trim()
    if (wanted === '') return onClose()
    onAdd(wanted)
    setTitle('')
    box.current?.focus()
  }
  return (
    <form
      className="grid gap-2 rounded-lg border border-accent bg-panel p-2.5 ring-1 ring-accent"
      onSubmit={(event) => {
        event.preventDefault()
        add()
      }}
    >
      <textarea
        ref={box}
        rows={2}
        maxLength={200}
        value={title}
        aria-label="New hunch"
        placeholder="What could it be? One claim that a capture or an experiment can decide."
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return
          if (event.key === 'Escape') {
            event.stopPropagation()
            onClose()
          }
          if (event.key === 'Enter') {
            event.preventDefault()
            add()
          }
        }}
        className="resize-none bg-transparent font-[620] text-[13.5px] leading-[1.35] outline-none max-md:text-[16px]"
      />
      <div className="flex justify-end gap-2">
        <Button size="small" onClick={onClose}>
          Close
        </Button>
        <Button size="small" look="primary" type="submit" disabled={title.trim() === ''}>
          Add
        </Button>
      </div>
    </form>
  )
}
