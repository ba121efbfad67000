import type { Condition } from '#lib/experiments/order'
import { normal, seeded } from '#lib/experiments/random'

const MIB = 1024 ** 2
export const RUN_START = 1_795_000_000_000

export interface DrawnRun {
  readonly seed: number
  /** Bytes per second. */
  readonly perSecond: number
  readonly seconds?: number
  readonly startMs?: number
  /** Sent as the condition; absent: not said. */
  readonly condition?: Condition
  readonly hasEnd?: boolean
}

/**
 * What `leakroom watch` sends of one run at one sample a second: a warm-up, noise that resembles its neighbours, growth, and
 * 100 iterations a second.
 */
export function runLines(run: string, drawn: DrawnRun): string {
  const { seed, perSecond, seconds = 300, startMs = RUN_START, condition, hasEnd = true } = drawn
  const random = seeded(seed)
  const process = `experiment ${run}`
  const name = `${run}${condition ?? ''}`
  let wander = 0
  const lines = Array.from({ length: seconds }, (_, i) => {
    wander = 0.6 * wander + 0.3 * MIB * normal(random)
    const rss = 80 * MIB + 20 * MIB * (1 - Math.exp(-i / 15)) + perSecond * i + wander
    const whose = { t: startMs + i * 1000, process, pid: 100, run: name }
    return [
      { ...whose, series: 'rss', v: Math.round(rss + 4 * MIB), unit: 'bytes' },
      { ...whose, series: 'rss_anon', v: Math.round(rss), unit: 'bytes' },
      { ...whose, series: 'iterations', v: 100 * i, unit: 'count' },
    ]
  }).flat()
  const end = hasEnd ? [{ run: name, end: true, process }] : []
  return [...lines, ...end].map((line) => JSON.stringify(line)).join('\n')
}
