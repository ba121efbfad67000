import { UserError } from '#lib/errors/user-error'
import { hostOf, SOURCE_LIMITS, type SourceChange } from '#lib/investigation/sources'
import { presentSource } from '../presenters.ts'
import { distinctSeries } from '../series-sources.ts'
import { requireRoomFor } from './capacity.ts'
import { requireVersion, told } from './conflict.ts'
import { type CommandContext, type Handler, madeBefore, ofThisRoom, personOf } from './context.ts'

const DAY_MS = 86_400_000

/** Lets the server ask a Prometheus for the room. The first fetch is due at once. */
export const addSource: Handler<'source:add'> = async (context, { id, from, series, ...sent }) => {
  const { tx, emit, access, now } = context
  const createdBy = personOf(context)
  const before = madeBefore(context, await tx.seriesSource.findUnique({ where: { id } }))
  if (before) return presentSource(before)

  requireRange(now.getTime() - from, sent.stepSeconds)
  await requireRoomFor(context, 'sources')
  const row = await tx.seriesSource.create({
    data: {
      id,
      investigationId: access.investigationId,
      ...sent,
      fromAt: new Date(from),
      series: await distinctSeries(tx, access.investigationId, sent.url, series),
      nextAt: now,
      createdBy,
      createdAt: now,
    },
  })
  const source = presentSource(row)
  await emit('source:added', { source })
  return source
}

/** A mistyped year must not ask a Prometheus for millions of points. */
function requireRange(rangeMs: number, stepSeconds: number): void {
  const { days, points } = SOURCE_LIMITS
  if (rangeMs > days * DAY_MS) throw new UserError('source/range', { why: `at most ${days} days back` })
  if (rangeMs / (stepSeconds * 1000) > points) {
    throw new UserError('source/range', { why: 'this step makes too many points for it; take a longer one' })
  }
}

/** Pauses and resumes (or tries now what fails), and changes how often. */
export const changeSource: Handler<'source:change'> = async (
  context,
  { id, version, paused, refreshSeconds },
) => {
  const { tx, emit, now } = context
  personOf(context)
  const row = await loadSource(context, id)
  await requireVersion(context, row, version, told.source(id), presentSource)
  const isOther = refreshSeconds !== undefined && refreshSeconds !== row.refreshSeconds
  const isResumed = paused === false && row.state !== 'ok'
  const isPaused = paused === true && row.state !== 'paused'
  if (!isOther && !isResumed && !isPaused) return presentSource(row)

  const isActive = isResumed || (!isPaused && row.state !== 'paused')
  const next = await tx.seriesSource.update({
    where: { id },
    data: {
      ...(isOther ? { refreshSeconds } : {}),
      ...(isPaused ? { state: 'paused' } : {}),
      // One that fails stays so until it does not: only a fetch can tell.
      ...(isActive && row.state !== 'failing' ? { state: 'ok' } : {}),
      ...(isPaused || row.state === 'paused' ? { problem: null, lastError: null, failures: 0 } : {}),
      nextAt: isActive ? now : null,
      // What is under way stops at its next step, and another node may begin at once.
      lease: null,
      leaseUntil: null,
      version: { increment: 1 },
    },
  })
  const source = presentSource(next)
  const changed: SourceChange = isPaused ? 'paused' : isResumed ? 'resumed' : 'refresh'
  await emit('source:changed', { source, changed })
  return source
}

/** Ends a source. What it has fetched stays on the graph. */
export const removeSource: Handler<'source:remove'> = async (context, { id }) => {
  personOf(context)
  const row = await loadSource(context, id)
  await context.tx.seriesSource.delete({ where: { id } })
  await context.emit('source:removed', { sourceId: id, host: hostOf(row.url) })
  return { id }
}

async function loadSource(context: CommandContext, id: string) {
  return ofThisRoom(context, await context.tx.seriesSource.findUnique({ where: { id } }), 'source')
}
