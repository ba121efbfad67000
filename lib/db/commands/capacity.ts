import { UserError } from '#lib/errors/user-error'
import { SOURCE_LIMITS } from '#lib/investigation/sources'
import type { CommandContext } from './context.ts'

/** The most rows of each kind that one room holds: the page loads all of them but the messages at once. */
export const CAPACITY = {
  hypotheses: 2000,
  'pieces of evidence': 5000,
  'evidence links': 10_000,
  messages: 100_000,
  marks: 2000,
  checks: 200,
  limits: 20,
  'saved queries': 100,
  experiments: 200,
  sources: SOURCE_LIMITS.sources,
} as const

type Countable = keyof typeof CAPACITY

/** @throws UserError room/full when there is no room for one more. */
export async function requireRoomFor(context: CommandContext, what: Countable): Promise<void> {
  const limit = CAPACITY[what]
  if ((await countOf(context, what)) >= limit) throw new UserError('room/full', { what, limit })
}

async function countOf(
  { tx, access: { investigationId } }: CommandContext,
  what: Countable,
): Promise<number> {
  const where = { investigationId }
  switch (what) {
    case 'hypotheses':
      return tx.hypothesis.count({ where })
    case 'pieces of evidence':
      return tx.evidence.count({ where })
    case 'evidence links':
      return tx.evidenceLink.count({ where: { hypothesis: where } })
    case 'checks':
      return tx.hypothesisCheck.count({ where })
    case 'marks':
      return tx.mark.count({ where })
    case 'limits':
      return tx.limitLine.count({ where })
    case 'experiments':
      return tx.experiment.count({ where })
    case 'saved queries':
      return tx.savedQuery.count({ where })
    case 'sources':
      return tx.seriesSource.count({ where })
    case 'messages': {
      // Every message has its event, so a short log spares the count, which grows with the discussion.
      const room = await tx.investigation.findUniqueOrThrow({
        where: { id: investigationId },
        select: { headSeq: true },
      })
      return Number(room.headSeq) < CAPACITY.messages ? Number(room.headSeq) : tx.message.count({ where })
    }
  }
}
