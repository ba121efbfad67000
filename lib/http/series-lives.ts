import { z } from 'zod'
import { loadReadingInput } from '#lib/db/series'
import { UserError } from '#lib/errors/user-error'
import type { ReadAccess } from '#lib/investigation/access'
import { SeriesId } from '#lib/investigation/ids'
import { readingNode } from '#lib/jobs/shared-node'
import { type LivesView, livesView } from '#lib/series/lives-view'
import { parsed, queryOf } from './respond.ts'

/** Fewer samples than this are cut and laid over each other where the request is answered. */
const FEW_SAMPLES = 20_000

const EpochMs = z.coerce.number().min(-8.64e15).max(8.64e15).optional()
const LivesQuery = z.object({
  from: EpochMs,
  to: EpochMs,
  by: z.enum(['uptime', 'requests']).default('uptime'),
})

/** The lives of one series. */
export interface LivesAnswer extends LivesView {
  readonly label: string
  /** What counts the requests of the same process; null when nothing does, and lives can be aligned by uptime only. */
  readonly counter: string | null
}

/**
 * `GET /api/investigations/:id/series/:seriesId/lives?from&to&by`: the lives of a process on top of each other, at most 120
 * points each.
 * @throws UserError request/not-found (no such series, or one that is no memory)
 */
export async function answerLives(
  access: ReadAccess,
  seriesId: string,
  request: Request,
): Promise<LivesAnswer> {
  const id = SeriesId.safeParse(seriesId)
  const { by, ...range } = parsed(LivesQuery, queryOf(request), 'lives')
  const input = id.success ? await loadReadingInput(access, { ...range, seriesId: id.data }) : null
  if (!input) throw new UserError('request/not-found', { what: 'memory graph' })
  const { samples, question, work, label } = input
  const { marks, counterFalls } = question
  const evidence = { ...(marks && { marks }), ...(counterFalls && { counterFalls }) }
  const counter = work?.samples ?? null
  const isFew = samples.t.length + (counter?.t.length ?? 0) < FEW_SAMPLES
  const view = isFew
    ? livesView(samples, evidence, by, counter)
    : await readingNode().series.lives(samples, evidence, by, counter)
  return { ...view, label, counter: work?.label ?? null }
}
