import { readMatrix, seriesKey } from '#lib/formats/prometheus-range/matrix'
import type { SeriesUnitName } from '#lib/formats/series/format'
import { pidIn, processName } from '#lib/formats/series/process-name'
import { meaningOf, UNIT_CHOICES, type UnitChoice, unitOf } from '#lib/formats/series/quantities'
import { cleanSamples, type Samples } from '#lib/series/samples'

/** One series of an answer of `/api/v1/query_range`. */
export interface MatrixSeries {
  /** Names it for good, whatever else is answered beside it. */
  readonly key: string
  readonly metric: string
  readonly labels: Readonly<Record<string, string>>
  /** Clean, values as Prometheus has them. */
  readonly samples: Samples
  /** What it seems to be. */
  readonly guess: {
    readonly name: string
    /** Of the quantity alone: "RSS". */
    readonly label: string
    readonly process: string
    readonly unit: SeriesUnitName
    readonly unitChoice: UnitChoice
    readonly factor: number
    /** The metric's name is one that we know. */
    readonly isKnown: boolean
  }
}

export interface SourceMatrix {
  readonly series: readonly MatrixSeries[]
  readonly lines: number
  /** NaN and ±Inf. */
  readonly badLines: number
  readonly warnings: readonly string[]
}

const NO_CONTEXT = { nowMs: 0, zoneMinutes: 0, answers: {} } as const

/**
 * Reads what a Prometheus answered. Each set of labels is a series of its own; of one that has a pid every sample knows it.
 * About a second for a million samples, so only small answers are read outside of a worker thread.
 * @throws UserError series/no-samples · format/truncated
 */
export function sourceMatrix(body: Uint8Array): SourceMatrix {
  const { metrics, ...rest } = readMatrix(new TextDecoder().decode(body))
  const series = metrics.flatMap((one): MatrixSeries[] => {
    // Copied: the columns are views on longer ones, and go to another thread.
    const [t, v] = [one.t.values().slice(), one.v.values().slice()]
    if (t.length === 0) return []
    const pid = pidIn(one.labels)
    const samples = cleanSamples(pid > 0 ? { t, v, pids: new Float64Array(t.length).fill(pid) } : { t, v })
    const { choice } = unitOf(one.metric, samples.v, NO_CONTEXT)
    const { name, label, known } = meaningOf(one.metric)
    const { unit, factor } = UNIT_CHOICES[choice]
    const guess = { name, label, unit, factor, unitChoice: choice, isKnown: known }
    return [
      {
        key: seriesKey(one),
        metric: one.metric,
        labels: one.labels,
        samples,
        guess: { ...guess, process: processName(one.labels) },
      },
    ]
  })
  return { series, ...rest }
}
