import { formatBytes, formatDuration } from '#lib/units/format'
import { bytes, milliseconds } from '#lib/units/quantity'
import type { LimitForecast, ReadingLimit, SegmentReading } from './reading.ts'

const HOUR_MS = 3600_000
/** A line is not drawn further than this many times the span that it was seen for. */
const FURTHEST_IN_SPANS = 3

/**
 * When a growing stretch meets the limit that comes first above its level. Starts from the fitted line, not from the
 * last sample, and widens by twice the noise, so that one high sample does not move the answer.
 *
 * Null when the stretch does not grow or there is no limit.
 */
export function limitForecast(
  segment: SegmentReading,
  limits: readonly ReadingLimit[],
): LimitForecast | null {
  const rate = segment.bytesPerHour
  if (segment.kind !== 'growing' || !rate || limits.length === 0) return null
  const byHeight = [...limits].sort((a, b) => a.bytes - b.bytes)
  const limit = byHeight.find((candidate) => candidate.bytes > segment.endLevel)
  if (!limit) {
    const highest = byHeight[byHeight.length - 1]!
    return { state: 'reached', limit: highest, words: `${named(highest)} is reached.` }
  }
  const margin = 2 * segment.noise
  const room = limit.bytes - segment.endLevel
  const likely = (room / rate.value) * HOUR_MS
  const earliest = (Math.max(0, room - margin) / rate.high) * HOUR_MS
  const latest = rate.low > 0 ? ((room + margin) / rate.low) * HOUR_MS : null
  const span = segment.to - segment.from - segment.warmUpMs
  if (likely > FURTHEST_IN_SPANS * span) {
    const sight = formatDuration(milliseconds(FURTHEST_IN_SPANS * span))
    const words = `${named(limit)} is more than ${sight} away: further than ${formatDuration(milliseconds(span))} of data can tell.`
    return { state: 'too-far', limit, words }
  }
  const upTo = latest === null ? 'perhaps never' : `at the latest ${formatDuration(milliseconds(latest))}`
  const words = `${named(limit)} in ${formatDuration(milliseconds(likely))} at this rate (at the earliest ${formatDuration(milliseconds(earliest))}, ${upTo}).`
  return { state: 'ahead', limit, inMs: { likely, earliest, latest }, words }
}

const named = (limit: ReadingLimit) => `${limit.label} (${formatBytes(bytes(limit.bytes))})`
