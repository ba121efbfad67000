import type { Samples } from '#lib/series/samples'
import { normal, seeded } from '#test/unit/series/draw-series'

export const T0 = 1_795_000_000_000
export const WEEK = 604_800

/** Series such as processes make, each with its seed. Values are in bytes, or counts. */
export const KINDS: readonly (readonly [string, (count: number) => Samples])[] = [
  ['RSS of a process, on the second', (count) => ({ t: everySecond(count), v: resident(count) })],
  ['the same, ± 4 ms late', (count) => ({ t: late(count), v: resident(count) })],
  [
    'the same, from an agent that drifts by 5 ms a second',
    (count) => ({ t: drifting(count), v: resident(count) }),
  ],
  ['managed heap with a collector’s saw, to the byte', (count) => ({ t: everySecond(count), v: saw(count) })],
  ['cumulative counter, 580 a second', (count) => ({ t: everySecond(count), v: counter(count) })],
  ['a tool’s “312.4 MiB”', (count) => ({ t: everySecond(count), v: rounded(count) })],
  [
    'RSS, one sample a minute',
    (count) => ({ t: everySecond(count).map((t) => T0 + (t - T0) * 60), v: resident(count) }),
  ],
  ['worst case: white noise of ± 0.8 MiB in pages', noisy],
]

const everySecond = (count: number) => Float64Array.from({ length: count }, (_, i) => T0 + i * 1000)

function late(count: number): Float64Array {
  const random = seeded(2)
  return everySecond(count).map((at) => at + Math.round(4 * normal(random)))
}

function drifting(count: number): Float64Array {
  const random = seeded(3)
  let behind = 0
  return everySecond(count).map((at) => {
    behind += Math.round(3 + 2 * Math.abs(normal(random)))
    return at + behind
  })
}

/** Grows by pages now and then, gives some back. */
function resident(count: number): Float64Array {
  const random = seeded(4)
  let pages = 40_000
  return Float64Array.from({ length: count }, () => {
    const chance = random()
    if (chance < 0.12) pages += Math.round(8 * Math.abs(normal(random)))
    else if (chance < 0.15) pages -= Math.round(20 * Math.abs(normal(random)))
    return 4096 * pages
  })
}

function saw(count: number): Float64Array {
  const random = seeded(5)
  let used = 0
  return Float64Array.from({ length: count }, () => {
    used += Math.round(200_000 * (0.5 + random()))
    if (used > 3e7) used = 0
    return 5e7 + used
  })
}

function counter(count: number): Float64Array {
  const random = seeded(6)
  let served = 0
  return Float64Array.from({ length: count }, () => {
    served += Math.round(580 + 25 * normal(random))
    return served
  })
}

function rounded(count: number): Float64Array {
  const random = seeded(7)
  const tenths = (i: number) => Math.round((300 + i * 1e-4 + normal(random)) * 10) / 10
  return Float64Array.from({ length: count }, (_, i) => tenths(i) * 1024 ** 2)
}

/** Memory in pages that grows a little under white noise, one sample a second. */
export function noisy(count: number, seed = 1): Samples {
  const random = seeded(seed)
  const t = everySecond(count)
  return { t, v: t.map((_, i) => 4096 * Math.round(50_000 + i * 0.01 + 200 * normal(random))) }
}
