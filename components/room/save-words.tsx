'use client' // Follows the connection.

import { clsx } from 'clsx'
import { CloudOff, Eye, LoaderCircle, TriangleAlert } from 'lucide-react'
import { Tooltip } from '#components/ui/tooltip'
import type { LinkStatus } from '#lib/realtime/client/room-types'
import type { SaveStatus } from '#lib/realtime/client/save-status'
import { clock, useHydrated } from './clock-time.tsx'
import { useLinkStatus, useSaveStatus } from './room-context.tsx'
import { useView } from './view.tsx'

export interface SaveWords {
  readonly words: string
  /** More, for the tooltip: what it means and what to do. */
  readonly more: string
  readonly tone: 'quiet' | 'busy' | 'warm' | 'alarm'
}

const changes = (count: number): string => (count === 1 ? '1 change' : `${count} changes`)

/**
 * One sentence for text and rows together, worst news first. "Saved" only when the text is committed and no change of a
 * row waits. Unsaved is loud, saved is quiet.
 */
export function saveWords(text: SaveStatus, link: LinkStatus): SaveWords {
  if (link.role === null)
    return {
      words: 'No access any more',
      more: 'Your access to this room has ended. Ask the person who invited you.',
      tone: 'alarm',
    }
  if (text.state === 'needs-attention') return { words: 'Needs attention', more: text.reason, tone: 'alarm' }
  const waiting = link.queued + ('changes' in text ? text.changes : 0)
  if (link.draining && link.link !== 'online')
    return {
      words: 'The server restarts',
      more: 'The page connects again by itself. Go on working.',
      tone: 'warm',
    }
  if (link.link === 'offline' || text.state === 'offline')
    return waiting === 0
      ? {
          words: 'Offline',
          more: 'What you do now is kept on this device and sent when the connection is back.',
          tone: 'warm',
        }
      : {
          words: `Offline, ${changes(waiting)} on this device`,
          more: 'They are sent by themselves when the connection is back. Reloading this page keeps them.',
          tone: 'warm',
        }
  if (text.state === 'not-saving')
    return {
      words: `Not saved, ${changes(waiting)}`,
      more: 'The server cannot reach its database at the moment. It holds your changes and tries on; keep this page open.',
      tone: 'alarm',
    }
  if (text.state === 'saving' || link.queued > 0)
    return { words: `Saving ${waiting}`, more: 'On the way to the database.', tone: 'busy' }
  if (link.link === 'connecting' || text.state === 'opening')
    return { words: 'Connecting…', more: 'Opening the room.', tone: 'busy' }
  if (text.state === 'read-only')
    return { words: 'Read only', more: 'You can look but not change anything here.', tone: 'quiet' }
  if (text.isIncomplete)
    return {
      words: 'Needs attention',
      more: 'What was stored of the shared text was damaged, and some text could not be restored. What is written now is saved. If somebody has this room open, or worked in it on another device, opening it there may bring the missing text back. History keeps earlier versions.',
      tone: 'alarm',
    }
  return { words: 'Saved', more: `Everything is in the database (#${text.seq}).`, tone: 'quiet' }
}

const TONES = { quiet: 'text-ink-3', busy: 'text-ink-2', warm: 'text-warm', alarm: 'text-growth' } as const

/** How everything stands, in words. Told politely to a screen reader, without the counting of single keystrokes. */
export function SaveState() {
  const text = useSaveStatus()
  const link = useLinkStatus()
  const hydrated = useHydrated()
  const { setTab } = useView()
  const { words, more, tone } = saveWords(text, link)
  const savedAt = text.state === 'saved' && hydrated && words === 'Saved' ? ` ${clock(text.at)}` : ''
  const Icon =
    tone === 'alarm'
      ? TriangleAlert
      : tone === 'warm'
        ? CloudOff
        : tone === 'busy'
          ? LoaderCircle
          : words === 'Read only'
            ? Eye
            : null
  return (
    <>
      <Tooltip says={`${more}${savedAt && ` Last at${savedAt}.`}`}>
        <button
          type="button"
          data-testid="save-state"
          onClick={() => text.state === 'needs-attention' && setTab('notes')}
          className={clsx(
            'inline-flex min-w-0 cursor-default items-center gap-1.5 rounded text-sm',
            TONES[tone],
            tone !== 'quiet' && 'font-[550]',
          )}
        >
          {Icon && (
            <Icon size={13} className={clsx('shrink-0', tone === 'busy' && 'animate-spin')} aria-hidden />
          )}
          <span className="truncate">{words}</span>
        </button>
      </Tooltip>
      <span className="sr-only" role="status">
        {tone === 'busy' ? '' : words}
      </span>
    </>
  )
}
