import { describe, expect, it } from 'vitest'
import { readSeries } from '#lib/series/read-series'
import { HOURS } from './hours.ts'

/** Seeds of these rows only; docs/memory-graphs.md stands for others and more of them. */
const FIRST_SEED = 9001
const SEEDS = 30

/** Per cent called growing, of `SEEDS` production graphs of a kind and length; `most` and `least` are the promises. */
const ROWS: readonly {
  readonly name: string
  readonly hours: number
  readonly growing: number
  readonly most?: number
  readonly least?: number
}[] = [
  { name: 'flat', hours: 24, growing: 0, most: 1 },
  { name: 'flat, collector’s saw', hours: 24, growing: 0, most: 1 },
  { name: 'daily cycle of 3–15 %', hours: 72, growing: 0, most: 1 },
  { name: '1–3 steps of 5–40 %', hours: 24, growing: 0, most: 1 },
  { name: 'plateau, τ ≤ a sixth', hours: 24, growing: 0, most: 1 },
  { name: 'plateau, τ a third to all', hours: 24, growing: 5 },
  { name: 'logarithm', hours: 24, growing: 3 },
  { name: 'random walk', hours: 24, growing: 0 },
  { name: 'growth +40 %', hours: 24, growing: 100, least: 95 },
  { name: 'growth +15 %', hours: 72, growing: 100, least: 95 },
  { name: 'warm-up, then growth +40 %', hours: 72, growing: 100, least: 95 },
  { name: 'daily cycle and growth +15 %', hours: 72, growing: 97, least: 95 },
  { name: 'daily cycle and growth +15 %', hours: 24, growing: 7 },
  { name: 'growth with traffic +15 %', hours: 72, growing: 100, least: 95 },
]

describe('production graphs whose truth is known', () => {
  for (const { name, hours, growing, most, least } of ROWS) {
    it(`[SER46] ${name}, ${hours} h: ${growing} of 100 are called growing, give or take 3 (seeds ${FIRST_SEED}–${FIRST_SEED + SEEDS - 1})`, () => {
      const one = HOURS.find((candidate) => candidate.name === name)
      if (!one) throw new Error(`no production graph is called ${name}`)
      let count = 0
      for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
        if (readSeries(one.draw(seed, hours).samples).reading.kind === 'growing') count++
      }
      const share = (100 * count) / SEEDS
      expect(Math.abs(share - growing), `${share} %`).toBeLessThanOrEqual(3)
      if (most !== undefined) expect(share).toBeLessThanOrEqual(most)
      if (least !== undefined) expect(share).toBeGreaterThanOrEqual(least)
    })
  }
})
