'use client' // Scrolls.

import { ArrowDown } from 'lucide-react'
import { Fragment, type UIEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { day, sameDay, useHydrated } from '#components/room/clock-time'
import { useRoom } from '#components/room/room-context'
import { useView } from '#components/room/view'
import type { MessageRow } from '#lib/investigation/rows'
import { isOnItsWay, MessageItem } from './message-item.tsx'

/** Nearer to the end than this (px) counts as at the end. */
const AT_END = 40
/** A pause longer than this (ms) shows the author again. */
const PAUSE = 5 * 60_000

/**
 * Keeps to the newest message while its reader is at the end, and never moves under a reader who has scrolled up: new
 * messages are then announced by a button.
 */
export function MessageList({
  messages,
  hasOlder,
  loadOlder,
}: {
  messages: readonly MessageRow[]
  hasOlder: boolean
  loadOlder(): Promise<number>
}) {
  const { canWrite } = useRoom()
  const box = useRef<HTMLDivElement>(null)
  const stuck = useRef(true)
  const heightBefore = useRef<number | null>(null)
  const [unseen, setUnseen] = useState(false)
  const { panel } = useView()
  const lit = useLitMessage(messages, hasOlder, loadOlder)
  const newest = messages.at(-1)?.id
  const oldest = messages[0]?.id
  const onItsWay = messages.filter(isOnItsWay).at(-1)?.id

  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when a message was added at the end, and when a phone comes back to this panel.
  useLayoutEffect(() => {
    if (!box.current) return
    if (stuck.current) box.current.scrollTop = box.current.scrollHeight
    else setUnseen(true)
  }, [newest, panel])
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when older ones were put in above.
  useLayoutEffect(() => {
    if (!box.current || heightBefore.current === null) return
    box.current.scrollTop += box.current.scrollHeight - heightBefore.current
    heightBefore.current = null
  }, [oldest])
  // Sending one's own always goes to the end.
  useEffect(() => {
    if (!onItsWay || !box.current) return
    stuck.current = true
    box.current.scrollTop = box.current.scrollHeight
  }, [onItsWay])

  const onScroll = ({
    currentTarget: { scrollTop, scrollHeight, clientHeight },
  }: UIEvent<HTMLDivElement>) => {
    stuck.current = scrollHeight - scrollTop - clientHeight < AT_END
    if (stuck.current) setUnseen(false)
    if (scrollTop < 80 && hasOlder) {
      heightBefore.current = scrollHeight
      void loadOlder()
    }
  }
  const toEnd = () => box.current?.scrollTo({ top: box.current.scrollHeight, behavior: 'smooth' })

  return (
    <div className="relative min-h-0">
      <div
        ref={box}
        onScroll={onScroll}
        role="log"
        aria-label="Messages"
        aria-live="polite"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it.
        tabIndex={0}
        className="h-full overflow-y-auto overscroll-contain py-1"
      >
        {hasOlder && (
          <button type="button" onClick={() => void loadOlder()} className="w-full py-1 text-accent text-xs">
            Older messages
          </button>
        )}
        {messages.length === 0 && (
          <p className="px-3.5 py-2 text-ink-3">
            {canWrite
              ? 'Nobody has said anything yet. Share what you see: a number, a command, a suspicion.'
              : 'Nobody has said anything yet.'}
          </p>
        )}
        {messages.map((message, at) => {
          const before = messages[at - 1]
          const goesOn =
            before !== undefined &&
            before.authorId === message.authorId &&
            message.createdAt - before.createdAt < PAUSE
          return (
            <Fragment key={message.id}>
              <DayLine at={message.createdAt} before={before?.createdAt} />
              <MessageItem message={message} goesOn={goesOn} lit={lit === message.id} />
            </Fragment>
          )
        })}
      </div>
      {unseen && (
        <button
          type="button"
          onClick={toEnd}
          className="absolute bottom-2 left-1/2 flex -translate-x-1/2 items-center gap-1 rounded-full bg-ink px-3 py-1 font-[550] text-bg text-xs shadow-pop"
        >
          <ArrowDown size={12} aria-hidden /> New messages
        </button>
      )}
    </div>
  )
}

function DayLine({ at, before }: { at: number; before: number | undefined }) {
  const hydrated = useHydrated()
  if (!hydrated || (before !== undefined && sameDay(at, before))) return null
  return (
    <div className="flex items-center gap-2 px-3.5 pt-2 text-2xs text-ink-3">
      <span className="h-px flex-1 bg-line" />
      {day(at)}
      <span className="h-px flex-1 bg-line" />
    </div>
  )
}

/** Scrolls to the message that somebody followed a link to, paging back until it is there; lit for two seconds. */
function useLitMessage(
  messages: readonly MessageRow[],
  hasOlder: boolean,
  loadOlder: () => Promise<number>,
): string | undefined {
  const { spotlight } = useView()
  const [lit, setLit] = useState<string>()
  const done = useRef(0)
  useEffect(() => {
    if (spotlight?.kind !== 'message' || done.current === spotlight.nonce) return
    const target = document.getElementById(`message-${spotlight.id}`)
    if (!target && hasOlder && messages.length < 5000) void loadOlder()
    if (!target) return
    done.current = spotlight.nonce
    target.scrollIntoView({ block: 'center' })
    setLit(spotlight.id)
  }, [spotlight, messages, hasOlder, loadOlder])
  useEffect(() => {
    if (lit === undefined) return
    const timer = setTimeout(() => setLit(undefined), 2000)
    return () => clearTimeout(timer)
  }, [lit])
  return lit
}
