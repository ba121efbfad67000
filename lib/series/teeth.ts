import type { Fall } from './falls.ts'
import type { SegmentReading } from './reading.ts'

/** A process that ends gives back more than this share; a collector or a cache that is emptied seldom does. */
const RESTART_GIVES_BACK = 0.5
/** What rises this far above all that was given back before is no tooth. */
const ABOVE_ALL_PEAKS = 1.05
/** The managed heap falls that deep at every collection: there no depth tells a restart. */
const MANAGED = new Set(['heap-live', 'heap-used', 'heap-committed'])

/** The falls after which nobody knows whether the process ended. @param measure the series' name, `''` when unknown */
export const doubtfulFalls = (falls: readonly Fall[], measure: string): readonly Fall[] =>
  falls.filter(({ before, bottom }) => MANAGED.has(measure) || bottom > (1 - RESTART_GIVES_BACK) * before)

/** What is said of a rise that may be a tooth. */
export const toothWords = (falls: number): string =>
  `Cannot tell: memory rises and falls back to where it began (${falls === 1 ? 'once' : `${falls} times`}). A collector’s saw and growth that restarts cut off look alike; a pid column would tell.`

/**
 * Segments of which those that rise up to a doubtful fall, or after one no higher than memory stood before it, are no longer
 * called growing: a collector's long tooth looks the same. Only what goes beyond all that was given back is growth in any case.
 */
export function withoutTeeth(
  segments: readonly SegmentReading[],
  doubtful: readonly Fall[],
): readonly SegmentReading[] {
  if (doubtful.length === 0) return segments
  return segments.map((segment) => {
    if (segment.kind !== 'growing') return segment
    const next = segments.find(({ life }) => life === segment.life + 1)
    const fallsBack = next !== undefined && doubtful.some(({ at }) => at === next.from)
    const peaks = doubtful.filter(({ at }) => at <= segment.from).map(({ before }) => before)
    const staysBelow = peaks.length > 0 && segment.endLevel <= ABOVE_ALL_PEAKS * Math.max(...peaks)
    if (!fallsBack && !staysBelow) return segment
    return { ...segment, kind: 'cannot-tell', decidableAt: null, words: toothWords(doubtful.length) }
  })
}
