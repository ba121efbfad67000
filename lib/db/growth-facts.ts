import type { ReadAccess } from '#lib/investigation/access'
import type { CaptureRow, MarkRow } from '#lib/investigation/rows'
import { db } from './client.ts'
import { presentCapture, presentMark } from './presenters.ts'

/** What stands beside the graphs when growth is explained: readable captures with a time, and outages with an end. */
export interface GrowthFacts {
  readonly captures: readonly CaptureRow[]
  readonly outages: readonly MarkRow[]
}

/** Two queries; oldest first. */
export async function loadGrowthFacts({ investigationId }: ReadAccess): Promise<GrowthFacts> {
  const captures = await db().capture.findMany({
    where: { investigationId, state: 'ready', takenAt: { not: null } },
    orderBy: [{ takenAt: 'asc' }, { id: 'asc' }],
  })
  const outages = await db().mark.findMany({
    where: { investigationId, kind: 'outage', until: { not: null } },
    orderBy: [{ at: 'asc' }, { id: 'asc' }],
  })
  return { captures: captures.map(presentCapture), outages: outages.map(presentMark) }
}
