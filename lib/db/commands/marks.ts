import { UserError } from '#lib/errors/user-error'
import { presentLimit, presentMark } from '../presenters.ts'
import { requireRoomFor } from './capacity.ts'
import { requireVersion, told } from './conflict.ts'
import {
  authorOf,
  type CommandContext,
  dateOf,
  differing,
  type Handler,
  madeBefore,
  ofThisRoom,
} from './context.ts'

// Marks and limit lines are facts about the machine: a deploy script may set them with an API token.

export const addMark: Handler<'mark:add'> = async (context, { id, kind, label, at, until }) => {
  const { tx, emit, access } = context
  const before = madeBefore(context, await tx.mark.findUnique({ where: { id } }))
  if (before) return presentMark(before)

  requireOrder(at, until)
  await requireRoomFor(context, 'marks')
  const row = await tx.mark.create({
    data: {
      id,
      investigationId: access.investigationId,
      kind,
      label,
      at: dateOf(at),
      until: dateOf(until),
      createdBy: authorOf(access),
    },
  })
  const mark = presentMark(row)
  await emit('mark:added', { mark })
  return mark
}

export const changeMark: Handler<'mark:change'> = async (
  context,
  { id, version, kind, label, at, until },
) => {
  const { tx, emit } = context
  const row = await loadMark(context, id)
  await requireVersion(context, row, version, told.mark(id), presentMark)
  const patch = { kind, label, at: at === undefined ? undefined : dateOf(at), until: dateOf(until) }
  if (differing(row, patch).length === 0) return presentMark(row)
  requireOrder(at ?? row.at.getTime(), until === undefined ? (row.until?.getTime() ?? null) : until)

  const mark = presentMark(
    await tx.mark.update({ where: { id }, data: { ...patch, version: { increment: 1 } } }),
  )
  await emit('mark:changed', { mark })
  return mark
}

export const removeMark: Handler<'mark:remove'> = async (context, { id }) => {
  const row = await loadMark(context, id)
  await context.tx.mark.delete({ where: { id } })
  await context.emit('mark:removed', { markId: id, label: row.label })
  return { id }
}

async function loadMark(context: CommandContext, id: string) {
  return ofThisRoom(context, await context.tx.mark.findUnique({ where: { id } }), 'mark')
}

function requireOrder(at: number, until: number | null): void {
  if (until !== null && until < at) throw new UserError('request/malformed', { where: 'the end of the mark' })
}

/** Adds a limit line or sets one anew; the last one to set it wins. */
export const setLimit: Handler<'limit:set'> = async (context, { id, kind, label, bytes }) => {
  const { tx, emit, access } = context
  const fields = { kind, label, bytes: BigInt(Math.round(bytes)) }
  const before = await tx.limitLine.findUnique({ where: { id } })
  if (before) ofThisRoom(context, before, 'limit')
  else await requireRoomFor(context, 'limits')
  if (before && differing(before, fields).length === 0) return presentLimit(before)

  const row = await tx.limitLine.upsert({
    where: { id },
    create: { id, investigationId: access.investigationId, ...fields },
    update: { ...fields, version: { increment: 1 } },
  })
  const limit = presentLimit(row)
  await emit('limit:set', { limit })
  return limit
}

export const removeLimit: Handler<'limit:remove'> = async (context, { id }) => {
  const row = ofThisRoom(context, await context.tx.limitLine.findUnique({ where: { id } }), 'limit')
  await context.tx.limitLine.delete({ where: { id } })
  await context.emit('limit:removed', { limitId: id, label: row.label })
  return { id }
}
