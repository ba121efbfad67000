import type { MetricSamples } from './metrics.ts'
import { NumberColumn } from './number-column.ts'
import type { UnitChoice } from './quantities.ts'

/** A request or file feeds this many series; what is beyond is counted as refused. */
const MOST_SERIES = 2000

/** What a metrics protocol's message holds. */
export interface DecodedMetrics {
  readonly metrics: readonly MetricSamples[]
  /** Samples in it, refused ones included. */
  readonly points: number
  readonly refused: number
  /** Why the first of them was refused. */
  readonly problem?: string
  /** Series that the sender says have ended (Prometheus's stale markers, OTLP's "no recorded value"). */
  readonly ended: number
  /** Which those are, as far as their labels tell; at most as many as there may be series. */
  readonly endings: readonly MetricEnding[]
}

/** A sender says that a series has ended. */
export interface MetricEnding {
  readonly metric: string
  readonly labels: Readonly<Record<string, string>>
  /** Epoch milliseconds. */
  readonly at: number
}

/** Gathers points of labelled metrics as columns. */
export class MetricTable {
  private readonly series = new Map<string, MetricSamples>()
  private points = 0
  private refused = 0
  private problem: string | undefined
  private ended = 0
  private readonly endings: MetricEnding[] = []

  /** The column of one metric; undefined when there are too many. Labels in the sender's order. */
  of(
    metric: string,
    labels: Readonly<Record<string, string>>,
    toolUnit?: UnitChoice,
  ): MetricSamples | undefined {
    const key = `${metric}\n${JSON.stringify(labels)}`
    const known = this.series.get(key)
    if (known || this.series.size >= MOST_SERIES) return known
    const made = { metric, labels, t: new NumberColumn(), v: new NumberColumn(), toolUnit }
    this.series.set(key, made)
    return made
  }

  /** One point; `tMs` is rounded to whole milliseconds. */
  push(column: MetricSamples | undefined, tMs: number, value: number): void {
    if (!column) {
      this.refuse(1, `one request may feed at most ${MOST_SERIES} series`)
      return
    }
    this.points++
    column.t.push(Math.round(tMs))
    column.v.push(value)
  }

  refuse(points: number, why: string): void {
    this.points += points
    this.refused += points
    this.problem ??= why
  }

  end(metric: string, labels: Readonly<Record<string, string>>, tMs: number): void {
    this.ended++
    if (this.endings.length < MOST_SERIES && Number.isFinite(tMs))
      this.endings.push({ metric, labels, at: Math.round(tMs) })
  }

  finish(): DecodedMetrics {
    const { points, refused, problem, ended, endings } = this
    const metrics = [...this.series.values()].filter((one) => one.t.length > 0)
    return { metrics, points, refused, ended, endings, ...(problem === undefined ? {} : { problem }) }
  }
}
