import type { ReadAccess } from '#lib/investigation/access'
import type { Ledger } from '#lib/investigation/rows'
import { db } from './client.ts'
import { presentLedgerEntry } from './presenters.ts'

/**
 * Every living entry of the team that the room belongs to, oldest first, expired ones too, with the names of their
 * authors. Whoever may read the room reads it, by a share link too: without it the page's "what is left" means nothing.
 *
 * @param at epoch milliseconds against which expiry is judged
 */
export async function loadLedger({ teamId }: ReadAccess, at: number = Date.now()): Promise<Ledger> {
  const rows = await db().ledgerEntry.findMany({
    where: { teamId, removedAt: null },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  })
  const authors = await db().user.findMany({
    where: { id: { in: [...new Set(rows.map((row) => row.createdBy))] } },
    select: { id: true, name: true },
  })
  return {
    entries: rows.map((row) => ({
      ...presentLedgerEntry(row),
      expired: row.expiresAt !== null && row.expiresAt.getTime() <= at,
    })),
    names: Object.fromEntries(authors.map(({ id, name }) => [id, name])),
  }
}
