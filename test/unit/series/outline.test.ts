import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { downsample, stepFor, stepStart, thinned } from '#lib/series/downsample'
import { breaksOf, COARSE_SAMPLES, FINE_SAMPLES, levelStep, levelsOf, outlineOf } from '#lib/series/outline'
import { lives } from '#lib/series/restarts'
import { cleanSamples, joinedSamples, type Samples, samplesBetween, sliceSamples } from '#lib/series/samples'
import { drawSeries, normal, seeded } from './draw-series.ts'
import { drawRestarts } from './synthetic.ts'

const arbitrary = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 50 })), {
    minLength: 1,
    maxLength: 600,
  })
  .map((rows) =>
    cleanSamples({ t: Float64Array.from(rows, ([t]) => t), v: Float64Array.from(rows, ([, v]) => v) }),
  )

const expectSame = (one: Samples, other: Samples) => {
  expect([...one.t]).toEqual([...other.t])
  expect([...one.v]).toEqual([...other.v])
}
const inChunks = (samples: Samples, length: number): Samples[] =>
  Array.from({ length: Math.ceil(samples.t.length / length) }, (_, k) =>
    sliceSamples(samples, k * length, Math.min(samples.t.length, (k + 1) * length)),
  )
const breaksInChunks = (samples: Samples, length: number) =>
  breaksOf(inChunks(samples, length).map(outlineOf))

describe('levels', () => {
  it('[SER103] at every zoom a level shows what the samples show, also over the ends of chunks (property, seed 20267)', () => {
    const powers = fc.integer({ min: 0, max: 18 })
    fc.assert(
      fc.property(arbitrary, powers, powers, fc.integer({ min: 1, max: 200 }), (samples, a, b, length) => {
        const [fine, coarse] = [2 ** Math.min(a, b), 2 ** Math.max(a, b)]
        const parts = inChunks(samples, length).map((chunk) => thinned(chunk, fine))
        expectSame(thinned(joinedSamples(parts), coarse), thinned(samples, coarse))
      }),
      { seed: 20267, numRuns: 300 },
    )
  })

  it('[SER103] a single sample that is highest is there at every zoom and place (seed 4)', () => {
    const random = seeded(4)
    const samples = drawSeries(70_000, (s) => (s === 43_210 ? 9e9 : 5e7 + 1e5 * normal(random)))
    const { fine, coarse } = levelsOf(samples, outlineOf(samples))
    const spike = samples.t[43_210]!
    for (let step = 1; step < 2 ** 28; step *= 2) {
      const level = [fine, coarse, samples].map((few) => thinned(few, step))
      for (const few of level) expect(few.v[few.t.indexOf(spike)]).toBe(9e9)
    }
  })

  it('[SER103] a step holds what a level promises, is a part of the next one’s, and stands still while the graph moves', () => {
    const week = drawSeries(604_800, (s) => s)
    const run = outlineOf(week)
    const [fine, coarse] = [levelStep(run, FINE_SAMPLES), levelStep(run, COARSE_SAMPLES)]
    expect([fine / 1000 >= FINE_SAMPLES, coarse / 1000 >= COARSE_SAMPLES, coarse % fine]).toEqual([
      true,
      true,
      0,
    ])
    const step = stepFor(3600_000, 1000)
    expect(3600_000 / step).toBeGreaterThanOrEqual(1000)
    expect(3600_000 / step).toBeLessThan(2000)
    const from = stepStart(week.t[5000]!, step)
    const one = thinned(samplesBetween(week, from, from + 100 * step - 1), step)
    const moved = thinned(samplesBetween(week, from + 40 * step, from + 140 * step - 1), step)
    const common = (samples: Samples) => samplesBetween(samples, from + 40 * step, from + 100 * step - 1)
    expectSame(common(moved), common(one))
  })

  it('[SER10] few samples come back whole, and never more than four and six for a pixel (property, seed 20268)', () => {
    fc.assert(
      fc.property(arbitrary, fc.integer({ min: 1, max: 40 }), (samples, width) => {
        const few = downsample(samples, 0, 100_000, width)
        if (samples.t.length <= 4 * width) expectSame(few, samples)
        expect(few.t.length).toBeLessThanOrEqual(4 * width + 6)
      }),
      { seed: 20268 },
    )
  })
})

describe('outlines', () => {
  it('[SER104] restarts without pids are those that the samples tell, wherever chunks end (seeds 1–20)', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { samples } = drawRestarts(seed)
      const told = lives(samples).restarts.map(({ at }) => at)
      for (const length of [300, 997, 65_536]) {
        const found = breaksInChunks(samples, length).restarts.map(({ at }) => at)
        expect(found, `seed ${seed}, chunks of ${length}`).toEqual(told)
      }
    }
  })

  it('[SER104] nor is a collector’s saw a restart, or a fall that comes back in the next chunk', () => {
    const saw = drawSeries(60_000, (s) => 5e7 + (s % 600) * 1e5)
    expect(lives(saw).restarts).toEqual([])
    for (const length of [4096, 20_000, 60_000]) expect(breaksInChunks(saw, length).restarts).toEqual([])
    const dip = drawSeries(3000, (s) => (s >= 990 && s < 1100 ? 3e7 : 1e8))
    expect(lives(dip).restarts).toEqual([])
    for (const length of [995, 1000, 1095, 3000]) expect(breaksInChunks(dip, length).restarts).toEqual([])
  })

  it('[SER104] another pid is one, in a chunk and from one to the next; known pids overrule falls', () => {
    const samples = drawSeries(
      4000,
      (s) => (s < 2500 ? 5e8 : 5e7),
      (s) => (s < 1000 ? 7 : s < 2000 ? 8 : s < 2100 ? 0 : 9),
    )
    const told = lives(samples).restarts
    expect(told.map(({ pidAfter }) => pidAfter)).toEqual([8, 9])
    for (const length of [700, 1000, 2050, 4000])
      expect(breaksInChunks(samples, length).restarts).toEqual(told)
  })

  it('[SER104] gaps are found in chunks and between them', () => {
    const whole = drawSeries(3000, () => 1)
    const t = whole.t.map((at, i) => at + (i >= 1000 ? 90_000 : 0) + (i >= 2500 ? 600_000 : 0))
    const gap = (i: number) => ({ from: t[i - 1], to: t[i] })
    for (const length of [500, 1000, 1700, 3000])
      expect(breaksInChunks({ t, v: whole.v }, length).gaps).toEqual([gap(1000), gap(2500)])
  })
})
