import type { SeriesUnit } from '#lib/investigation/rows'
import type { SeriesReading } from '#lib/series/reading'
import type { Restart } from '#lib/series/restarts'

/** Epoch milliseconds, closed. */
export interface ChartRange {
  readonly from: number
  readonly to: number
}

/** A line of the graph: what `SeriesRow` has and more may come with. */
export interface ChartSeries {
  readonly id: string
  readonly name: string
  readonly label: string
  readonly unit: SeriesUnit
  readonly points: number
  readonly from: number | null
  readonly to: number | null
}

/** What is drawn of one series: lowest and highest sample of each step, and where its line breaks. */
export interface ChartPoints {
  /** Milliseconds of a step (lib/series/downsample.ts); 0: every sample of the range is here. */
  readonly step: number
  readonly t: readonly number[]
  readonly v: readonly number[]
  readonly restarts: readonly Restart[]
  /** The process of the newest sample that names one; 0: none does. Null where restarts are not drawn. */
  readonly pid: number | null
  readonly gaps: readonly ChartRange[]
  readonly phases: readonly (ChartRange & { readonly label: string })[]
  /** Samples that the server had stored of the whole series when it answered. */
  readonly stored: number
}

export interface ChartLimit {
  readonly id: string
  readonly label: string
  readonly bytes: number
}
export interface ChartMark {
  readonly id: string
  readonly kind: 'crash' | 'deploy' | 'restart' | 'outage' | 'note'
  readonly label: string
  readonly at: number
  readonly until: number | null
}
/** A capture on the time axis. */
export interface ChartCapture {
  readonly id: string
  readonly label: string
  readonly at: number
}
/** Where a teammate points. `color` is the person's, 0 to 7. */
export interface ChartCursor {
  readonly userId: string
  readonly name: string
  readonly color: number
  readonly t: number
}

/** Everything that is drawn besides the lines. */
export interface ChartScene {
  readonly limits: readonly ChartLimit[]
  readonly marks: readonly ChartMark[]
  readonly captures: readonly ChartCapture[]
  readonly brushed: ChartRange | null
}

/** Points of a series for a graph of `width` pixels; `range` null is the whole series. */
export type LoadPoints = (seriesId: string, range: ChartRange | null, width: number) => Promise<ChartPoints>
/** The reading of a range; null when the series is no memory series or has nothing there. */
export type LoadReading = (seriesId: string, range: ChartRange) => Promise<SeriesReading | null>
/** New samples of a series. `pids`: the process of each, 0 where it is not known. */
export interface LivePoints {
  readonly t: readonly number[]
  readonly v: readonly number[]
  readonly pids?: readonly number[] | undefined
}
/**
 * Calls back with every batch of live points, and `onMissed` when some may have been missed: the connection was down and
 * is back. Returns the way to stop.
 */
export type SubscribeLive = (
  listener: (seriesId: string, points: LivePoints) => void,
  onMissed: () => void,
) => () => void
