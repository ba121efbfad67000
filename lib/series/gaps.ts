import { typicalSpacing } from './statistics.ts'

/** A stretch without samples, from the last one before it to the first one after it. Epoch milliseconds. */
export interface Gap {
  readonly from: number
  readonly to: number
}

/** A pause shorter than this is a late sample, not a gap. */
const SHORTEST_GAP_MS = 60_000

/** Pauses of more than five usual spacings and more than a minute: the line is not drawn across them. O(n). */
export function gaps(t: Float64Array): Gap[] {
  const spacing = typicalSpacing(t)
  const found: Gap[] = []
  for (let i = 1; i < t.length; i++) {
    const gap = gapBetween(t[i - 1]!, t[i]!, spacing)
    if (gap) found.push(gap)
  }
  return found
}

/** The gap between two neighbours; undefined when it is a usual pause. */
export const gapBetween = (from: number, to: number, spacing: number): Gap | undefined =>
  to - from > Math.max(5 * spacing, SHORTEST_GAP_MS) ? { from, to } : undefined
