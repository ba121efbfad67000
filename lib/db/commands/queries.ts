import { presentQuery } from '../presenters.ts'
import { requireRoomFor } from './capacity.ts'
import { requireVersion, told } from './conflict.ts'
import { type CommandContext, differing, type Handler, madeBefore, ofThisRoom, personOf } from './context.ts'

/** Keeps a query for the room, or changes a kept one. A query is the room's: whoever may write may change it. */
export const saveQuery: Handler<'query:save'> = async (context, { id, title, sql, version }) => {
  const { tx, emit, access, now } = context
  const createdBy = personOf(context)
  if (version !== undefined) return changeQuery(context, id, version, { title, sql })
  const before = madeBefore(context, await tx.savedQuery.findUnique({ where: { id } }))
  if (before) return presentQuery(before)

  await requireRoomFor(context, 'saved queries')
  const { investigationId } = access
  const row = await tx.savedQuery.create({
    data: { id, investigationId, title, sql, createdBy, createdAt: now, updatedAt: now },
  })
  const query = presentQuery(row)
  await emit('query:saved', { query })
  return query
}

async function changeQuery(
  context: CommandContext,
  id: string,
  version: number,
  patch: { title: string; sql: string },
) {
  const row = await loadQuery(context, id)
  await requireVersion(context, row, version, told.query(id), presentQuery)
  if (differing(row, patch).length === 0) return presentQuery(row)
  const next = await context.tx.savedQuery.update({
    where: { id },
    data: { ...patch, version: { increment: 1 }, updatedAt: context.now },
  })
  const query = presentQuery(next)
  await context.emit('query:saved', { query })
  return query
}

/** Takes a query out of the room, for everybody. */
export const removeQuery: Handler<'query:remove'> = async (context, { id }) => {
  personOf(context)
  const row = await loadQuery(context, id)
  await context.tx.savedQuery.delete({ where: { id } })
  await context.emit('query:removed', { queryId: id, title: row.title })
  return { id }
}

async function loadQuery(context: CommandContext, id: string) {
  return ofThisRoom(context, await context.tx.savedQuery.findUnique({ where: { id } }), 'query')
}
