import { UserError } from '#lib/errors/user-error'
import { presentInvestigation } from '../presenters.ts'
import { requireVersion, told } from './conflict.ts'
import { type CommandContext, differing, type Handler, ofThisRoom } from './context.ts'

/**
 * Title, status, whether heap values are hidden. Whoever may write may hide them; only an owner of the team may let them
 * be seen again, for a dump holds its customers' data.
 */
export const changeInvestigation: Handler<'investigation:change'> = async (
  context,
  { version, ...patch },
) => {
  const { tx, emit, access } = context
  const id = access.investigationId
  const row = ofThisRoom(context, await investigation(context), 'investigation')
  await requireVersion(context, row, version, told.investigation(id), presentInvestigation)
  const changed = differing(row, patch)
  if (changed.length === 0) return presentInvestigation(row)
  if (changed.includes('valuesHidden')) requireMayReveal(context, patch.valuesHidden)

  const next = await tx.investigation.update({
    where: { id },
    data: { ...patch, version: { increment: 1 } },
  })
  const shown = presentInvestigation(next)
  await emit('investigation:changed', { investigation: shown, changed })
  return shown
}

function requireMayReveal({ access }: CommandContext, hidden: boolean | undefined): void {
  if (hidden === false && access.role !== 'owner') throw new UserError('access/owner-only')
}

async function investigation({ tx, access }: Parameters<Handler<'investigation:change'>>[0]) {
  const row = await tx.investigation.findUnique({ where: { id: access.investigationId } })
  return row && { ...row, investigationId: row.id }
}
