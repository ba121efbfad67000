import type { Samples } from '#lib/series/samples'
import { drawSeries, normal, seeded } from './draw-series.ts'

const MIB = 1024 ** 2

/** One kind of process whose truth is known, because we made it. One sample a second. */
export interface Synthetic {
  readonly name: string
  /** Does memory really grow without end? */
  readonly grows: boolean
  /** The planted rate in bytes a second, where there is one. */
  readonly bytesPerSecond?: number
  draw(seed: number, seconds: number): Samples
}

/** Memory per second of one process; made anew for each seed, because noise has a memory of its own. */
type Process = (random: () => number) => (second: number, seconds: number) => number

const kind = (name: string, process: Process, bytesPerSecond?: number): Synthetic => ({
  name,
  grows: bytesPerSecond !== undefined,
  ...(bytesPerSecond !== undefined && { bytesPerSecond }),
  draw(seed, seconds) {
    const value = process(seeded(seed))
    return drawSeries(seconds, (second) => value(second, seconds))
  },
})

const plateau = (tau: number): Synthetic =>
  kind(
    `plateau, τ = ${tau} s`,
    (random) => (s) => 100 * MIB + 80 * MIB * (1 - Math.exp(-s / tau)) + normal(random) * MIB,
  )

const RATE = 0.1 * MIB
const warmGrowth = (tau: number): Synthetic =>
  kind(
    `growth 0.1 MiB/s after a warm-up, τ = ${tau} s`,
    (random) => (s) => 200 * MIB + 60 * MIB * (1 - Math.exp(-s / tau)) + s * RATE + normal(random) * MIB,
    RATE,
  )

/** Every kind of the table in docs/memory-graphs.md, in its order. `npx tsx bench/series/synthetic.ts` measures them. */
export const SYNTHETIC: readonly Synthetic[] = [
  kind('flat, AR(1) noise (0.9; 0.5 MiB)', (random) => {
    let drift = 0
    return () => {
      drift = 0.9 * drift + normal(random)
      return 200 * MIB + drift * 0.5 * MIB
    }
  }),
  kind('one step of 60 MiB', (random) => {
    const share = 0.2 + 0.6 * random()
    return (s, seconds) => (s < share * seconds ? 100 : 160) * MIB + normal(random) * MIB
  }),
  kind('collector’s saw, 40 MiB deep', (random) => {
    const period = 10 + Math.floor(30 * random())
    return (s) => 150 * MIB + (40 * MIB * (s % period)) / period + normal(random) * MIB
  }),
  plateau(60),
  plateau(120),
  plateau(200),
  plateau(300),
  plateau(600),
  plateau(1200),
  plateau(2400),
  kind('random walk (0.2 MiB a second)', (random) => {
    let level = 200 * MIB
    return () => {
      level += normal(random) * 0.2 * MIB
      return level
    }
  }),
  kind(
    'growth 0.1 MiB/s, noise 2 MiB',
    (random) => (s) => 200 * MIB + s * RATE + normal(random) * 2 * MIB,
    RATE,
  ),
  warmGrowth(30),
  warmGrowth(60),
  warmGrowth(150),
]

/**
 * A day at a sample a minute without pids: memory climbs from 300 to about 900 MiB and is started anew by a script every
 * three to eight hours, with a collector's saw of up to 20 % on it. `restarts` are the true moments.
 */
export function drawRestarts(seed: number): { samples: Samples; restarts: readonly number[] } {
  const random = seeded(seed)
  const every = 180 + Math.floor(300 * random())
  const depth = 0.2 * random()
  const period = 5 + Math.floor(20 * random())
  const { t, v } = drawSeries(1440, (minute) => {
    const level = 300 + (600 * (minute % every)) / every
    return level * (1 - depth * ((minute % period) / period)) * MIB + normal(random) * 4 * MIB
  })
  const minutes = t.map((_, i) => t[0]! + i * 60_000)
  const restarts = [...minutes].filter((_, i) => i > 0 && i % every === 0)
  return { samples: { t: minutes, v }, restarts }
}

/** A day at a sample a minute without pids and without a restart: a collector's saw of this depth on a warm process. */
export function drawDeepSaw(seed: number, depth: number): Samples {
  const random = seeded(seed)
  const period = 5 + Math.floor(120 * random())
  const { t, v } = drawSeries(
    1440,
    (minute) => 800 * MIB * (1 - depth * (1 - (minute % period) / period)) + normal(random) * 4 * MIB,
  )
  return { t: t.map((_, i) => t[0]! + i * 60_000), v }
}
