import { UserError } from '#lib/errors/user-error'
import { pinsIn } from '#lib/investigation/message-text'
import { presentMessage } from '../presenters.ts'
import { requireRoomFor } from './capacity.ts'
import { requireVersion, told } from './conflict.ts'
import { type CommandContext, type Handler, madeBefore, ofThisRoom, personOf } from './context.ts'

/** Posts a message. Its place in the discussion is the sequence of its own event: the same for everybody. */
export const postMessage: Handler<'message:post'> = async (context, { id, body }) => {
  const { tx, emit, access } = context
  const authorId = personOf(context)
  const before = madeBefore(context, await tx.message.findUnique({ where: { id } }))
  if (before) return presentMessage(before)

  await requirePins(context, body)
  await requireRoomFor(context, 'messages')
  const data = {
    id,
    investigationId: access.investigationId,
    authorId,
    body,
    version: 1,
    createdAt: context.now,
    editedAt: null,
    deletedAt: null,
  }
  const present = (seq: number) => presentMessage({ ...data, seq: BigInt(seq) })
  const seq = await emit('message:posted', (seq) => ({ message: present(seq) }))
  await tx.message.create({ data: { ...data, seq: BigInt(seq) } })
  return present(seq)
}

export const editMessage: Handler<'message:edit'> = async (context, { id, version, body }) => {
  const row = await requireOwn(context, id, version)
  if (row.body === body) return presentMessage(row)
  await requirePins(context, body)
  return change(context, id, { body, editedAt: context.now })
}

/** The words go for good, from the log too; that there was a message stays visible. */
export const deleteMessage: Handler<'message:delete'> = async (context, { id, version }) => {
  const { seq } = await requireOwn(context, id, version)
  await forgetWords(context, id, seq)
  return change(context, id, { body: '', deletedAt: context.now })
}

/**
 * Takes the words of a message out of everything that kept a copy: the events that posted and changed it, which everybody
 * who reads the log back would still see, and the answers to the requests that wrote it. One pass over the room's log from
 * the message on.
 */
async function forgetWords({ tx, access }: CommandContext, id: string, seq: bigint): Promise<void> {
  const { investigationId } = access
  await tx.$executeRaw`
    update room_event set payload = jsonb_set(payload, '{message,body}', '""')
    where investigation_id = ${investigationId}::uuid and seq >= ${seq}
      and type in ('message:posted', 'message:changed') and payload->'message'->>'id' = ${id}`
  await tx.$executeRaw`
    update request_key set reply = jsonb_set(reply, '{answer,body}', '""')
    where investigation_id = ${investigationId}::uuid
      and reply->>'name' in ('message:post', 'message:edit') and reply->'answer'->>'id' = ${id}`
}

async function requireOwn(context: CommandContext, id: string, version: number) {
  const person = personOf(context)
  const row = ofThisRoom(context, await context.tx.message.findUnique({ where: { id } }), 'message')
  if (row.deletedAt !== null) throw new UserError('request/not-found', { what: 'message' })
  if (row.authorId !== person) throw new UserError('row/not-yours', { what: 'message' })
  await requireVersion(context, row, version, told.message(id), presentMessage)
  return row
}

async function change(
  { tx, emit }: CommandContext,
  id: string,
  data: { body: string; editedAt?: Date; deletedAt?: Date },
) {
  const row = await tx.message.update({ where: { id }, data: { ...data, version: { increment: 1 } } })
  const message = presentMessage(row)
  await emit('message:changed', { message })
  return message
}

/** @throws UserError when a chip in the message points at evidence that is not of this room. */
async function requirePins({ tx, access }: CommandContext, body: string): Promise<void> {
  const ids = pinsIn(body)
  if (ids.length === 0) return
  // PostgreSQL refuses the whole query when one id is no UUID.
  const found = await tx.evidence.findMany({
    where: { investigationId: access.investigationId, id: { in: ids.filter(isUuid) } },
    select: { id: true },
  })
  if (found.length !== ids.length) throw new UserError('request/not-found', { what: 'pinned evidence' })
}

const isUuid = (id: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)
