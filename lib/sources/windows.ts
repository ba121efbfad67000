/** Prometheus answers at most 11,000 points a series in one request; a few are left for its rounding. */
const MOST_POINTS = 10_000
/** All series of one answer together: about 12 MB of JSON. */
const MOST_SAMPLES = 400_000
const FEWEST_POINTS = 10
/** Two of which may be known already. */
export const FEWEST_AT_ALL = 3

/** A part of a range: both ends are asked for. Epoch milliseconds. */
export interface RangeWindow {
  readonly start: number
  readonly end: number
}

/** How many points a series to ask for at a time, when the answer has so many series. */
export const pointsAtATime = (series: number): number =>
  Math.max(FEWEST_POINTS, Math.min(MOST_POINTS, Math.floor(MOST_SAMPLES / Math.max(1, series))))

/**
 * The next part of what is still to be fetched. Moments are whole multiples of the step, so that the same moment asked for
 * again is the same sample, and one step that is known already is asked for once more: its value may have come late.
 *
 * @param reachedAt the end of the part before; null: none yet
 * @returns undefined while not a single moment has come yet
 */
export function nextWindow({
  from,
  reachedAt,
  nowMs,
  stepMs,
  points,
}: {
  readonly from: number
  readonly reachedAt: number | null
  readonly nowMs: number
  readonly stepMs: number
  readonly points: number
}): RangeWindow | undefined {
  const first = Math.ceil(from / stepMs) * stepMs
  const last = Math.floor(nowMs / stepMs) * stepMs
  const start = reachedAt === null ? first : Math.max(first, Math.floor(reachedAt / stepMs) * stepMs - stepMs)
  if (start > last) return undefined
  return { start, end: Math.min(last, start + (Math.max(FEWEST_AT_ALL, points) - 1) * stepMs) }
}
