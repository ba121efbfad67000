import { UserError } from '#lib/errors/user-error'
import { meaningLabel } from '#lib/formats/series/quantities'
import { SOURCE_LIMITS, type SourceSeries } from '#lib/investigation/sources'
import type { LiveBatch } from '#lib/jobs/live-lines'
import type { MatrixSeries, SourceMatrix } from '#lib/jobs/source-matrix'
import { type LifeOf, withLives } from './source-lives.ts'

/** Which series of an answer are taken. */
export interface Chosen {
  readonly series: readonly SourceSeries[]
  readonly follows: boolean
}

/**
 * What an answer of Prometheus adds to the room: the chosen series under their names and, where new ones are followed, the
 * others of the same metrics. Pure.
 * @throws UserError source/too-many-series
 */
export function sourceBatches(
  { series: chosen, follows }: Chosen,
  matrix: SourceMatrix,
  lifeOf?: LifeOf,
): LiveBatch[] {
  const byKey = new Map(chosen.map((one) => [one.key, one]))
  const taken = new Set(chosen.map(identityOf))
  const batches: LiveBatch[] = []
  for (const one of matrix.series) {
    const known = byKey.get(one.key) ?? (follows ? followed(one, chosen, taken) : undefined)
    if (!known) continue
    taken.add(identityOf(known))
    const { name, label, process, unit, factor } = known
    const { t, v, pids } = withLives(one, lifeOf)
    const values = factor === 1 ? v : v.map((value) => value * factor)
    batches.push({ name, label, process, unit, samples: pids ? { t, v: values, pids } : { t, v: values } })
  }
  if (batches.length > SOURCE_LIMITS.series) {
    throw new UserError('source/too-many-series', { series: batches.length, limit: SOURCE_LIMITS.series })
  }
  return batches
}

const identityOf = ({ name, process }: Pick<SourceSeries, 'name' | 'process'>): string =>
  `${name}\n${process}`
const metricOf = (key: string): string => key.slice(0, key.indexOf('{'))

/** A series that came later: what its metric is was said when the source was added; one of another metric was not wanted. */
function followed(
  one: MatrixSeries,
  chosen: readonly SourceSeries[],
  taken: ReadonlySet<string>,
): SourceSeries | undefined {
  const like = chosen.find(({ key }) => metricOf(key) === one.metric)
  if (!like) return undefined
  const { name, unit, factor } = like
  const plain = { name, process: one.guess.process }
  const process = taken.has(identityOf(plain))
    ? `${plain.process} · ${one.metric}`.slice(0, 120)
    : plain.process
  const quantity = meaningLabel(name) ?? one.guess.label
  return { key: one.key, name, label: `${quantity} ${process}`.trim().slice(0, 200), process, unit, factor }
}
