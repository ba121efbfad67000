import { UserError } from '#lib/errors/user-error'
import { presentReminder } from '../presenters.ts'
import { authorOf, dateOf, type Handler, madeBefore, ofThisRoom } from './context.ts'

/** Beyond this nobody waits, and what says so is a mistake. */
const FURTHEST_MS = 366 * 24 * 60 * 60_000

/** Asks the room to read a memory graph again. A series has one reminder: the new one takes the old one's place. */
export const setReminder: Handler<'reminder:set'> = async (context, { id, seriesId, from, dueAt }) => {
  const { tx, emit, access, now } = context
  const before = madeBefore(context, await tx.reminder.findUnique({ where: { id } }))
  if (before) return presentReminder(before)
  const series = ofThisRoom(context, await tx.series.findUnique({ where: { id: seriesId } }), 'memory graph')
  if (series.unit !== 'bytes' || dueAt > now.getTime() + FURTHEST_MS)
    throw new UserError('request/malformed', { where: series.unit === 'bytes' ? 'dueAt' : 'seriesId' })

  await tx.reminder.deleteMany({ where: { seriesId } })
  const row = await tx.reminder.create({
    data: {
      id,
      investigationId: access.investigationId,
      seriesId,
      label: series.label,
      fromAt: dateOf(from),
      dueAt: dateOf(dueAt),
      createdBy: authorOf(access),
      createdAt: now,
    },
  })
  const reminder = presentReminder(row)
  await emit('reminder:set', { reminder })
  return reminder
}

/** Takes a reminder back, or off the page when it was told. */
export const removeReminder: Handler<'reminder:remove'> = async (context, { id }) => {
  const row = ofThisRoom(context, await context.tx.reminder.findUnique({ where: { id } }), 'reminder')
  await context.tx.reminder.delete({ where: { id } })
  await context.emit('reminder:removed', { reminderId: presentReminder(row).id, label: row.label })
  return { id }
}
