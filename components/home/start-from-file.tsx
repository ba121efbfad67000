'use client' // takes files that are dropped or chosen, opens a room for them and hands them over

import { useRouter } from 'next/navigation'
import { useEffect, useRef, useState, useTransition } from 'react'
import { say } from '#components/ui/toasts'
import type { Outcome } from '#lib/errors/outcome'
import { handFiles } from './handed-files.tsx'

/**
 * Files dropped anywhere on the home page open a room that is named after the first of them and attach themselves there.
 * `open` makes the room and answers its id.
 */
export function StartFromFile({ open }: { open: (fileName: string) => Promise<Outcome<string>> }) {
  const router = useRouter()
  const [over, setOver] = useState(false)
  const [busy, start] = useTransition()
  const input = useRef<HTMLInputElement>(null)

  const begin = (files: readonly File[]) => {
    const [first] = files
    if (!first) return
    start(async () => {
      const outcome = await open(first.name)
      if (!outcome.ok) return say.problem(outcome.sentence)
      handFiles(outcome.value, files)
      router.push(`/i/${outcome.value}`)
    })
  }
  const latest = useRef(begin)
  useEffect(() => {
    latest.current = begin
  })

  useEffect(() => {
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
    const onOver = (event: DragEvent) => {
      if (!holdsFiles(event)) return
      event.preventDefault()
      setOver(true)
    }
    const onLeave = (event: DragEvent) => {
      // Leaving the window, not one of its elements.
      if (event.relatedTarget === null) setOver(false)
    }
    const onDrop = (event: DragEvent) => {
      if (!holdsFiles(event)) return
      event.preventDefault()
      setOver(false)
      latest.current([...(event.dataTransfer?.files ?? [])])
    }
    window.addEventListener('dragover', onOver)
    window.addEventListener('dragleave', onLeave)
    window.addEventListener('drop', onDrop)
    return () => {
      window.removeEventListener('dragover', onOver)
      window.removeEventListener('dragleave', onLeave)
      window.removeEventListener('drop', onDrop)
    }
  }, [])

  return (
    <>
      <button
        type="button"
        onClick={() => input.current?.click()}
        disabled={busy}
        className={`mt-4 w-full rounded-[10px] border-[1.5px] border-dashed p-4.5 text-center ${
          over
            ? 'border-accent bg-accent-soft text-accent'
            : 'border-line-strong text-ink-2 hover:border-ink-3'
        }`}
      >
        {busy
          ? 'Opening a room for it …'
          : over
            ? 'Drop to open a room with it'
            : 'Drop a heap dump, an allocation profile or a memory graph anywhere to start from it, or choose one'}
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Choose files to start from"
        onChange={({ target }) => begin([...(target.files ?? [])])}
      />
    </>
  )
}
