import { formatCount } from '#lib/units/format'

/**
 * How a count develops over captures. docs/spec/heap.md states the rule (GRW1–GRW8).
 * A machine's word for a pattern, not a verdict.
 */
export type GrowthShape =
  | 'flat'
  | 'grew once'
  | 'saturating'
  | 'growing every time'
  | 'shrinking'
  | 'cannot tell'

/** A shape and why. */
export interface ShapeReading {
  readonly shape: GrowthShape
  /** One sentence with the numbers that decided. */
  readonly reason: string
  /** Worth a person's look: it grew in every interval, or in the last ones without stopping. */
  readonly isSuspect: boolean
}

/** Steps smaller than this are noise whatever the group's size: caches warm, buffers come and go. */
const SMALLEST_STEP = 5
/** … and so are steps below this share of the group's largest count. */
const NOISE_SHARE = 0.001
/** A later rate of at least this share of the earlier ones is "not slowing down". */
const SUSTAINED = 0.5

/**
 * The shape of counts over captures in the order of time. `requests` (served so far, per capture) turn steps into
 * rates, so that captures need not be equally far apart; without them every interval counts the same.
 */
export function growthShape(counts: readonly number[], requests?: readonly number[]): ShapeReading {
  if (counts.length < 2) return told('cannot tell', 'One capture has no growth: a second one is needed.')
  const noise = Math.max(SMALLEST_STEP, NOISE_SHARE * Math.max(...counts))
  const steps = counts.slice(1).map((count, i) => count - counts[i]!)
  const signs = steps.map((step) => (step >= noise ? 1 : step <= -noise ? -1 : 0))
  const net = counts.at(-1)! - counts[0]!
  const ups = signs.filter((sign) => sign > 0).length
  const downs = signs.filter((sign) => sign < 0).length
  const path = counts.map(formatCount).join(' → ')

  if (ups === 0 && downs === 0) {
    // Steps that are each within the noise may still add up, over many captures.
    if (net >= 2 * noise && steps.every((step) => step > 0))
      return told(
        'cannot tell',
        `It rises a little each time (${path}), within the noise: later captures decide.`,
      )
    return told('flat', `The count stays within ±${formatCount(noise)} (${path}).`)
  }
  if (ups === 0) return told('shrinking', `The count falls (${path}).`)
  if (counts.length === 2)
    return told('cannot tell', `It grew by ${formatCount(net)} (${path}): a third capture decides.`)
  if (downs > 0) return wavering(net, noise, path)
  return rising(steps, signs, path, requests)
}

/** Two captures: a group stands out when it has at least this many times as many objects as before … */
const PAIR_FACTOR = 1.5
/** … has at least this part of all growth … */
const PAIR_SHARE = 0.02
/** … and gained at least this part of the first capture. */
const PAIR_HEAP_SHARE = 0.002
const PAIR_SMALLEST = 20

/** Does a row of two captures stand out? A third capture decides; births may contradict. */
export function isPairSuspect(row: {
  readonly counts: readonly number[]
  readonly bytesChange: number
  readonly shareOfGrowth: number
  readonly heapBytes: number
}): boolean {
  const [before = 0, after = 0] = row.counts
  return (
    after - before >= PAIR_SMALLEST &&
    after >= PAIR_FACTOR * before &&
    row.shareOfGrowth >= PAIR_SHARE &&
    row.bytesChange >= PAIR_HEAP_SHARE * row.heapBytes
  )
}

/** Went up and down. */
function wavering(net: number, noise: number, path: string): ShapeReading {
  if (net <= -noise) return told('shrinking', `The count goes up and down and ends lower (${path}).`)
  if (net < noise) return told('flat', `The count goes up and down and ends where it began (${path}).`)
  return told('cannot tell', `The count goes up and down and ends higher (${path}): later captures decide.`)
}

/** Went up at least once and never down, over three captures or more. */
function rising(
  steps: readonly number[],
  signs: readonly number[],
  path: string,
  requests: readonly number[] | undefined,
): ShapeReading {
  const rates = intervalRates(steps, requests)
  const unit = requests === undefined ? 'interval' : 'rate'
  const last = rates.at(-1)!
  const firstUp = signs.indexOf(1)
  const isUpSinceThen = signs.slice(firstUp).every((sign) => sign > 0)
  if (!isUpSinceThen && signs.at(-1) === 0)
    return signs.filter((sign) => sign > 0).length === 1
      ? told('grew once', `It grew in one interval and stayed there (${path}).`)
      : told('saturating', `It grew at first and then stopped (${path}).`)
  if (!isUpSinceThen)
    return told(
      'cannot tell',
      `It grew in some intervals and not in others (${path}): later captures decide.`,
    )
  if (firstUp === signs.length - 1)
    return told(
      'cannot tell',
      `It grew only since the last capture but one (${path}): another capture decides.`,
    )
  const earlier = rates.slice(firstUp, -1)
  const usual = earlier.reduce((sum, rate) => sum + rate, 0) / earlier.length
  if (last < SUSTAINED * usual)
    return told(
      'saturating',
      `It still grows, but the last ${unit} is ${percent(last / usual)} of the earlier ones (${path}).`,
    )
  if (firstUp > 0)
    return {
      shape: 'cannot tell',
      reason: `It has grown in every interval since capture ${firstUp + 1}, not before (${path}).`,
      isSuspect: true,
    }
  return {
    shape: 'growing every time',
    reason: `It grew in each of ${steps.length} intervals, the last ${unit} at ${percent(last / usual)} of the earlier ones (${path}).`,
    isSuspect: true,
  }
}

/** Growth per request where every interval served some; else growth per interval. */
function intervalRates(steps: readonly number[], requests: readonly number[] | undefined): readonly number[] {
  if (requests === undefined) return steps
  return steps.map((step, i) => step / (requests[i + 1]! - requests[i]!))
}

const told = (shape: GrowthShape, reason: string): ShapeReading => ({ shape, reason, isSuspect: false })
const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`
