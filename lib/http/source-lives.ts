import type { MatrixSeries, SourceMatrix } from '#lib/jobs/source-matrix'
import type { Samples } from '#lib/series/samples'

/** When the process of each sample was started, epoch seconds; 0 where it is not known. Undefined: nothing is known. */
export type LifeOf = (one: MatrixSeries) => ((t: Float64Array) => Float64Array) | undefined

/** Labels that name one process or container. One of them has to be told by both sides. */
const NAMING = ['instance', 'pod', 'container', 'id', 'pid', 'name']

/** A regular expression of a PromQL label matcher that holds for this text alone (RE2, anchored by Prometheus). */
const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/**
 * The query for the start times of the processes that these series are of: `process_start_time_seconds`, which the client
 * libraries export, or cAdvisor's for containers. Undefined when no label names where to look.
 */
export function startTimesQuery(
  series: readonly Pick<MatrixSeries, 'metric' | 'labels'>[],
): string | undefined {
  const isContainer = series.some(({ metric }) => metric.startsWith('container_'))
  const name = isContainer ? 'container_start_time_seconds' : 'process_start_time_seconds'
  const by = ['instance', 'pod'].find((label) => series.some(({ labels }) => labels[label]))
  if (!by) return undefined
  const values = [...new Set(series.flatMap(({ labels }) => labels[by] || []))]
  return `${name}{${by}=~${JSON.stringify(values.map(literally).join('|'))}}`
}

/**
 * Finds for a series the start times that belong to it: of the one process whose labels agree in everything that both
 * have. Where several agree nobody can tell, and nothing is said.
 */
export function livesIn(starts: SourceMatrix): LifeOf {
  return ({ labels }) => {
    const agreeing = starts.series.filter((other) => {
      const shared = Object.keys(other.labels).filter((name) => Object.hasOwn(labels, name))
      const isNamed = shared.some((name) => NAMING.includes(name))
      return isNamed && shared.every((name) => other.labels[name] === labels[name])
    })
    const [only] = agreeing
    return only && agreeing.length === 1 ? (t) => startsAt(only.samples, t) : undefined
  }
}

/** The start time that was known at each moment. Both are in order; the steps are the same. O(n). */
function startsAt(starts: Samples, t: Float64Array): Float64Array {
  const found = new Float64Array(t.length)
  let at = 0
  for (let i = 0; i < t.length; i++) {
    while (at < starts.t.length && starts.t[at]! < t[i]!) at++
    if (starts.t[at] === t[i]) found[i] = Math.max(0, Math.round(starts.v[at]!))
  }
  return found
}

/** The samples, knowing which life of the process they are of: by its pid, else by when it was started. */
export function withLives(one: MatrixSeries, lifeOf: LifeOf | undefined): Samples {
  const { samples } = one
  const pids = samples.pids ?? lifeOf?.(one)?.(samples.t)
  return pids ? { ...samples, pids } : samples
}
