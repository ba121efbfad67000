import { formatByteChange } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { firstAtOrAfter, type Samples } from './samples.ts'
import type { PlaceVerdict } from './where-it-grows.ts'

/** The bytes of all objects of one heap capture. */
export interface CapturedTotal {
  readonly label: string
  /** When it was taken, epoch milliseconds. */
  readonly at: number
  readonly bytes: number
}

const FEWEST_CAPTURES = 3
/** A sample further away from a capture says nothing about it. */
const NEAR_MS = 2 * 60_000
/** Resident memory has to rise by this share of its level in all. */
const LEAST_GROWTH = 0.1
/** The objects have to rise by this share of their total from one capture to the next. */
const LEAST_STEP = 0.01
const MOST_OF_IT = 0.5
const LITTLE_OF_IT = 0.15

/**
 * The same from totals of captures against resident memory at their moments: what live objects explain of the growth is the least
 * that is managed, because unused heap, the allocator's own bytes and tracing come on top. So captures can say "managed", and
 * how much of it; they cannot say "native". Null with fewer than three captures that have a sample near, or no growth.
 */
export function placeByCaptures(
  rss: Samples,
  captures: readonly CapturedTotal[],
): Omit<PlaceVerdict, 'version'> | null {
  const points = captures
    .flatMap(({ at, bytes: total, label }) => {
      const resident = nearest(rss, at)
      return resident === undefined ? [] : [{ at, total, label, resident }]
    })
    .sort((a, b) => a.at - b.at)
  const first = points[0]
  const last = points[points.length - 1]
  if (!first || !last || points.length < FEWEST_CAPTURES) return null
  const growth = last.resident - first.resident
  const steps = points.slice(1).map((point, i) => ({
    resident: point.resident - points[i]!.resident,
    objects: point.total - points[i]!.total,
    share: (point.total - points[i]!.total) / (point.resident - points[i]!.resident),
    grows: point.total - points[i]!.total > LEAST_STEP * points[i]!.total,
  }))
  if (growth < LEAST_GROWTH * first.resident || steps.some(({ resident }) => resident <= 0)) return null
  const value = (last.total - first.total) / growth
  const shares = steps.map(({ share }) => share)
  const share = { value, low: Math.min(...shares), high: Math.max(...shares) }
  const percent = (part: number) => `${Math.round(100 * part)} %`
  const range = { from: first.at, to: last.at }
  const reasons = [
    `Resident memory at the captures: ${formatByteChange(bytes(growth))}; their objects: ${formatByteChange(bytes(last.total - first.total))}.`,
    `From one capture to the next the objects explain ${shares.map(percent).join(', ')}: the interval is from the least to the most.`,
    'Objects are the least that is managed: unused heap, the allocator’s own bytes and tracing come on top.',
  ]
  const beside = 'A series of the heap’s committed size and of its live bytes.'
  if (value >= MOST_OF_IT && steps.every(({ grows }) => grows)) {
    const isUneven = share.low < LITTLE_OF_IT + 0.1
    return {
      place: 'managed',
      share,
      isLeast: true,
      words: `Managed for the larger part: objects explain ${percent(value)} of the growth (${percent(share.low)} to ${percent(share.high)}), and they grew every time.`,
      reasons: isUneven
        ? [...reasons, 'In one step they explain little of it: something else may grow beside them.']
        : reasons,
      wouldDecide: isUneven ? beside : null,
      range,
    }
  }
  const words =
    value < LITTLE_OF_IT
      ? `Live objects explain ${percent(value)} of the growth. Unused heap and memory outside cannot be told apart by captures.`
      : `Cannot tell yet: live objects explain ${percent(value)} of the growth, and not in every step.`
  return { place: 'cannot-tell', share: null, words, reasons, wouldDecide: beside, range }
}

function nearest({ t, v }: Samples, at: number): number | undefined {
  const after = firstAtOrAfter(t, at)
  const candidates = [after - 1, after].filter((i) => i >= 0 && i < t.length)
  const best = candidates.sort((a, b) => Math.abs(t[a]! - at) - Math.abs(t[b]! - at))[0]
  return best !== undefined && Math.abs(t[best]! - at) <= NEAR_MS ? v[best] : undefined
}
