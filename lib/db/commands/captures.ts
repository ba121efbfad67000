import { UserError } from '#lib/errors/user-error'
import { services } from '#lib/services'
import { presentCapture } from '../presenters.ts'
import { rankBetween } from '../ranks.ts'
import { requireVersion, told } from './conflict.ts'
import { type CommandContext, dateOf, differing, type Handler, ofThisRoom, personOf } from './context.ts'

async function loadCapture(context: CommandContext, id: string) {
  return ofThisRoom(context, await context.tx.capture.findUnique({ where: { id } }), 'capture')
}

const FIELD = {
  label: 'label',
  takenAt: 'time',
  process: 'process',
  requestCount: 'requests',
} as const

/** Label, time, process and request count: what people know and the file does not say. */
export const changeCapture: Handler<'capture:change'> = async (context, { id, version, ...sent }) => {
  const { tx, emit } = context
  const row = await loadCapture(context, id)
  await requireVersion(context, row, version, told.capture(id), presentCapture)
  const patch = {
    label: sent.label,
    takenAt: dateOf(sent.takenAt),
    process: sent.process === undefined ? undefined : sent.process?.trim() || null,
    requestCount: typeof sent.requestCount === 'number' ? BigInt(sent.requestCount) : sent.requestCount,
  }
  const changed = differing(row, patch)
  if (changed.length === 0) return presentCapture(row)

  const capture = presentCapture(
    await tx.capture.update({ where: { id }, data: { ...patch, version: { increment: 1 } } }),
  )
  await emit('capture:changed', { capture, changed: changed.map((field) => FIELD[field]) })
  return capture
}

/** The order in which captures are compared. As with hypotheses, it has no version. */
export const moveCapture: Handler<'capture:move'> = async (context, { id, after, before }) => {
  const { tx, emit, access } = context
  personOf(context)
  const row = await loadCapture(context, id)
  const rows = await tx.capture.findMany({
    where: { investigationId: access.investigationId },
    select: { id: true, rank: true },
  })
  const rank = rankBetween(rows, id, after, before)
  if (rank === row.rank) return presentCapture(row)

  const capture = presentCapture(await tx.capture.update({ where: { id }, data: { rank } }))
  await emit('capture:changed', { capture, changed: ['order'] })
  return capture
}

const STOPPABLE: readonly string[] = ['uploading', 'queued', 'reading']

/** Stops an upload or the reading of it. The row stays and says so. */
export const cancelCapture: Handler<'capture:cancel'> = async (context, { id }) => {
  const { tx, emit } = context
  personOf(context)
  const row = await loadCapture(context, id)
  if (row.state === 'cancelled') return presentCapture(row)
  if (!STOPPABLE.includes(row.state)) throw new UserError('capture/settled', { state: row.state })

  const next = await tx.capture.update({
    where: { id },
    // The version stays: it guards what people write, and a state is not theirs.
    data: { state: 'cancelled', problem: null },
  })
  const capture = presentCapture(next)
  await emit('capture:state-changed', { capture })
  context.afterCommit(() => services().cancelCapture(id))
  return capture
}

/** Takes the capture out of the room. Its file stays in the store while another capture has the same content. */
export const removeCapture: Handler<'capture:remove'> = async (context, { id }) => {
  personOf(context)
  const row = await loadCapture(context, id)
  await context.tx.capture.delete({ where: { id } })
  await context.emit('capture:removed', { captureId: id, label: row.label })
  if (STOPPABLE.includes(row.state)) context.afterCommit(() => services().cancelCapture(id))
  return { id }
}

/** Takes a series with all its points out of the room. */
export const removeSeries: Handler<'series:remove'> = async (context, { id }) => {
  personOf(context)
  const row = ofThisRoom(context, await context.tx.series.findUnique({ where: { id } }), 'series')
  await context.tx.series.delete({ where: { id } })
  await context.emit('series:removed', { seriesId: id, label: row.label })
  return { id }
}
