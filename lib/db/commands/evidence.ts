import { UserError } from '#lib/errors/user-error'
import { HypothesisStatus } from '#lib/hypotheses/transitions'
import type { EvidenceRef } from '#lib/investigation/rows'
import { presentEvidence, presentLink } from '../presenters.ts'
import { requireRoomFor } from './capacity.ts'
import { requireVersion, told } from './conflict.ts'
import {
  type CommandContext,
  contentHash,
  differing,
  type Handler,
  madeBefore,
  ofThisRoom,
  personOf,
} from './context.ts'

/** Keeps a view of the page for good. What it points at has to be of this room. */
export const pinEvidence: Handler<'evidence:pin'> = async (context, { id, title, ref }) => {
  const { tx, emit, access } = context
  const createdBy = personOf(context)
  const before = madeBefore(context, await tx.evidence.findUnique({ where: { id } }))
  if (before) return presentEvidence(before)

  await requireTarget(context, ref)
  await requireRoomFor(context, 'pieces of evidence')
  const row = await tx.evidence.create({
    data: {
      id,
      investigationId: access.investigationId,
      kind: ref.kind,
      title,
      ref,
      contentHash: contentHash(ref),
      createdBy,
      createdAt: context.now,
    },
  })
  const evidence = presentEvidence(row)
  await emit('evidence:pinned', { evidence })
  return evidence
}

/** @throws UserError when the pin points at nothing of this room. */
async function requireTarget(context: CommandContext, ref: EvidenceRef): Promise<void> {
  const { tx, access } = context
  const ofRoom = { investigationId: access.investigationId }
  const requireAll = (what: string, ids: readonly string[], found: number) => {
    if (found !== new Set(ids).size) throw new UserError('request/not-found', { what })
  }
  switch (ref.kind) {
    case 'series-range': {
      if (ref.from > ref.to) throw new UserError('request/malformed', { where: 'range' })
      const where = { ...ofRoom, id: { in: ref.seriesIds } }
      return requireAll('series', ref.seriesIds, await tx.series.count({ where }))
    }
    case 'growth-row': {
      const where = { ...ofRoom, id: { in: ref.captureIds } }
      return requireAll('capture', ref.captureIds, await tx.capture.count({ where }))
    }
    case 'capture': {
      const where = { ...ofRoom, id: ref.captureId }
      return requireAll('capture', [ref.captureId], await tx.capture.count({ where }))
    }
    case 'experiment': {
      const where = { ...ofRoom, id: ref.experimentId }
      return requireAll('experiment', [ref.experimentId], await tx.experiment.count({ where }))
    }
    case 'message': {
      const where = { ...ofRoom, id: ref.messageId, deletedAt: null }
      return requireAll('message', [ref.messageId], await tx.message.count({ where }))
    }
    case 'note':
      return
  }
}

/** Hangs a piece of evidence on a hypothesis, or changes what it says there. */
export const linkEvidence: Handler<'evidence:link'> = async (context, sent) => {
  const { evidenceId, hypothesisId, stance, note, version } = sent
  const { tx, emit } = context
  const createdBy = personOf(context)
  await requireBothEnds(context, evidenceId, hypothesisId)

  const where = { evidenceId_hypothesisId: { evidenceId, hypothesisId } }
  const before = await tx.evidenceLink.findUnique({ where })
  if (version === undefined && before === null) {
    await requireRoomFor(context, 'evidence links')
    const row = await tx.evidenceLink.create({
      data: { evidenceId, hypothesisId, stance, note, createdBy, createdAt: context.now },
    })
    await emit('evidence:linked', { link: presentLink(row) })
    return presentLink(row)
  }
  if (before === null) throw new UserError('request/not-found', { what: 'link to the evidence' })
  // The same again is no conflict: somebody else, or an earlier try, said just this.
  if (differing(before, { stance, note }).length === 0) return presentLink(before)
  await requireVersion(context, before, version ?? 0, told.link(evidenceId, hypothesisId), presentLink)
  if (before.stance === 'for' && stance !== 'for') await requireAnotherFor(context, before)
  const row = await tx.evidenceLink.update({ where, data: { stance, note, version: { increment: 1 } } })
  await emit('evidence:linked', { link: presentLink(row) })
  return presentLink(row)
}

export const unlinkEvidence: Handler<'evidence:unlink'> = async (context, { evidenceId, hypothesisId }) => {
  personOf(context)
  await requireBothEnds(context, evidenceId, hypothesisId)
  const where = { evidenceId_hypothesisId: { evidenceId, hypothesisId } }
  const before = await context.tx.evidenceLink.findUnique({ where })
  if (before === null) throw new UserError('request/not-found', { what: 'link to the evidence' })
  if (before.stance === 'for') await requireAnotherFor(context, before)
  await context.tx.evidenceLink.delete({ where })
  await context.emit('evidence:unlinked', { evidenceId, hypothesisId })
  return { evidenceId, hypothesisId }
}

/**
 * A confirmed hypothesis was confirmed by its evidence: the last piece for it stays until somebody reopens it, in her own
 * name and with her reason. Under the room's lock, so that two who take away the last two do not both succeed.
 * @throws UserError row/last-evidence
 */
async function requireAnotherFor(
  { tx }: CommandContext,
  { evidenceId, hypothesisId }: { evidenceId: string; hypothesisId: string },
): Promise<void> {
  const { status } = await tx.hypothesis.findUniqueOrThrow({ where: { id: hypothesisId } })
  if (status !== HypothesisStatus.enum.confirmed) return
  const where = { hypothesisId, stance: 'for', evidenceId: { not: evidenceId } }
  if ((await tx.evidenceLink.count({ where })) === 0) throw new UserError('row/last-evidence')
}

async function requireBothEnds(
  context: CommandContext,
  evidenceId: string,
  hypothesisId: string,
): Promise<void> {
  const { tx } = context
  ofThisRoom(context, await tx.evidence.findUnique({ where: { id: evidenceId } }), 'evidence')
  ofThisRoom(context, await tx.hypothesis.findUnique({ where: { id: hypothesisId } }), 'hypothesis')
}
