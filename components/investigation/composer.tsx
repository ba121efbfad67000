'use client' // A text box.

import { Hash, Paperclip, SendHorizontal } from 'lucide-react'
import { type KeyboardEvent, type Ref, useEffect, useId, useImperativeHandle, useRef, useState } from 'react'
import { useRoomState } from '#components/room/room-context'
import { IconButton } from '#components/ui/button'
import { useUploads } from '#components/uploads/uploads-context'
import { encodeDraft, mentionStand, pinStand, type Stand, wordAtCursor } from './message-parts.tsx'
import { type Suggestion, Suggestions } from './suggestions.tsx'

export interface ComposerHandle {
  focus(): void
}

interface ComposerProps {
  readonly label: string
  readonly placeholder: string
  /** What stands in the box at first, for editing. */
  readonly start?: { readonly text: string; readonly stands: readonly Stand[] }
  /** Sends the encoded body. False when it was refused: the words come back into the box. */
  onSend(body: string): Promise<boolean> | undefined
  onTyping?(typing: boolean): void
  onCancel?(): void
  readonly ref?: Ref<ComposerHandle>
}

const LONGEST = 8000

/** Writes a message: Enter sends, Shift+Enter breaks the line, @ mentions, # puts in a pin. */
export function Composer({ label, placeholder, start, onSend, onTyping, onCancel, ref }: ComposerProps) {
  const box = useRef<HTMLTextAreaElement>(null)
  const listId = useId()
  const [text, setText] = useState(start?.text ?? '')
  const [cursor, setCursor] = useState(text.length)
  const [stands, setStands] = useState<readonly Stand[]>(start?.stands ?? [])
  const [chosen, setChosen] = useState(0)
  const [closed, setClosed] = useState(false)
  const members = useRoomState((state) => state.members)
  const evidence = useRoomState((state) => state.evidence)
  const { canAttach, choose } = useUploads()
  useImperativeHandle(ref, () => ({ focus: () => box.current?.focus() }))
  useEffect(() => {
    const area = box.current
    if (!area) return
    area.style.height = 'auto'
    area.style.height = text === '' ? '' : `${Math.min(area.scrollHeight, 160)}px`
  }, [text])

  const word = closed ? undefined : wordAtCursor(text, cursor)
  const items = suggestionsFor(word, members, evidence)
  const isOpen = items.length > 0
  const marked = Math.min(chosen, items.length - 1)

  const change = (next: string, at: number) => {
    setText(next)
    setCursor(at)
    setClosed(false)
    setChosen(0)
    onTyping?.(next.trim() !== '')
  }
  const take = (item: Suggestion) => {
    if (!word) return
    const stand = word.sign === '@' ? mentionStand(item.id, item.label) : pinStand(item.id, item.label)
    const before = `${text.slice(0, word.start)}${stand.shown} `
    setStands([...stands, stand])
    change(before + text.slice(cursor), before.length)
    requestAnimationFrame(() => box.current?.setSelectionRange(before.length, before.length))
  }
  const send = () => {
    const everyone = members.map((member) => mentionStand(member.userId, member.name))
    const body = encodeDraft(text.trim(), [...stands, ...everyone])
    if (body === '' || body.length > LONGEST) return
    const kept = { text, stands }
    void onSend(body)?.then((sent) => {
      if (sent || box.current?.value !== '') return
      change(kept.text, kept.text.length)
      setStands(kept.stands)
    })
    change('', 0)
    setStands([])
    onTyping?.(false)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    const suggestion = items[marked]
    if (suggestion && (event.key === 'ArrowDown' || event.key === 'ArrowUp'))
      setChosen((marked + (event.key === 'ArrowDown' ? 1 : items.length - 1)) % items.length)
    else if (suggestion && (event.key === 'Enter' || event.key === 'Tab')) take(suggestion)
    else if (event.key === 'Escape' && isOpen) setClosed(true)
    else if (event.key === 'Escape' && onCancel) onCancel()
    else if (event.key === 'Enter' && !event.shiftKey) send()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const insertHash = () => {
    const gap = text === '' || /\s$/.test(text) ? '' : ' '
    change(`${text}${gap}#`, text.length + gap.length + 1)
    box.current?.focus()
  }

  return (
    <div className="relative flex items-end gap-0.5 rounded-md border border-line-strong bg-panel py-0.5 pr-1 pl-2.5 focus-within:border-accent focus-within:ring-1 focus-within:ring-accent">
      {isOpen && (
        <Suggestions
          id={listId}
          name={word?.sign === '@' ? 'People' : 'Pins'}
          items={items}
          chosen={marked}
          onChoose={take}
        />
      )}
      <textarea
        ref={box}
        rows={1}
        value={text}
        maxLength={LONGEST}
        placeholder={placeholder}
        role="combobox"
        aria-label={label}
        aria-expanded={isOpen}
        aria-controls={isOpen ? listId : undefined}
        aria-activedescendant={isOpen ? `${listId}-${marked}` : undefined}
        aria-autocomplete="list"
        onChange={(event) => change(event.target.value, event.target.selectionStart)}
        onSelect={(event) => setCursor(event.currentTarget.selectionStart)}
        onKeyDown={onKeyDown}
        onBlur={() => onTyping?.(false)}
        className="min-w-0 flex-1 resize-none bg-transparent py-1.5 outline-none max-md:text-[16px]"
      />
      {!onCancel && (
        <>
          <IconButton
            label="Put in a pin (#)"
            onMouseDown={(event) => event.preventDefault()}
            onClick={insertHash}
          >
            <Hash size={14} aria-hidden />
          </IconButton>
          {canAttach && (
            <IconButton label="Attach a capture or a graph" onClick={choose}>
              <Paperclip size={14} aria-hidden />
            </IconButton>
          )}
        </>
      )}
      <IconButton label={onCancel ? 'Save the change' : 'Send'} disabled={text.trim() === ''} onClick={send}>
        <SendHorizontal size={14} aria-hidden />
      </IconButton>
    </div>
  )
}

function suggestionsFor(
  word: ReturnType<typeof wordAtCursor>,
  members: readonly { userId: string; name: string }[],
  evidence: readonly { id: string; title: string }[],
): Suggestion[] {
  if (!word) return []
  const wanted = word.query.toLocaleLowerCase()
  if (word.sign === '@')
    return members
      .filter(({ name }) => name.toLocaleLowerCase().includes(wanted))
      .slice(0, 8)
      .map(({ userId, name }) => ({ id: userId, label: name }))
  return evidence
    .filter(({ title }) => title.toLocaleLowerCase().includes(wanted))
    .slice(-8)
    .reverse()
    .map(({ id, title }) => ({ id, label: title }))
}
