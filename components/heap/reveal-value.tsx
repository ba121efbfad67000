'use client' // Asks for a value when somebody presses the button.

import { Eye, EyeOff } from 'lucide-react'
import { useState } from 'react'
import { useRoom, useRoomState } from '#components/room/room-context'
import { Button } from '#components/ui/button'
import { CopyButton } from '#components/ui/copy-button'
import { RevealedValue } from '#lib/reports/objects'
import { readJson, sentenceOf } from './answer.tsx'

type Shown =
  | { readonly state: 'hidden' }
  | { readonly state: 'asking' }
  | { readonly state: 'shown'; readonly value: RevealedValue }
  | { readonly state: 'refused'; readonly sentence: string }

/**
 * A single value of the dump, read from the stored file when somebody asks for it: dumps hold passwords and people's
 * data. Asking is written to the room's log; a room can hide values from everybody. Give it the object as its key.
 */
export function RevealValue({ captureId, object }: { captureId: string; object: number }) {
  const { investigationId } = useRoom()
  const valuesHidden = useRoomState((state) => state.investigation.valuesHidden)
  const [shown, setShown] = useState<Shown>({ state: 'hidden' })
  if (valuesHidden) {
    return (
      <p className="flex items-center gap-1.5 text-ink-3">
        <EyeOff size={13} aria-hidden /> This room hides values.
      </p>
    )
  }
  const reveal = async () => {
    setShown({ state: 'asking' })
    try {
      const path = `/api/investigations/${investigationId}/captures/${captureId}/value`
      const value = await readJson(path, RevealedValue, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ object }),
      })
      setShown({ state: 'shown', value })
    } catch (refused) {
      setShown({ state: 'refused', sentence: sentenceOf(refused) })
    }
  }
  if (shown.state === 'shown') return <Value value={shown.value} />
  return (
    <div className="flex flex-col items-start gap-1">
      <Button size="small" disabled={shown.state === 'asking'} onClick={() => void reveal()}>
        <Eye size={13} aria-hidden /> {shown.state === 'asking' ? 'Reading the file…' : 'Show value'}
      </Button>
      {shown.state === 'refused' ? (
        <p role="alert" className="text-growth">
          {shown.sentence}
        </p>
      ) : (
        <p className="text-ink-3 text-xs">Values can be secret. The room’s timeline notes that you looked.</p>
      )}
    </div>
  )
}

function Value({ value }: { value: RevealedValue }) {
  return (
    <section aria-label="The value, as the file has it">
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also with the keyboard.
        tabIndex={0}
        className="num max-h-60 overflow-auto whitespace-pre-wrap rounded-md border border-line bg-sunken p-2 [overflow-wrap:anywhere] [unicode-bidi:plaintext]"
      >
        {withoutControls(value.text)}
      </pre>
      <div className="mt-1.5 flex items-center gap-2">
        <CopyButton text={value.text} label="Copy value" />
        <span className="text-ink-3 text-xs">
          {value.isCut && 'Only its beginning is shown. '}The timeline notes that you looked.
        </span>
      </div>
    </section>
  )
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for; line ends and tabs may stay.
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g
const withoutControls = (text: string): string => text.replace(CONTROLS, '\u00b7')
