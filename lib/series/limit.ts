import { formatBytes, formatDuration } from '#lib/units/format'
import { bytes, milliseconds } from '#lib/units/quantity'
import type { LimitForecast, LimitKind, ReadingLimit, SegmentReading } from './reading.ts'

const HOUR_MS = 3600_000
/** A line is not drawn further than this many times the span that it was seen for. */
const FURTHEST_IN_SPANS = 3

/** Series names (lib/formats/series/quantities.ts) that are measured against each kind of limit; others meet `custom` only. */
const RESIDENT = ['rss', 'rss-anon', 'pss', 'uss', 'working-set', 'cgroup', '']
const MEASURES: Record<LimitKind, readonly string[] | 'all'> = {
  ram: RESIDENT,
  cgroup: RESIDENT,
  swap: RESIDENT,
  commit: ['vsz'],
  rlimit: ['vsz'],
  heap: ['heap-committed', 'heap-live', 'heap-used'],
  custom: 'all',
}

/**
 * The limits that a series of this name can meet. What is resident meets the RAM, the container's limit, and RAM and swap
 * together; virtual memory meets what may be committed; only the heap meets the runtime's own limit.
 */
export function limitsOf(measure: string, limits: readonly ReadingLimit[]): ReadingLimit[] {
  return limits.filter((limit) => {
    const measures = MEASURES[limit.kind ?? 'custom']
    return measures === 'all' || measures.includes(measure)
  })
}

/**
 * When a growing stretch meets the limit that comes first above its level. Starts from the fitted line, not from the
 * last sample, and widens by twice the noise and half of the daily swing, so that neither one high sample nor the time of
 * day moves the answer.
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
  const margin = 2 * segment.noise + (segment.season?.swing ?? 0) / 2
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
