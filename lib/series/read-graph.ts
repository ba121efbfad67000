import { type PerThousand, perThousand } from './per-thousand.ts'
import { type ReadingQuestion, readSeries } from './read-series.ts'
import type { SegmentReading, SeriesReading } from './reading.ts'
import { cleanSamples, type Samples, samplesBetween } from './samples.ts'

/** The first reading of a memory graph, and what a thousand requests cost where it grew. Plain JSON. */
export interface GraphReading {
  readonly reading: SeriesReading
  /** Null when nothing grows, or when nobody counts the process's work. */
  readonly perThousand: (PerThousand & { readonly from: number; readonly to: number }) | null
}

/**
 * `readSeries`, and beside it the growth per thousand of `counter` (cumulative, of the same process) in the longest stretch that
 * grows, after its warm-up: over a restart memory begins anew and the line would mean nothing. Pure.
 */
export function readGraph(
  samples: Samples,
  question: ReadingQuestion,
  counter: Samples | null,
): GraphReading {
  const reading = readSeries(samples, question)
  const stretch = longestGrowing(reading.segments)
  if (!counter || !stretch) return { reading, perThousand: null }
  const from = stretch.from + stretch.warmUpMs
  const { to } = stretch
  const within = (all: Samples) => samplesBetween(cleanSamples(all), from, to)
  return { reading, perThousand: { ...perThousand(within(samples), within(counter)), from, to } }
}

const longestGrowing = (segments: readonly SegmentReading[]): SegmentReading | undefined =>
  segments
    .filter(({ kind }) => kind === 'growing')
    .reduce<SegmentReading | undefined>(
      (best, one) => (best && best.samples >= one.samples ? best : one),
      undefined,
    )
