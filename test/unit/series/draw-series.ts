import { readFileSync } from 'node:fs'
import { importSeries } from '#lib/formats/series-index'
import type { Phase } from '#lib/series/reading'
import type { Samples } from '#lib/series/samples'

/** One sample a second from a value per second. */
export function drawSeries(
  seconds: number,
  value: (second: number) => number,
  pid?: (second: number) => number,
): Samples {
  const t = Float64Array.from({ length: seconds }, (_, i) => 1_795_000_000_000 + i * 1000)
  const v = Float64Array.from({ length: seconds }, (_, i) => value(i))
  return pid ? { t, v, pids: Float64Array.from({ length: seconds }, (_, i) => pid(i)) } : { t, v }
}

/** Random numbers with a seed, 0 to 1: the same on every machine (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** About normal: the sum of twelve. */
export const normal = (random: () => number): number => {
  let sum = -6
  for (let i = 0; i < 12; i++) sum += random()
  return sum
}

/** RSS of a fixture, with its pids and phases. */
export function fixture(name: string): { samples: Samples; phases: readonly Phase[] } {
  const text = readFileSync(`test/fixtures/series/${name}`, 'utf8')
  const read = importSeries(text, name, { nowMs: 1_795_430_000_000, zoneMinutes: 0, answers: {} })
  const rss = read.series.find((one) => one.name === 'rss')
  if (!rss) throw new Error(`${name} has no RSS`)
  return { samples: rss.samples, phases: read.phases }
}
