import { blocks } from '#lib/series/blocks'
import type { SegmentKind } from '#lib/series/reading'
import { lives } from '#lib/series/restarts'
import { cleanSamples, firstAtOrAfter, type Samples, sliceSamples } from '#lib/series/samples'
import { readSegment } from '#lib/series/segment'
import { trend } from '#lib/series/trend'
import type { Interval } from './intervals.ts'

/** What one run says by itself. */
export interface RunReading {
  readonly kind: SegmentKind
  /** Does it rise beyond chance, be it sure to go on or not? */
  readonly rises: boolean
  /** After the warm-up. Null with too few samples for any slope. */
  readonly bytesPerHour: Interval | null
  /** Null when no iterations were counted, or too few to tell. */
  readonly bytesPerIteration: Interval | null
  readonly iterations: number
  readonly durationMs: number
  readonly warmUpMs: number
  /** Times the process was started anew; only the longest life is judged. */
  readonly restarts: number
  readonly words: string
}

/** Fewer blocks with new iterations in them than this do not carry a slope. */
const FEWEST_BLOCKS = 6

/**
 * Judges one run: the warm-up is found and left out, the slope of the rest is robust (Theil–Sen), its interval knows that
 * neighbours resemble each other. `iterations` is a cumulative count over the same time. Pure; about 10 ms.
 */
export function readRun(memory: Samples, iterations?: Samples): RunReading {
  const clean = cleanSamples(memory)
  const { starts } = lives(clean)
  const life = longestLife(clean, starts)
  const segment = readSegment({ samples: life, life: 0, phase: null })
  const { kind, bytesPerHour, warmUpMs, independent, words } = segment
  const counted = iterations ? cleanSamples(iterations) : undefined
  const restarts = Math.max(0, starts.length - 1)
  return {
    kind,
    rises: kind === 'growing' || (bytesPerHour !== null && bytesPerHour.low > 0 && independent >= 4),
    bytesPerHour,
    bytesPerIteration: counted ? perIteration(life, counted, segment.from + warmUpMs) : null,
    iterations: counted ? risen(counted.v) : 0,
    durationMs: segment.to - segment.from,
    warmUpMs,
    restarts,
    words:
      restarts > 0 ? `${words} The process was restarted ${restarts} ×; its longest life is judged.` : words,
  }
}

function longestLife(samples: Samples, starts: readonly number[]): Samples {
  const all = starts.map((start, i) => sliceSamples(samples, start, starts[i + 1] ?? samples.t.length))
  return all.reduce((longest, one) => (one.t.length > longest.t.length ? one : longest), all[0] ?? samples)
}

/** By how much a counter rose. One that starts anew counts from 0 again. */
function risen(count: Float64Array): number {
  let total = 0
  for (let i = 1; i < count.length; i++) {
    const step = count[i]! - count[i - 1]!
    total += step >= 0 ? step : count[i]!
  }
  return total
}

/** The slope of memory over the count instead of over time. */
function perIteration(life: Samples, counter: Samples, from: number): Interval | null {
  const start = firstAtOrAfter(life.t, from)
  const memory = blocks(life.t.subarray(start), life.v.subarray(start))
  const x: number[] = []
  const y: number[] = []
  for (const [i, at] of memory.t.entries()) {
    const count = countAt(counter, at)
    // A slope needs new iterations between two points; where none came, the first point stands.
    if (count === null || (x.length > 0 && count <= x[x.length - 1]!)) continue
    x.push(count)
    y.push(memory.v[i]!)
  }
  if (x.length < FEWEST_BLOCKS) return null
  const { slope, low, high } = trend(Float64Array.from(x), Float64Array.from(y))
  return Number.isFinite(low) && Number.isFinite(high) ? { value: slope, low, high } : null
}

/** The count at a moment, between its samples in proportion; null outside of them. */
function countAt({ t, v }: Samples, at: number): number | null {
  const after = firstAtOrAfter(t, at)
  if (after === t.length) return null
  if (t[after] === at) return v[after]!
  if (after === 0) return null
  const before = after - 1
  const share = (at - t[before]!) / (t[after]! - t[before]!)
  return v[before]! + share * (v[after]! - v[before]!)
}
