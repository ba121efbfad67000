'use client' // A form.

import { Search } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useRoom } from '#components/room/room-context'
import { IconButton } from '#components/ui/button'
import { Input } from '#components/ui/field'
import { sentenceOf } from './answer.tsx'
import { askGraph } from './ask-graph.tsx'

/** Opens an object by its address or id, as logs, debuggers and other tools name it. */
export function FindObject({ captureId, onOpen }: { captureId: string; onOpen(object: number): void }) {
  const { investigationId } = useRoom()
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [isAsking, setAsking] = useState(false)
  const key = keyOf(text)
  const find = async (event: FormEvent) => {
    event.preventDefault()
    if (key === null || isAsking) return
    setAsking(true)
    try {
      const { object } = await askGraph(investigationId, captureId, 'find', { key })
      if (object === null) setProblem(`No object of this capture is at ${key}.`)
      else onOpen(object)
    } catch (refused) {
      setProblem(sentenceOf(refused))
    } finally {
      setAsking(false)
    }
  }
  return (
    <search className="relative ml-auto shrink-0 pl-2">
      <form onSubmit={find} className="flex items-center gap-1">
        <Input
          aria-label="Find an object by its address or id"
          placeholder="0x7f… or @id"
          spellCheck={false}
          autoComplete="off"
          maxLength={40}
          value={text}
          aria-invalid={problem !== null || undefined}
          aria-describedby={problem === null ? undefined : 'find-object-problem'}
          onChange={(event) => {
            setText(event.target.value)
            setProblem(null)
          }}
          className="num h-7! w-32! max-sm:w-24!"
        />
        <IconButton label="Find the object" type="submit" disabled={key === null || isAsking}>
          <Search size={14} aria-hidden />
        </IconButton>
      </form>
      {problem !== null && (
        <p
          id="find-object-problem"
          role="alert"
          className="absolute top-full right-0 z-30 mt-1 w-max max-w-[280px] rounded-md border border-line-strong bg-panel px-2.5 py-1.5 text-growth text-sm shadow-pop"
        >
          {problem}
        </p>
      )}
    </search>
  )
}

/** "0x7f3c1a40" and "@12345"; a bare number with letters is an address, without letters an id. Null: neither. */
export function keyOf(text: string): string | null {
  const word = text.trim().toLowerCase()
  if (/^0x[0-9a-f]{1,16}$/.test(word) || /^@\d{1,16}$/.test(word)) return word
  if (/^\d{1,16}$/.test(word)) return `@${word}`
  return /^[0-9a-f]{1,16}$/.test(word) ? `0x${word}` : null
}
