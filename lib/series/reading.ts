import type { Restart } from './restarts.ts'

/** The version of the method. Stored with every pinned reading, so that an old note stays explainable. */
export const READING_VERSION = 4

/** A growth rate in bytes per hour with its 95 % interval; `low ≤ value ≤ high`. */
export interface Rate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/**
 * What a stretch of samples does.
 * - `growing`: rises all along and did not slow down so far. A plateau much later than the data is never excluded.
 * - `slowing`: rises, but the second half by much less than the first.
 * - `stepped`: rises in jumps and is flat between them.
 * - `steady`: no growth found.
 * - `cannot-tell`: too little independent data, or a rise that fits growth and warm-up equally well.
 */
export type SegmentKind = 'growing' | 'slowing' | 'stepped' | 'steady' | 'cannot-tell'

/** One stretch: a life of the process, cut further where a phase begins or where growth set in or stopped. */
export interface SegmentReading {
  /** First and last sample, epoch milliseconds. */
  readonly from: number
  readonly to: number
  /** Which life of the process, from 0. */
  readonly life: number
  /** The phase that the file names, if any. */
  readonly phase: string | null
  readonly samples: number
  readonly kind: SegmentKind
  /** Null when there are too few samples for any slope. */
  readonly bytesPerHour: Rate | null
  /** Slope of the second half over that of the first: 1 keeps on, 0 has levelled off. */
  readonly persistence: number
  /** How many independent points the samples are worth. */
  readonly independent: number
  /** Milliseconds at the start that were left out as warm-up. */
  readonly warmUpMs: number
  /** The daily cycle that was taken out before anything was judged; null when there is none to see. */
  readonly season: SeasonSeen | null
  /** Where the jumps of a `stepped` stretch are, epoch milliseconds: about, to a block. Empty otherwise. */
  readonly jumps: readonly number[]
  /**
   * When more can be said if it goes on as it does, epoch milliseconds: that it is growth or not, or, of growth seen for less
   * than a day, that it is no daily cycle. Null when nothing is open, or when it cannot be said when.
   */
  readonly decidableAt: number | null
  /** Level of the fitted line at the end, and the usual distance of a sample from it. Bytes. */
  readonly endLevel: number
  readonly noise: number
  readonly words: string
}

/** A cycle in what a series does. Milliseconds, and from lowest to highest in the series' unit. */
export interface SeasonSeen {
  readonly periodMs: number
  readonly swing: number
}

/** `grew`: grew in a part of the range, and does not at its end. The others as for a segment. */
export type ReadingKind = SegmentKind | 'grew'

/** When the growth meets the nearest limit. */
export type LimitForecast =
  | { readonly state: 'reached'; readonly limit: ReadingLimit; readonly words: string }
  | {
      readonly state: 'ahead'
      readonly limit: ReadingLimit
      /** Milliseconds from the end of the range. `latest` is null when the lowest plausible rate never gets there. */
      readonly inMs: { readonly likely: number; readonly earliest: number; readonly latest: number | null }
      readonly words: string
    }
  /** Further away than three times the span that was seen: no honest forecast. */
  | { readonly state: 'too-far'; readonly limit: ReadingLimit; readonly words: string }

/** A line that memory must not cross. */
export interface ReadingLimit {
  readonly label: string
  readonly bytes: number
  /** What is limited (lib/series/limit.ts tells which series meets which); `custom` when absent: whatever is shown. */
  readonly kind?: LimitKind | undefined
}

/**
 * `ram` of the machine, `cgroup` of the container, `swap` and RAM together, `commit` and `rlimit`: what may be
 * allocated, used or not; `heap`: of the runtime (max-old-space, -Xmx).
 */
export type LimitKind = 'ram' | 'cgroup' | 'swap' | 'commit' | 'rlimit' | 'heap' | 'custom'

/** A named stretch of time, such as a phase of an experiment. Epoch milliseconds, half open. */
export interface Phase {
  readonly label: string
  readonly from: number
  readonly to: number
}

/** The first reading of a range of one memory series. Plain JSON. */
export interface SeriesReading {
  readonly version: typeof READING_VERSION
  readonly from: number
  readonly to: number
  readonly samples: number
  readonly segments: readonly SegmentReading[]
  readonly restarts: readonly Restart[]
  /** Deep falls that come too often to be told from a collector's saw (lib/series/restarts.ts). */
  readonly uncountedFalls: number
  readonly reading: {
    readonly kind: ReadingKind
    /** Of the growing stretches (the median of several lives); null when nothing grows. */
    readonly bytesPerHour: Rate | null
    readonly words: string
    /** What carries the words, one fact each. */
    readonly reasons: readonly string[]
    /** When to come back, epoch milliseconds (as of the segment that the words are about). */
    readonly decidableAt: number | null
  }
  /** Null when nothing grows at the end of the range, or no limit is set. */
  readonly reachesLimit: LimitForecast | null
}
