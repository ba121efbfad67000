import { UserError } from '#lib/errors/user-error'
import { type ConfirmationFacts, HypothesisStatus, refusal } from '#lib/hypotheses/transitions'
import type { UserId } from '#lib/investigation/ids'
import type { HypothesisRow } from '#lib/investigation/rows'
import { presentEvent } from '../events.ts'
import { byLivingLink } from '../links.ts'
import { presentHypothesis } from '../presenters.ts'
import { rankAtEnd, rankBetween } from '../ranks.ts'
import { requireRoomFor } from './capacity.ts'
import { newestEventAbout, requireVersion, told } from './conflict.ts'
import { type CommandContext, differing, type Handler, madeBefore, ofThisRoom, personOf } from './context.ts'

const withConfidence = { confidence: { orderBy: { userId: 'asc' } } } as const

async function loadHypothesis(context: CommandContext, id: string) {
  const row = await context.tx.hypothesis.findUnique({ where: { id }, include: withConfidence })
  return ofThisRoom(context, row, 'hypothesis')
}

const ranksOf = ({ tx, access }: CommandContext) =>
  tx.hypothesis.findMany({
    where: { investigationId: access.investigationId },
    select: { id: true, rank: true },
  })

/** At the end of the list, as a hunch of the person who adds it. */
export const addHypothesis: Handler<'hypothesis:add'> = async (context, { id, title }) => {
  const { tx, emit, access } = context
  const createdBy = personOf(context)
  const before = madeBefore(
    context,
    await tx.hypothesis.findUnique({ where: { id }, include: withConfidence }),
  )
  if (before) return presentHypothesis(before)

  await requireRoomFor(context, 'hypotheses')
  const row = await tx.hypothesis.create({
    data: {
      id,
      investigationId: access.investigationId,
      title,
      rank: rankAtEnd(await ranksOf(context)),
      createdBy,
      createdAt: context.now,
      updatedAt: context.now,
    },
    include: withConfidence,
  })
  const hypothesis = presentHypothesis(row)
  await emit('hypothesis:added', { hypothesis })
  return hypothesis
}

/** Title and owner. An owner has to be of the room. */
export const changeHypothesis: Handler<'hypothesis:change'> = async (context, { id, version, ...patch }) => {
  const { tx, emit } = context
  personOf(context)
  const row = await loadHypothesis(context, id)
  await requireVersion(context, row, version, told.hypothesis(id), presentHypothesis)
  const changed = differing(row, patch)
  if (changed.length === 0) return presentHypothesis(row)
  if (patch.ownerId) await requireMember(context, patch.ownerId)

  const next = await tx.hypothesis.update({
    where: { id },
    data: { ...patch, version: { increment: 1 }, updatedAt: context.now },
    include: withConfidence,
  })
  const hypothesis = presentHypothesis(next)
  await emit('hypothesis:changed', {
    hypothesis,
    changed: changed.map((field) => (field === 'ownerId' ? 'owner' : field)),
  })
  return hypothesis
}

async function requireMember({ tx, access, now }: CommandContext, userId: UserId): Promise<void> {
  const [ofTeam, ofRoom] = [
    await tx.member.findFirst({ where: { organizationId: access.teamId, userId } }),
    await tx.roomMember.findFirst({
      where: { investigationId: access.investigationId, userId, ...byLivingLink(now) },
    }),
  ]
  if (!ofTeam && !ofRoom) throw new UserError('request/not-found', { what: 'member of the room' })
}

/** The order has no version: two people who drag at once both succeed, one after the other. */
export const moveHypothesis: Handler<'hypothesis:move'> = async (context, { id, after, before }) => {
  const { tx, emit } = context
  personOf(context)
  const row = await loadHypothesis(context, id)
  const rank = rankBetween(await ranksOf(context), id, after, before)
  if (rank === row.rank) return presentHypothesis(row)

  const next = await tx.hypothesis.update({ where: { id }, data: { rank }, include: withConfidence })
  const hypothesis = presentHypothesis(next)
  await emit('hypothesis:moved', { hypothesis })
  return hypothesis
}

/** Compare and set, within the ways of lib/hypotheses/transitions.ts. */
export const setStatus: Handler<'hypothesis:set-status'> = async (context, { id, version, to, reason }) => {
  const { tx, emit } = context
  const person = personOf(context)
  const row = await loadHypothesis(context, id)
  await requireVersion(context, row, version, told.hypothesis(id), presentHypothesis)

  const shown = presentHypothesis(row)
  const why = refusal(shown.status, to, await confirmationFacts(context, shown, to, person))
  if (why !== undefined) {
    throw new UserError('row/transition', { from: shown.status, to, why }).carrying({ row: shown })
  }
  const next = await tx.hypothesis.update({
    where: { id },
    data: {
      status: to,
      statusReason: reason.trim() || null,
      version: { increment: 1 },
      updatedAt: context.now,
    },
    include: withConfidence,
  })
  const hypothesis = presentHypothesis(next)
  await emit('hypothesis:status-changed', { hypothesis, from: shown.status })
  return hypothesis
}

/** Only a confirmation is judged by facts: for any other move they are not looked up. */
async function confirmationFacts(
  context: CommandContext,
  hypothesis: HypothesisRow,
  to: HypothesisStatus,
  person: UserId,
): Promise<ConfirmationFacts> {
  if (to !== 'confirmed') return { evidenceFor: 0, isSecondPerson: false }
  const where = { hypothesisId: hypothesis.id, stance: 'for' }
  return {
    evidenceFor: await context.tx.evidenceLink.count({ where }),
    isSecondPerson: person !== (await supporterOf(context, hypothesis)),
  }
}

/** Who last marked it supported, by the log; its author when nobody did. */
async function supporterOf(context: CommandContext, hypothesis: HypothesisRow): Promise<string | null> {
  const stored = await newestEventAbout(context, {
    types: ['hypothesis:status-changed'],
    where: [
      { path: ['hypothesis', 'id'], equals: hypothesis.id },
      { path: ['hypothesis', 'status'], equals: HypothesisStatus.enum.supported },
    ],
  })
  return stored ? presentEvent(stored).actorId : hypothesis.createdBy
}

/** Takes its links and votes with it; the evidence stays. */
export const removeHypothesis: Handler<'hypothesis:remove'> = async (context, { id, version }) => {
  personOf(context)
  const row = await loadHypothesis(context, id)
  await requireVersion(context, row, version, told.hypothesis(id), presentHypothesis)
  await context.tx.hypothesis.delete({ where: { id } })
  await context.emit('hypothesis:removed', { hypothesisId: id, title: row.title })
  return { id }
}

/** One's own vote. It does not raise the version: votes of several people never conflict, nor with an edit. */
export const setConfidence: Handler<'confidence:set'> = async (context, { hypothesisId, value }) => {
  const { tx, emit } = context
  const userId = personOf(context)
  const before = await loadHypothesis(context, hypothesisId)
  const vote = before.confidence.find((row) => row.userId === userId)?.value ?? null
  if (vote === value) return presentHypothesis(before)

  const where = { hypothesisId_userId: { hypothesisId, userId } }
  if (value === null) await tx.confidence.delete({ where })
  else await tx.confidence.upsert({ where, create: { hypothesisId, userId, value }, update: { value } })
  const hypothesis = presentHypothesis(await loadHypothesis(context, hypothesisId))
  await emit('confidence:set', { hypothesis })
  return hypothesis
}
