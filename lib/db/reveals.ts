import { UserError } from '#lib/errors/user-error'
import type { ReadAccess } from '#lib/investigation/access'
import type { RoomEventPayload } from '#lib/investigation/events'
import { db } from './client.ts'
import { inRoom } from './events.ts'

/** @throws UserError value/hidden or value/file-hidden while the room hides values, from whomever */
export async function requireValuesShown(
  { investigationId }: ReadAccess,
  code: 'value/hidden' | 'value/file-hidden' = 'value/hidden',
): Promise<void> {
  const room = await db().investigation.findUnique({
    where: { id: investigationId },
    select: { valuesHidden: true },
  })
  if (room?.valuesHidden !== false) throw new UserError(code)
}

/**
 * Writes into the room's log that somebody saw a value. Asked again whether values are shown, under the room's lock: a
 * value leaves the server only when this has returned.
 * @throws UserError value/hidden
 */
export async function logReveal(access: ReadAccess, seen: RoomEventPayload<'value:revealed'>): Promise<void> {
  await inRoom(access, async (tx, emit) => {
    const room = await tx.investigation.findUniqueOrThrow({ where: { id: access.investigationId } })
    if (room.valuesHidden) throw new UserError('value/hidden')
    await emit('value:revealed', seen)
  })
}
