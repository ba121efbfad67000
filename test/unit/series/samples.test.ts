import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { downsample } from '#lib/series/downsample'
import { gaps } from '#lib/series/gaps'
import { lives } from '#lib/series/restarts'
import { cleanSamples, joinedSamples, mergedSamples, samplesBetween, sliceSamples } from '#lib/series/samples'
import { median, quantileOfSorted } from '#lib/series/statistics'
import { drawSeries, seeded } from './draw-series.ts'
import { drawRestarts } from './synthetic.ts'

const arbitrary = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 1e9 })), { maxLength: 400 })
  .map((rows) => ({ t: Float64Array.from(rows, ([t]) => t), v: Float64Array.from(rows, ([, v]) => v) }))

describe('cleaning samples', () => {
  it('[SER01] sorts by time and lets the last of one moment win', () => {
    const clean = cleanSamples({ t: Float64Array.of(3, 1, 3, 2), v: Float64Array.of(30, 10, 31, 20) })
    expect([...clean.t]).toEqual([1, 2, 3])
    expect([...clean.v]).toEqual([10, 20, 31])
  })

  it('[SER02] drops what is not a number', () => {
    const clean = cleanSamples({ t: Float64Array.of(1, 2, Number.NaN), v: Float64Array.of(1, Number.NaN, 3) })
    expect([...clean.t]).toEqual([1])
  })

  it('[SER03] delivered twice is delivered once (property, seed 20260)', () => {
    fc.assert(
      fc.property(arbitrary, (samples) => {
        const once = cleanSamples(samples)
        const twice = mergedSamples(once, samples)
        expect([...twice.t]).toEqual([...once.t])
        expect([...twice.v]).toEqual([...once.v])
      }),
      { seed: 20260 },
    )
  })
})

describe('downsampling', () => {
  it('[SER10] keeps the lowest, the highest, the first and the last sample (property, seed 20261)', () => {
    fc.assert(
      fc.property(arbitrary, fc.integer({ min: 1, max: 60 }), (samples, width) => {
        const clean = cleanSamples(samples)
        if (clean.t.length === 0) return
        const few = downsample(clean, 0, 5000, width)
        expect(few.t.length).toBeLessThanOrEqual(4 * width + 6)
        expect(Math.min(...few.v)).toBe(Math.min(...clean.v))
        expect(Math.max(...few.v)).toBe(Math.max(...clean.v))
        expect(few.t[0]).toBe(clean.t[0])
        expect(few.t[few.t.length - 1]).toBe(clean.t[clean.t.length - 1])
        expect(cleanSamples(few)).toBe(few)
      }),
      { seed: 20261 },
    )
  })

  it('[SER11] takes only what lies in the range, ends included', () => {
    const series = drawSeries(100, (s) => s)
    const part = samplesBetween(series, series.t[10]!, series.t[20]!)
    expect([...part.v]).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20])
  })
})

describe('restarts and gaps', () => {
  it('[SER12] another pid is a restart, whatever the memory does', () => {
    const series = drawSeries(
      100,
      () => 5e7,
      (s) => (s < 40 ? 100 : 200),
    )
    expect(lives(series).restarts).toEqual([
      { at: series.t[40], because: 'pid', pidBefore: 100, pidAfter: 200 },
    ])
  })

  it('[SER13] the same pid is no restart, however deep the fall', () => {
    const series = drawSeries(
      100,
      (s) => (s < 50 ? 5e8 : 5e7),
      () => 100,
    )
    expect(lives(series).restarts).toEqual([])
  })

  it('[SER14] without pids, a fall to the start level is one, marked as inferred', () => {
    const series = drawSeries(2000, (s) => 5e7 + (s % 1000) * 1e5)
    expect(lives(series).restarts).toEqual([{ at: series.t[1000], because: 'fall' }])
  })

  it('[SER15] a cache that is flushed to well above the start level is none', () => {
    const series = drawSeries(2000, (s) => 5e7 + (s < 1000 ? s * 3e5 : 1.5e8 + (s - 1000) * 1e5))
    expect(lives(series).restarts).toEqual([])
  })

  it('[SER16] a pause of more than a minute and five spacings is a gap', () => {
    const series = drawSeries(10, () => 1)
    const t = series.t.map((at, i) => (i < 5 ? at : at + 120_000))
    expect(gaps(t)).toEqual([{ from: t[4], to: t[5] }])
    expect(gaps(series.t)).toEqual([])
  })
})

describe('many samples', () => {
  it('[SER17] the middle value is what sorting gives, whatever the order (property, seed 20262)', () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 600 })
    fc.assert(
      fc.property(values, (list) => {
        for (const order of [list, list.toSorted((a, b) => a - b), list.toSorted((a, b) => b - a)]) {
          const column = Float64Array.from(order)
          expect(median(column)).toBe(quantileOfSorted(column.slice().sort(), 0.5))
          expect([...column]).toEqual(order)
        }
      }),
      { seed: 20262, numRuns: 200 },
    )
  })

  it('[SER18] parts that follow each other are one again, with the pids that some of them know', () => {
    const whole = drawSeries(
      100,
      (s) => s,
      (s) => (s < 50 ? 7 : 8),
    )
    const { t, v } = sliceSamples(whole, 0, 30)
    const joined = joinedSamples([{ t, v }, sliceSamples(whole, 30, 30), sliceSamples(whole, 30, 100)])
    expect([...joined.t]).toEqual([...whole.t])
    expect([joined.pids?.[0], joined.pids?.[30], joined.pids?.[99]]).toEqual([0, 7, 8])
    expect(joinedSamples([]).t.length).toBe(0)
  })

  it('[SER19] restarts without pids are found where they were planted (seeds 1–20)', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { samples, restarts } = drawRestarts(seed)
      const found = lives(samples).restarts
      expect(found).toHaveLength(restarts.length)
      // The lowest of the first three samples, a minute apart.
      for (const [i, { at }] of found.entries()) expect(Math.abs(at - restarts[i]!)).toBeLessThan(180_000)
    }
  })

  it('[SER19] also among more samples than the spread is taken from', () => {
    const random = seeded(3)
    const samples = drawSeries(60_000, (s) => 100e6 + (s % 20_000) * 10_000 + random() * 1e6)
    const found = lives(samples).restarts.map(({ at }) => (at - samples.t[0]!) / 20_000_000)
    expect(found.map((at) => Number(at.toFixed(3)))).toEqual([1, 2])
  })
})
