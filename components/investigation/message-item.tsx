'use client' // Buttons on a message.

import { clsx } from 'clsx'
import { Link2, Pencil, Pin, Trash2 } from 'lucide-react'
import { memo, useState } from 'react'
import { ClockTime } from '#components/room/clock-time'
import { usePin } from '#components/room/pin'
import { useCommand, usePersonName, useRoom, useRoomState } from '#components/room/room-context'
import { Avatar } from '#components/ui/avatar'
import { IconButton } from '#components/ui/button'
import { copyText } from '#components/ui/copy-button'
import { say } from '#components/ui/toasts'
import { colorOf } from '#lib/investigation/colors'
import { excerpt } from '#lib/investigation/message-text'
import type { MessageRow } from '#lib/investigation/rows'
import { Composer } from './composer.tsx'
import { MessageBody } from './message-body.tsx'
import { decodeBody } from './message-parts.tsx'

interface MessageItemProps {
  readonly message: MessageRow
  /** The same author went on within a few minutes: no name again. */
  readonly goesOn: boolean
  readonly lit: boolean
}

/** Behind every real message: lib/realtime/client/optimistic.ts puts one's own there until the server has it. */
export const isOnItsWay = (message: MessageRow): boolean => message.seq === Number.MAX_SAFE_INTEGER

/** One message of the discussion. */
export const MessageItem = memo(function MessageItem({ message, goesOn, lit }: MessageItemProps) {
  const { me } = useRoom()
  const [editing, setEditing] = useState(false)
  const author = usePersonName(message.authorId) ?? 'Somebody who left'
  return (
    <article
      id={`message-${message.id}`}
      aria-label={`${author}`}
      className={clsx(
        'group relative grid grid-cols-[22px_1fr] gap-2 px-3.5 py-[3px] transition-colors duration-700',
        lit && 'bg-accent-soft',
        !goesOn && 'mt-1',
      )}
    >
      {goesOn ? <span /> : <Avatar name={author} color={colorOf(message.authorId)} size={20} />}
      <div className="min-w-0">
        {!goesOn && (
          <p className="leading-tight">
            <b className="font-[620]">
              <bdi>{author}</bdi>
            </b>
            <ClockTime at={message.createdAt} bare className="ml-1.5 text-ink-3 text-xs" />
          </p>
        )}
        {message.deleted ? (
          <p className="text-ink-3 italic">This message was deleted by its author.</p>
        ) : editing ? (
          <EditMessage message={message} onDone={() => setEditing(false)} />
        ) : (
          <>
            <MessageBody body={message.body} myId={me.userId} />
            {isOnItsWay(message) && <span className="text-2xs text-ink-3">on its way</span>}
            {message.editedAt !== null && <span className="text-2xs text-ink-3">edited</span>}
          </>
        )}
      </div>
      {!message.deleted && !editing && !isOnItsWay(message) && (
        <MessageActions
          message={message}
          mine={message.authorId === me.userId}
          onEdit={() => setEditing(true)}
        />
      )}
    </article>
  )
})

function EditMessage({ message, onDone }: { message: MessageRow; onDone(): void }) {
  const run = useCommand()
  const evidence = useRoomState((state) => state.evidence)
  const [start] = useState(() =>
    decodeBody(message.body, (id) => evidence.find((row) => row.id === id)?.title),
  )
  const save = (body: string): undefined => {
    if (body !== message.body) void run('message:edit', { id: message.id, version: message.version, body })
    onDone()
  }
  return <Composer label="Edit the message" placeholder="" start={start} onSend={save} onCancel={onDone} />
}

function MessageActions({ message, mine, onEdit }: { message: MessageRow; mine: boolean; onEdit(): void }) {
  const { investigationId, canWrite } = useRoom()
  const { canPin, openPin } = usePin()
  const run = useCommand()
  const copyLink = async () => {
    const address = `${window.location.origin}/i/${investigationId}#message-${message.id}`
    await copyText(address).then(
      () => say.done('The link to this message is on the clipboard.'),
      () => say.problem(address),
    )
  }
  return (
    <div className="absolute -top-2.5 right-3 hidden rounded-md border border-line bg-panel shadow-sm group-focus-within:flex group-hover:flex">
      {canPin && (
        <IconButton
          label="Pin as evidence"
          onClick={() => openPin({ kind: 'message', messageId: message.id }, excerpt(message))}
        >
          <Pin size={13} aria-hidden />
        </IconButton>
      )}
      <IconButton label="Copy the link" onClick={copyLink}>
        <Link2 size={13} aria-hidden />
      </IconButton>
      {mine && canWrite && (
        <>
          <IconButton label="Edit" onClick={onEdit}>
            <Pencil size={13} aria-hidden />
          </IconButton>
          <IconButton
            label="Delete"
            onClick={() => void run('message:delete', { id: message.id, version: message.version })}
          >
            <Trash2 size={13} aria-hidden />
          </IconButton>
        </>
      )}
    </div>
  )
}
