import { addSnapshotRequest } from '../agents.ts'
import { type Handler, personOf } from './context.ts'

/** Asks an agent for a snapshot, on behalf of a person. The agent hears of it the next time that it speaks. */
export const askSnapshot: Handler<'snapshot:ask'> = async (context, { id, agentId }) => {
  const createdBy = personOf(context)
  const { investigationId } = context.access
  const request = { investigationId, id, agentId, createdBy }
  const { row, process, isNew } = await addSnapshotRequest(context.tx, request, context.now)
  if (isNew) await context.emit('snapshot:asked', { requestId: id, process })
  return row
}
