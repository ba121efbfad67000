'use client' // Live messages and a text box.

import { useCallback, useEffect, useRef } from 'react'
import { useCommand, usePresence, useRoom, useSetPresence } from '#components/room/room-context'
import { useView } from '#components/room/view'
import { MessageId } from '#lib/investigation/ids'
import { Composer, type ComposerHandle } from './composer.tsx'
import { MessageList } from './message-list.tsx'
import { useMessages } from './use-messages.tsx'

/** Typing is over after this much silence (ms). */
const TYPING_ENDS = 4000

/** Everybody's messages, live, and the box to write one. */
export function Discussion() {
  const { canWrite } = useRoom()
  const { messages, hasOlder, loadOlder } = useMessages()
  const { spotlight } = useView()
  const run = useCommand()
  const composer = useRef<ComposerHandle>(null)
  const setTyping = useTyping()

  const post = async (body: string) => {
    const posted = await run('message:post', { id: MessageId.parse(crypto.randomUUID()), body })
    return posted !== undefined
  }
  useEffect(() => {
    if (spotlight?.kind === 'message' && spotlight.id === 'new') composer.current?.focus()
  }, [spotlight])

  return (
    <section
      aria-label="Discussion"
      className="grid min-h-0 grid-rows-[36px_minmax(0,1fr)_auto] border-line border-t bg-panel max-md:h-full max-md:border-t-0"
    >
      <div className="flex items-center gap-2.5 px-4">
        <h2 className="font-[650]">Discussion</h2>
        <TypingWords />
      </div>
      <MessageList messages={messages} hasOlder={hasOlder} loadOlder={loadOlder} />
      <div className="px-3.5 pt-1 pb-3">
        {canWrite ? (
          <Composer
            ref={composer}
            label="Message"
            placeholder="Share a finding, paste a graph or a dump…"
            onSend={post}
            onTyping={setTyping}
          />
        ) : (
          <p className="text-ink-3 text-sm">You can read along. An editor can write.</p>
        )}
      </div>
    </section>
  )
}

function TypingWords() {
  const others = usePresence()
  const names = others.filter((person) => person.typing).map((person) => person.name)
  const words =
    names.length === 0
      ? ''
      : names.length === 1
        ? `${names[0]} is typing`
        : names.length === 2
          ? `${names.join(' and ')} are typing`
          : `${names.length} people are typing`
  return (
    <span aria-live="polite" className="truncate text-ink-3 text-sm">
      {words}
    </span>
  )
}

/** Tells the others that I type, and that I have stopped. */
function useTyping(): (typing: boolean) => void {
  const setPresence = useSetPresence()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  return useCallback(
    (typing: boolean) => {
      clearTimeout(timer.current)
      setPresence({ typing })
      if (typing) timer.current = setTimeout(() => setPresence({ typing: false }), TYPING_ENDS)
    },
    [setPresence],
  )
}
