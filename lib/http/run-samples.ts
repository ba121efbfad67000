import type { RunSamples } from '#lib/db/run-links'
import type { SeriesId } from '#lib/investigation/ids'
import type { RunEnd } from '#lib/jobs/live-lines'

/** Samples that name a run, after they were stored. */
export interface StoredBatch {
  readonly run: string
  /** Of the series: rss, rss-anon, iterations, … */
  readonly name: string
  readonly process: string
  readonly seriesId: SeriesId
  /** Epoch milliseconds, in the order in which they were sent. */
  readonly t: Float64Array
}

interface Gathered {
  readonly series: Map<string, SeriesId>
  readonly times: Set<number>
  hasEnded: boolean
}

/** What a request brought for each run, in the order in which it names them. O(samples). */
export function runSamples(stored: readonly StoredBatch[], ended: readonly RunEnd[]): RunSamples[] {
  const runs = new Map<string, Gathered>()
  const gathered = (run: string, process: string): Gathered => {
    const key = `${run}\n${process}`
    const known = runs.get(key) ?? { series: new Map(), times: new Set(), hasEnded: false }
    runs.set(key, known)
    return known
  }
  for (const { run, process, name, seriesId, t } of stored) {
    const { series, times } = gathered(run, process)
    series.set(name, seriesId)
    for (const at of t) times.add(at)
  }
  for (const { run, process } of ended) gathered(run, process).hasEnded = true
  return [...runs].map(([key, { series, times, hasEnded }]) => {
    const at = key.indexOf('\n')
    const sorted = [...times].sort((a, b) => a - b)
    const first = sorted[0] ?? null
    const last = sorted[sorted.length - 1] ?? null
    return {
      run: key.slice(0, at),
      process: key.slice(at + 1),
      series,
      from: first,
      to: last,
      spacingMs:
        first === null || last === null || last === first ? null : (last - first) / (sorted.length - 1),
      hasEnded,
    }
  })
}
