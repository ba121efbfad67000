import { UserError } from '#lib/errors/user-error'
import { presentLedgerEntry } from '../presenters.ts'
import { requireVersion, told } from './conflict.ts'
import { type CommandContext, contentHash, dateOf, differing, type Handler, personOf } from './context.ts'

/** The most living entries of one team: a page loads all of them at once. */
export const LEDGER_CAPACITY = 5000

/**
 * What the person says about a group, in every room of the team. Her own living entry is set anew, a removed one stays
 * removed, and nobody else's is touched: who disagrees says so in an entry of her own.
 */
export const markGroup: Handler<'ledger:mark'> = async (context, sent) => {
  const { tx, emit, access, now } = context
  const createdBy = personOf(context)
  await lockLedger(context)
  const key = { teamId: access.teamId, fingerprintHash: contentHash(sent.fingerprint), createdBy }
  const { title, verdict, reason } = sent
  const words = {
    title,
    verdict,
    reason,
    expiresAt: dateOf(sent.expiresAt),
    bound: sent.bound === null ? null : BigInt(sent.bound),
  }
  const said = { investigationId: access.investigationId, updatedAt: now }
  const before = await tx.ledgerEntry.findFirst({ where: { ...key, removedAt: null } })
  if (before === null) await requirePlace(context)
  else {
    if (sent.version !== undefined)
      await requireVersion(context, before, sent.version, told.ledgerEntry(before.id), presentLedgerEntry)
    if (differing(before, words).length === 0) return presentLedgerEntry(before)
  }

  const row =
    before === null
      ? await tx.ledgerEntry.create({
          data: { ...key, ...words, ...said, fingerprint: sent.fingerprint, createdAt: now },
        })
      : await tx.ledgerEntry.update({
          where: { id: before.id },
          data: { ...words, ...said, version: { increment: 1 } },
        })
  const entry = presentLedgerEntry(row)
  await emit('ledger:marked', { entry })
  return entry
}

/** Takes one's own entry back; an owner of the team takes anybody's out. The row stays, with the time of its end. */
export const removeEntry: Handler<'ledger:remove'> = async (context, { id }) => {
  const { tx, emit, access, now } = context
  const person = personOf(context)
  await lockLedger(context)
  const row = await tx.ledgerEntry.findFirst({ where: { id, teamId: access.teamId, removedAt: null } })
  if (row === null) throw new UserError('request/not-found', { what: 'ledger entry' })
  if (row.createdBy !== person && access.role !== 'owner')
    throw new UserError('row/not-yours', { what: 'ledger entry' })
  await tx.ledgerEntry.update({ where: { id }, data: { removedAt: now } })
  await emit('ledger:removed', { entryId: id, title: row.title })
  return { id }
}

/**
 * The ledger is the team's, and a command holds only its room's lock: two tabs of one person in two rooms come one after
 * the other. Taken after the room's lock and held to the commit, so nobody waits crosswise.
 */
async function lockLedger({ tx, access }: CommandContext): Promise<void> {
  await tx.$queryRaw`select pg_advisory_xact_lock(hashtextextended(${`ledger:${access.teamId}`}, 0))::text`
}

async function requirePlace({ tx, access }: CommandContext): Promise<void> {
  const living = await tx.ledgerEntry.count({ where: { teamId: access.teamId, removedAt: null } })
  if (living >= LEDGER_CAPACITY)
    throw new UserError('team/full', { what: 'ledger entries', limit: LEDGER_CAPACITY })
}
