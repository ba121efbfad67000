import { formatByteChange } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { shiftedP } from './permutation.ts'
import { lives } from './restarts.ts'
import type { Samples } from './samples.ts'
import { commonBlocks } from './where-it-grows-blocks.ts'

/** A stretch in which something was different: a server was down. Epoch milliseconds. */
export interface Band {
  readonly label: string
  readonly from: number
  readonly to: number
}

/** Growth inside of the bands against outside. Plain JSON. */
export interface NaturalExperiment {
  /** Bytes per hour; null when either side is too short. */
  readonly inside: number | null
  readonly outside: number | null
  /** One-sided: how often bands of this shape at any other time would show as large a difference. */
  readonly p: number | null
  readonly verdict: 'faster-inside' | 'no-difference' | 'cannot-tell'
  readonly words: string
}

const MOST_STEPS = 360
const FEWEST_STEPS = 6
const SURE = 0.05
const HOUR_MS = 3600_000

/**
 * Does memory grow faster inside of the bands? The mean slope inside less that outside, against the same difference with the
 * bands moved to every other place in time. Steps across a restart are left out. Bands have to be known from elsewhere: drawn
 * around the growth they prove nothing. O(samples + steps²).
 */
export function naturalExperiment(rss: Samples, bands: readonly Band[]): NaturalExperiment {
  const unknown = (words: string): NaturalExperiment => ({
    inside: null,
    outside: null,
    p: null,
    verdict: 'cannot-tell',
    words,
  })
  const n = rss.t.length
  if (n < 2 || bands.length === 0) return unknown('No band is marked on the graph.')
  const from = rss.t[0]!
  const to = rss.t[n - 1]!
  const { t, columns } = commonBlocks([{ samples: rss }], from, to, Math.min(MOST_STEPS, n >>> 1))
  const level = columns[0]!
  const restarts = lives(rss).restarts
  const steps = Array.from({ length: Math.max(0, t.length - 1) }, (_, i) => ({
    rate: ((level[i + 1]! - level[i]!) / (t[i + 1]! - t[i]!)) * HOUR_MS,
    middle: (t[i]! + t[i + 1]!) / 2,
    crosses: restarts.some(({ at }) => at > t[i]! && at <= t[i + 1]!),
  })).filter(({ crosses }) => !crosses)
  const pattern = Uint8Array.from(steps, ({ middle }) =>
    bands.some((band) => band.from <= middle && middle < band.to) ? 1 : 0,
  )
  const count = pattern.reduce((sum, one) => sum + one, 0)
  if (count < FEWEST_STEPS || pattern.length - count < FEWEST_STEPS)
    return unknown('Too little time lies inside of the bands, or outside of them.')
  const means = (mask: Uint8Array) => {
    let inside = 0
    let outside = 0
    for (let i = 0; i < mask.length; i++) {
      if (mask[i] === 1) inside += steps[i]!.rate
      else outside += steps[i]!.rate
    }
    return { inside: inside / count, outside: outside / (mask.length - count) }
  }
  const { inside, outside } = means(pattern)
  const p = shiftedP(pattern, (mask) => {
    const moved = means(mask)
    return moved.inside - moved.outside
  })
  const rate = (value: number) => `${formatByteChange(bytes(value))}/h`
  const compared = `${rate(inside)} inside of the bands, ${rate(outside)} outside`
  const chance = p < 0.001 ? 'p < 0.001' : `p = ${p.toPrecision(2)}`
  return p < SURE
    ? { inside, outside, p, verdict: 'faster-inside', words: `Faster inside: ${compared} (${chance}).` }
    : {
        inside,
        outside,
        p,
        verdict: 'no-difference',
        words: `No difference can be told: ${compared} (${chance}).`,
      }
}
