import type { SeriesId } from '#lib/investigation/ids'
import { restartsOf, tellsRestarts, workCounter } from '#lib/series/counters'
import type { Samples } from '#lib/series/samples'
import type { Prisma } from '#prisma/generated/client'
import { db } from './client.ts'
import { presentSeries } from './presenters.ts'

/** A series that counts a process's work. */
export interface WorkCounter {
  readonly seriesId: SeriesId
  readonly version: number
  readonly label: string
  readonly samples: Samples
}

/** Counters that are asked whether the process began anew: one that is right is enough. */
const MOST_COUNTERS = 3

/** Beside the memory of the same process nobody has to be told whose requests they are. */
export const withoutProcess = (label: string, process: string): string =>
  process !== '' && label.endsWith(` ${process}`) ? label.slice(0, -process.length - 1) : label

/**
 * What is counted of the process beside its memory: its work, and the moments at which it began anew (epoch milliseconds).
 * @param load the samples of the range that is read
 */
export async function countersBeside(
  { investigationId, process, source }: Prisma.SeriesGetPayload<object>,
  load: (id: SeriesId) => Promise<Samples>,
): Promise<{ work: WorkCounter | null; restarts: number[] }> {
  const rows = await db().series.findMany({
    where: { investigationId, process, source, unit: 'count', points: { gt: 0 } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  })
  const name = workCounter(rows.map((row) => row.name))
  const working = rows.find((row) => row.name === name)
  const telling = rows.filter((row) => tellsRestarts(row.name)).slice(0, MOST_COUNTERS)
  const counted: Samples[] = []
  let work: WorkCounter | null = null
  for (const row of rows.filter((one) => one === working || telling.includes(one))) {
    const { id, version, label } = presentSeries(row)
    const samples = await load(id)
    if (telling.includes(row)) counted.push(samples)
    if (row === working) work = { seriesId: id, version, label: withoutProcess(label, process), samples }
  }
  return { work, restarts: restartsOf(counted) }
}
