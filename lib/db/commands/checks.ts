import { UserError } from '#lib/errors/user-error'
import { type CheckNames, checkSentence } from '#lib/hypotheses/check-sentence'
import { isCounter } from '#lib/hypotheses/check-series'
import type { CheckPredicate } from '#lib/hypotheses/checks'
import { Prisma } from '#prisma/generated/client'
import { presentCheck } from '../presenters.ts'
import { requireRoomFor } from './capacity.ts'
import { requireVersion, told } from './conflict.ts'
import { type CommandContext, type Handler, madeBefore, ofThisRoom, personOf } from './context.ts'

/** A claim that the server tests from now on (lib/http/checks.ts). What it names has to be of this room. */
export const addCheck: Handler<'check:add'> = async (context, { id, hypothesisId, predicate }) => {
  const { tx, emit, access, now } = context
  const createdBy = personOf(context)
  const before = madeBefore(context, await tx.hypothesisCheck.findUnique({ where: { id } }))
  if (before) return presentCheck(before)

  ofThisRoom(context, await tx.hypothesis.findUnique({ where: { id: hypothesisId } }), 'hypothesis')
  await requireRoomFor(context, 'checks')
  const sentence = await sentenceOf(context, predicate)
  const { investigationId } = access
  const row = await tx.hypothesisCheck.create({
    data: { id, investigationId, hypothesisId, predicate, sentence, createdBy, createdAt: now },
  })
  const check = presentCheck(row)
  await emit('check:added', { check })
  return check
}

/** Another claim takes the old one's place; what the old one came to does not hold for it. */
export const changeCheck: Handler<'check:change'> = async (context, { id, version, predicate }) => {
  const { tx, emit } = context
  personOf(context)
  const row = await loadCheck(context, id)
  await requireVersion(context, row, version, told.check(id), presentCheck)
  const sentence = await sentenceOf(context, predicate)
  if (sentence === row.sentence && isSame(presentCheck(row).predicate, predicate)) return presentCheck(row)
  const next = await tx.hypothesisCheck.update({
    where: { id },
    data: {
      predicate,
      sentence,
      outcome: Prisma.DbNull,
      stamp: '',
      seen: '',
      notBefore: null,
      evaluation: { increment: 1 },
      version: { increment: 1 },
    },
  })
  const check = presentCheck(next)
  await emit('check:changed', { check })
  return check
}

export const removeCheck: Handler<'check:remove'> = async (context, { id }) => {
  personOf(context)
  const row = await loadCheck(context, id)
  await context.tx.hypothesisCheck.delete({ where: { id } })
  await context.emit('check:removed', { checkId: id, sentence: row.sentence })
  return { id }
}

async function loadCheck(context: CommandContext, id: string) {
  return ofThisRoom(context, await context.tx.hypothesisCheck.findUnique({ where: { id } }), 'check')
}

const isSame = (a: CheckPredicate, b: CheckPredicate): boolean => canonical(a) === canonical(b)
/** JSON with sorted keys: PostgreSQL orders a jsonb's keys as it likes. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )

/** @throws UserError request/not-found when the predicate names a row that is not of this room */
async function sentenceOf(context: CommandContext, predicate: CheckPredicate): Promise<string> {
  const { tx, access } = context
  const where = { investigationId: access.investigationId }
  const series = new Map<string, string>()
  const experiments = new Map<string, NonNullable<ReturnType<CheckNames['experiment']>>>()
  for (const [id, unit] of seriesIdsIn(predicate)) {
    const row = await tx.series.findFirst({ where: { ...where, id } })
    if (!row) throw new UserError('request/not-found', { what: 'memory graph' })
    const fits = unit === 'bytes' ? row.unit === 'bytes' : row.unit === 'count' && isCounter(row.name)
    if (!fits)
      throw new UserError('request/malformed', {
        where: `${row.label} is ${unit === 'bytes' ? 'no memory graph' : 'no counter'}`,
      })
    series.set(id, row.label)
  }
  if ('experimentId' in predicate) {
    const id = predicate.experimentId
    const row = await tx.experiment.findFirst({ where: { ...where, id } })
    if (!row) throw new UserError('request/not-found', { what: 'experiment' })
    experiments.set(id, row)
  }
  return checkSentence(predicate, {
    series: (id) => series.get(id),
    experiment: (id) => experiments.get(id),
  })
}

function seriesIdsIn(predicate: CheckPredicate): [id: string, unit: 'bytes' | 'count'][] {
  if (predicate.kind === 'rate') return [[predicate.seriesId, 'bytes']]
  if (predicate.kind !== 'per-thousand') return []
  return [
    [predicate.seriesId, 'bytes'],
    [predicate.counterId, 'count'],
  ]
}
