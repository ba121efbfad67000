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
  const longest = Math.max(5 * typicalSpacing(t), SHORTEST_GAP_MS)
  const found: Gap[] = []
  for (let i = 1; i < t.length; i++) {
    if (t[i]! - t[i - 1]! > longest) found.push({ from: t[i - 1]!, to: t[i]! })
  }
  return found
}
