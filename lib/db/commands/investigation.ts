import { presentInvestigation } from '../presenters.ts'
import { requireVersion, told } from './conflict.ts'
import { differing, type Handler, ofThisRoom } from './context.ts'

/** Title, status, whether heap values are hidden. */
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

  const next = await tx.investigation.update({
    where: { id },
    data: { ...patch, version: { increment: 1 } },
  })
  const shown = presentInvestigation(next)
  await emit('investigation:changed', { investigation: shown, changed })
  return shown
}

async function investigation({ tx, access }: Parameters<Handler<'investigation:change'>>[0]) {
  const row = await tx.investigation.findUnique({ where: { id: access.investigationId } })
  return row && { ...row, investigationId: row.id }
}
