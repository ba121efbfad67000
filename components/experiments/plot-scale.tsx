/** A range of values with the ticks that stand on it. */
export interface Scale {
  readonly low: number
  readonly high: number
  readonly ticks: readonly number[]
}

const POWERS = [1, 2, 5]
/** Bytes: less than that is nothing, and steps of less would underflow. */
const LEAST = 1e-6

/** The next step of 1, 2, 5, 10, 20, … at or above `rough`, in whole units of 1,024 bytes where they fit. */
function niceStep(rough: number): number {
  if (!(rough > 0)) return 1
  const unit = rough >= 1024 ? 1024 ** Math.min(4, Math.floor(Math.log(rough) / Math.log(1024))) : 1
  const decade = 10 ** Math.floor(Math.log10(rough / unit))
  for (const power of POWERS) if (power * decade * unit >= rough * 0.999) return power * decade * unit
  return 10 * decade * unit
}

/**
 * A range that holds all `values` and 0, with `wanted` ticks or so at round sizes in bytes. An end of `interval` may stretch
 * it to twice what the values need: beyond, the interval is cut at the edge.
 */
export function scaleOf(values: readonly number[], interval: readonly number[] = [], wanted = 4): Scale {
  const low = Math.min(0, ...values)
  const high = Math.max(0, ...values)
  const span = Math.max(high - low, LEAST)
  const stretched = {
    low: Math.max(Math.min(low, ...interval), low - span),
    high: Math.min(Math.max(high, ...interval), high + span),
  }
  const step = niceStep(Math.max(stretched.high - stretched.low, LEAST) / wanted)
  const from = Math.floor(stretched.low / step)
  const to = Math.max(from + 1, Math.ceil(stretched.high / step))
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => (from + i) * step)
  return { low: from * step, high: to * step, ticks }
}

/** Where a value stands, 0 to 1, cut at the ends. */
export const placeOn = ({ low, high }: Pick<Scale, 'low' | 'high'>, value: number): number =>
  Math.min(1, Math.max(0, (value - low) / (high - low || 1)))

/** Values that would cover each other are put above each other: a level for each, from 0. O(n²) of few. */
export function levels(places: readonly number[], width: number): number[] {
  const taken: { place: number; level: number }[] = []
  return places.map((place) => {
    let level = 0
    while (taken.some((one) => one.level === level && Math.abs(one.place - place) < width)) level++
    taken.push({ place, level })
    return level
  })
}
