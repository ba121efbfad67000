import { randomUUID } from 'node:crypto'
import type { Conclusion } from '#lib/investigation/experiments'
import { NODE_AUTHOR } from '#lib/investigation/ids'
import type { EvidenceRef } from '#lib/investigation/rows'
import { stanceOf } from '#lib/investigation/timeline-experiments'
import type { Prisma } from '#prisma/generated/client'
import { CAPACITY } from './commands/capacity.ts'
import { contentHash } from './commands/context.ts'
import type { Emit, Tx } from './events.ts'
import { presentEvidence, presentLink } from './presenters.ts'

interface Keeping {
  readonly tx: Tx
  readonly emit: Emit
  readonly now: Date
}
type Experiment = Prisma.ExperimentGetPayload<object>

/**
 * Hangs the result of an experiment on its hypothesis as a piece of evidence, once no run is left, and keeps it up to date
 * from then on. A stance that people set, and a link that they took away, stay as they left them; the hypothesis's
 * status is theirs alone.
 */
export async function keepEvidence(
  keeping: Keeping,
  experiment: Experiment,
  conclusion: Conclusion,
): Promise<void> {
  const evidenceId = await evidenceOf(keeping, experiment, conclusion)
  if (evidenceId === null) return
  await takeAwayOldLinks(keeping, experiment, evidenceId)
  if (experiment.hypothesisId !== null) {
    await keepLink(keeping, { evidenceId, hypothesisId: experiment.hypothesisId }, stanceOf(conclusion))
  }
}

/** The id of the piece of evidence, made or brought up to date; null when there is nothing to say yet. */
async function evidenceOf(
  { tx, emit, now }: Keeping,
  { id: experimentId, evidenceId, number, title: name, investigationId }: Experiment,
  { words, runsLeft }: Conclusion,
): Promise<string | null> {
  const title = `Experiment ${number}: ${name}`.slice(0, 200)
  const ref = { kind: 'experiment', experimentId, reading: words.slice(0, 500) }
  const said = { title, ref, contentHash: contentHash(ref) }
  const before = evidenceId && (await tx.evidence.findUnique({ where: { id: evidenceId } }))
  if (before) {
    if (before.contentHash === said.contentHash && before.title === title) return before.id
    const row = await tx.evidence.update({ where: { id: before.id }, data: said })
    await emit('evidence:changed', { evidence: presentEvidence(row) })
    return row.id
  }
  if (runsLeft > 0) return null
  if ((await tx.evidence.count({ where: { investigationId } })) >= CAPACITY['pieces of evidence']) return null
  const kind: EvidenceRef['kind'] = 'experiment'
  const data = { ...said, id: randomUUID(), investigationId, kind, createdBy: NODE_AUTHOR, createdAt: now }
  const row = await tx.evidence.create({ data })
  await tx.experiment.update({ where: { id: experimentId }, data: { evidenceId: row.id } })
  await emit('evidence:pinned', { evidence: presentEvidence(row) })
  return row.id
}

interface Ends {
  readonly evidenceId: string
  readonly hypothesisId: string
}

async function keepLink({ tx, emit, now }: Keeping, ends: Ends, stance: string): Promise<void> {
  const where = { evidenceId_hypothesisId: ends }
  const before = await tx.evidenceLink.findUnique({ where })
  const last = await lastWord(tx, ends)
  if (before === null) {
    // Somebody took it away.
    if (last !== null) return
    const row = await tx.evidenceLink.create({
      data: { ...ends, stance, note: '', createdBy: NODE_AUTHOR, createdAt: now },
    })
    await emit('evidence:linked', { link: presentLink(row) })
    return
  }
  if (before.stance === stance || last?.actorId != null) return
  if (before.stance === 'for' && (await isLastOfConfirmed(tx, ends))) return
  const row = await tx.evidenceLink.update({ where, data: { stance, version: { increment: 1 } } })
  await emit('evidence:linked', { link: presentLink(row) })
}

/** The experiment was given to another hypothesis: links that nobody but the server has touched go along. */
async function takeAwayOldLinks(
  { tx, emit }: Keeping,
  { hypothesisId }: Experiment,
  evidenceId: string,
): Promise<void> {
  const links = await tx.evidenceLink.findMany({ where: { evidenceId, createdBy: NODE_AUTHOR } })
  for (const link of links) {
    const ends = { evidenceId, hypothesisId: link.hypothesisId }
    if (link.hypothesisId === hypothesisId || (await lastWord(tx, ends))?.actorId != null) continue
    if (link.stance === 'for' && (await isLastOfConfirmed(tx, ends))) continue
    await tx.evidenceLink.delete({ where: { evidenceId_hypothesisId: ends } })
    const row = presentLink(link)
    await emit('evidence:unlinked', { evidenceId: row.evidenceId, hypothesisId: row.hypothesisId })
  }
}

/** What was last said of the link in the log; null when there never was one. */
async function lastWord(
  tx: Tx,
  { evidenceId, hypothesisId }: Ends,
): Promise<{ actorId: string | null } | null> {
  const { investigationId } = await tx.evidence.findUniqueOrThrow({ where: { id: evidenceId } })
  const about = (type: string, path: readonly string[]) => ({
    type,
    AND: [
      { payload: { path: [...path, 'evidenceId'], equals: evidenceId } },
      { payload: { path: [...path, 'hypothesisId'], equals: hypothesisId } },
    ],
  })
  return tx.roomEvent.findFirst({
    where: { investigationId, OR: [about('evidence:linked', ['link']), about('evidence:unlinked', [])] },
    orderBy: { seq: 'desc' },
    select: { actorId: true },
  })
}

/** The last evidence for a confirmed hypothesis stays as long as nobody reopens it (lib/db/commands/evidence.ts). */
async function isLastOfConfirmed(tx: Tx, { evidenceId, hypothesisId }: Ends): Promise<boolean> {
  const { status } = await tx.hypothesis.findUniqueOrThrow({ where: { id: hypothesisId } })
  if (status !== 'confirmed') return false
  const where = { hypothesisId, stance: 'for', evidenceId: { not: evidenceId } }
  return (await tx.evidenceLink.count({ where })) === 0
}
