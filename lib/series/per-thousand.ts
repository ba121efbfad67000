import { blocks } from './blocks.ts'
import { firstAtOrAfter, type Samples } from './samples.ts'
import { medianDeviation } from './statistics.ts'
import { trend } from './trend.ts'

/** Growth per thousand of what a counter counts, in bytes, with its 95 % interval; or why it cannot be told. */
export type PerThousand =
  | { readonly state: 'told'; readonly value: number; readonly low: number; readonly high: number }
  | { readonly state: 'too-few'; readonly counted: number }
  /** Traffic was so even that growth per request and growth per hour are the same line. */
  | { readonly state: 'too-even' }
  | { readonly state: 'cannot-tell' }

/** Fewer requests than this are no traffic. */
const FEWEST_COUNTED = 1000
/** Rates that vary by less than this share of their mean do not tell requests from time. */
const LEAST_VARIATION = 0.2
const FEWEST_BLOCKS = 12
const PER = 1000

/**
 * What a thousand requests (or jobs, or failures) cost: memory's medians over the counter instead of over time, with the same
 * robust slope and the same correction for neighbours. `counter` is cumulative; its falls are restarts and are added up
 * across. Both clean. O(samples).
 */
export function perThousand(memory: Samples, counter: Samples): PerThousand {
  const counted = withoutFalls(counter)
  const from = firstAtOrAfter(memory.t, counted.t[0] ?? Number.POSITIVE_INFINITY)
  const last = counted.t[counted.t.length - 1] ?? Number.NEGATIVE_INFINITY
  const until = firstAtOrAfter(memory.t, last + 1)
  const few = blocks(memory.t.subarray(from, until), memory.v.subarray(from, until))
  if (few.t.length < FEWEST_BLOCKS) return { state: 'cannot-tell' }
  const counts = few.t.map((at) => valueAt(counted, at))
  const total = counts[counts.length - 1]! - counts[0]!
  if (total < FEWEST_COUNTED) return { state: 'too-few', counted: total }
  const rates = counts.slice(1).map((count, i) => (count - counts[i]!) / (few.t[i + 1]! - few.t[i]!))
  const mean = total / (few.t[few.t.length - 1]! - few.t[0]!)
  if (1.4826 * medianDeviation(rates) < LEAST_VARIATION * mean && spread(rates, mean) < LEAST_VARIATION) {
    return { state: 'too-even' }
  }
  // Blocks without traffic have no length on this axis: only those that move it are asked.
  const kept = [...counts.keys()].filter((i) => i === 0 || counts[i]! > counts[i - 1]!)
  const line = trend(
    Float64Array.from(kept, (i) => counts[i]!),
    Float64Array.from(kept, (i) => few.v[i]!),
  )
  if (!Number.isFinite(line.low) || !Number.isFinite(line.high)) return { state: 'cannot-tell' }
  return { state: 'told', value: line.slope * PER, low: line.low * PER, high: line.high * PER }
}

/** A counter that went on where it fell: the same process' work over several lives. */
function withoutFalls({ t, v }: Samples): Samples {
  const sums = new Float64Array(v.length)
  for (let i = 1; i < v.length; i++) sums[i] = sums[i - 1]! + (v[i]! >= v[i - 1]! ? v[i]! - v[i - 1]! : v[i]!)
  return { t, v: sums }
}

/** Between two samples on the line through them. */
function valueAt({ t, v }: Samples, at: number): number {
  const after = Math.min(t.length - 1, firstAtOrAfter(t, at))
  const before = Math.max(0, after - 1)
  const width = t[after]! - t[before]!
  return width > 0 ? v[before]! + ((v[after]! - v[before]!) * (at - t[before]!)) / width : v[after]!
}

const spread = (rates: Float64Array, mean: number): number =>
  Math.sqrt(rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / rates.length) / mean
