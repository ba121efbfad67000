import type { Samples } from '#lib/series/samples'
import { normal, seeded } from './draw-series.ts'

/**
 * Production graphs whose truth is known: hours to days at one sample a minute, of a service of 300 to 1,500 MiB. Every
 * series has noise of 0.3 to 3 % of that with a memory of 1 to 90 minutes (AR(1)), and 40 % have a collector's saw of 3 to
 * 20 %, 3 to 60 minutes long. docs/memory-graphs.md has the table; `npx tsx bench/series/hours.ts` measures it.
 */
export interface Hours {
  readonly name: string
  /** Does memory really grow without end? */
  readonly grows: boolean
  draw(seed: number, hours: number): Drawn
}

export interface Drawn {
  readonly samples: Samples
  /** The planted rate, bytes per hour. */
  readonly bytesPerHour: number
}

type Random = () => number
/** What is added to the level, as a share of it; `x` runs from 0 to 1 through the data, `h` counts hours. */
type Curve = (x: number, h: number) => number

const between = (random: Random, low: number, high: number) => low + (high - low) * random()
const logBetween = (random: Random, low: number, high: number) => low * (high / low) ** random()

const MIB = 1024 ** 2
const MINUTE_MS = 60_000
const START_MS = 1_795_000_000_000

const kind = (
  name: string,
  curve: (random: Random, hours: number) => Curve,
  { grows = 0, saw }: { grows?: number; saw?: boolean } = {},
): Hours => ({
  name,
  grows: grows > 0,
  draw(seed, hours) {
    const random = seeded(seed)
    const level = logBetween(random, 300, 1500) * MIB
    const noise = logBetween(random, 0.003, 0.03) * level
    const memory = Math.exp(-1 / logBetween(random, 1, 90))
    const hasSaw = saw ?? random() < 0.4
    const depth = between(random, 0.03, 0.2) * level
    const period = between(random, 3, 60)
    const at = curve(random, hours)
    const count = hours * 60
    const t = new Float64Array(count)
    const v = new Float64Array(count)
    let drift = normal(random)
    for (let i = 0; i < count; i++) {
      drift = memory * drift + Math.sqrt(1 - memory * memory) * normal(random)
      t[i] = START_MS + i * MINUTE_MS
      const tooth = hasSaw ? depth * ((i % period) / period) : 0
      v[i] = level * (1 + at(i / count, i / 60)) + noise * drift + tooth
    }
    return { samples: { t, v }, bytesPerHour: (grows * level) / hours }
  },
})

const approach = (x: number, tau: number) => 1 - Math.exp(-x / tau)

const daily = (random: Random): Curve => {
  const swing = between(random, 0.03, 0.15)
  const phase = 2 * Math.PI * random()
  const second = 0.3 * random()
  const other = 2 * Math.PI * random()
  return (_, h) =>
    (swing / 2) *
    (Math.sin((2 * Math.PI * h) / 24 + phase) + second * Math.sin((2 * Math.PI * h) / 12 + other))
}

const warmUp = (random: Random): Curve => {
  const height = between(random, 0.1, 0.5)
  const tau = between(random, 0.02, 0.08)
  return (x) => height * approach(x, tau)
}

/** Traffic that follows the day and bursts; growth follows its sum. Reaches 1 at the end. */
const traffic = (random: Random, hours: number): Curve => {
  const phase = 2 * Math.PI * random()
  const depth = between(random, 0.3, 0.8)
  const sums = [0]
  for (let i = 0; i < hours * 60; i++) {
    sums.push(sums[i]! + 1 + depth * Math.sin((2 * Math.PI * i) / 1440 + phase))
  }
  return (x) => sums[Math.round(x * hours * 60)]! / sums[sums.length - 1]!
}

const GROWTH = [0.05, 0.15, 0.4]
const growing = (name: string, base: (random: Random, hours: number) => Curve): Hours[] =>
  GROWTH.map((grows) =>
    kind(
      `${name} +${Math.round(100 * grows)} %`,
      (random, hours) => {
        const at = base(random, hours)
        return (x, h) => at(x, h) + grows * x
      },
      { grows },
    ),
  )

/** Every kind of the table, in its order. */
export const HOURS: readonly Hours[] = [
  kind('flat', () => () => 0, { saw: false }),
  kind('flat, collector’s saw', () => () => 0, { saw: true }),
  kind('daily cycle of 3–15 %', daily),
  kind('1–3 steps of 5–40 %', (random) => {
    const steps = Array.from({ length: 1 + Math.floor(3 * random()) }, () => ({
      at: between(random, 0.1, 0.9),
      by: between(random, 0.05, 0.4),
    }))
    return (x) => steps.reduce((sum, step) => sum + (x >= step.at ? step.by : 0), 0)
  }),
  kind('plateau, τ ≤ a sixth', (random) => {
    const height = between(random, 0.1, 0.6)
    const tau = between(random, 0.03, 1 / 6)
    return (x) => height * approach(x, tau)
  }),
  kind('plateau, τ a third to all', (random) => {
    const height = between(random, 0.1, 0.6)
    const tau = between(random, 1 / 3, 1)
    return (x) => (height * approach(x, tau)) / approach(1, tau)
  }),
  kind('logarithm', (random) => {
    const height = between(random, 0.1, 0.6)
    const tau = between(random, 0.01, 0.2)
    return (x) => (height * Math.log(1 + x / tau)) / Math.log(1 + 1 / tau)
  }),
  kind('random walk', (random, hours) => {
    const step = between(random, 0.05, 0.2) / Math.sqrt(hours * 60)
    let level = 0
    return () => {
      level += step * normal(random)
      return level
    }
  }),
  ...growing('growth', () => () => 0),
  ...growing('warm-up, then growth', warmUp),
  ...growing('daily cycle and growth', daily),
  ...GROWTH.map((grows) =>
    kind(
      `growth with traffic +${Math.round(100 * grows)} %`,
      (random, hours) => {
        const at = traffic(random, hours)
        return (x) => grows * at(x, 0)
      },
      { grows },
    ),
  ),
]
