import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { importSeries } from '#lib/formats/series-index'
import type { Samples } from '#lib/series/samples'
import { placeOfGrowth } from '#lib/series/where-it-grows'
import { drawSeries, fixture, normal, seeded } from './draw-series.ts'

const MB = 1e6
const article = () => {
  const text = readFileSync('test/fixtures/series/rss-3phase.csv', 'utf8')
  const read = importSeries(text, 'rss-3phase.csv', { nowMs: 1_795_430_000_000, zoneMinutes: 0, answers: {} })
  const named = (name: string) => read.series.find((one) => one.name === name)?.samples
  return { phases: read.phases, named }
}

/** A process of ten minutes: how its parts rise in MB a second, with a little noise on each. */
function process(seed: number, rise: { outside?: number; live?: number; slack?: number; bend?: number }) {
  const random = seeded(seed)
  const noise = () => normal(random) * 0.2 * MB
  const seconds = 600
  const live = drawSeries(seconds, (i) => 60 * MB + i * (rise.live ?? 0) * MB + noise())
  const heapCommitted: Samples = {
    t: live.t,
    v: live.v.map((value, i) => value + 20 * MB + i * (rise.slack ?? 0) * MB),
  }
  const outside = (i: number) =>
    rise.bend ? rise.bend * MB * (1 - Math.exp(-i / 400)) : i * (rise.outside ?? 0) * MB
  const rss: Samples = {
    t: live.t,
    v: heapCommitted.v.map((value, i) => value + 80 * MB + outside(i) + noise()),
  }
  return { rss, heapCommitted, heapLive: live }
}

describe('where it grows', () => {
  it('finds the article’s growth outside of the managed heap, with and without the phases’ names', () => {
    const { phases, named } = article()
    const rss = named('rss')!
    for (const given of [phases, []]) {
      const verdict = placeOfGrowth({
        rss,
        heapCommitted: named('heap-committed'),
        heapLive: named('heap-live'),
        liveSlots: named('heap-live-slots'),
        gcCount: named('gc-count'),
        question: { phases: given },
      })
      expect(verdict.place).toBe('native')
      expect(verdict.share!.low).toBeGreaterThan(0.9)
      expect(verdict.share!.high).toBeLessThan(1.1)
      expect(verdict.words).toContain('outside of the managed heap')
    }
  })

  it('says cannot tell for the article’s graph when only Ruby’s slots are known, and what would decide', () => {
    const { phases, named } = article()
    const verdict = placeOfGrowth({
      rss: named('rss')!,
      liveSlots: named('heap-live-slots'),
      question: { phases },
    })
    expect(verdict.place).toBe('cannot-tell')
    expect(verdict.wouldDecide).toMatch(/memsize_of_all|captures/)
    const slots = placeOfGrowth({
      rss: named('rss')!,
      heapCommitted: named('heap-committed'),
      liveSlots: named('heap-live-slots'),
      question: { phases },
    })
    expect(slots.place).toBe('cannot-tell')
  })

  it('finds the Ruby app’s growth in its objects from three captures and resident memory at their times', () => {
    const at = (i: number) => 1_795_000_000_000 + i * 60_000
    const rss = {
      t: Float64Array.from([at(0), at(1), at(2)]),
      v: Float64Array.from([102.6e6, 138.6e6, 155e6]),
    }
    const captures = [50_584_490, 75_625_722, 78_142_824].map((bytes, i) => ({
      label: `${i}`,
      at: at(i),
      bytes,
    }))
    const verdict = placeOfGrowth({ rss, captures })
    expect(verdict.place).toBe('managed')
    expect(verdict.share!.value).toBeCloseTo(0.526, 2)
    // The second step explains little: said, not hidden.
    expect(verdict.share!.low).toBeCloseTo(0.153, 2)
    expect(verdict.wouldDecide).not.toBeNull()
  })

  it('never names memory outside from captures alone', () => {
    const at = (i: number) => 1_795_000_000_000 + i * 60_000
    const rss = {
      t: Float64Array.from([at(0), at(1), at(2)]),
      v: Float64Array.from([19.8e6, 116e6, 118.6e6]),
    }
    const captures = [0, 1, 2].map((i) => ({ label: `${i}`, at: at(i), bytes: 3_000_000 + i }))
    expect(placeOfGrowth({ rss, captures }).place).toBe('cannot-tell')
    // The objects grew once and then no more, while memory went on.
    const warm = captures.map((one, i) => ({ ...one, bytes: i === 0 ? 3e6 : 90e6 }))
    expect(placeOfGrowth({ rss, captures: warm }).place).toBe('cannot-tell')
  })

  it('has nothing to explain where nothing grows', () => {
    for (const name of ['healthy.csv', 'sawtooth.csv', 'step.csv']) {
      const { samples } = fixture(name)
      expect(placeOfGrowth({ rss: samples, heapLive: samples }).place, name).toBe('no-growth')
    }
  })

  it('cannot tell where a growing process is without a series of the heap', () => {
    const verdict = placeOfGrowth({ rss: fixture('fastleak.csv').samples })
    expect(verdict.place).toBe('cannot-tell')
    expect(verdict.wouldDecide).toContain('managed heap')
  })

  it('tells managed, outside, both and unused heap apart, 12 seeds each', () => {
    const truths = [
      [{ live: 0.25 }, 'managed'],
      [{ outside: 0.25 }, 'native'],
      [{ outside: 0.15, live: 0.15 }, 'mixed'],
      [{ slack: 0.25 }, 'managed'],
    ] as const
    for (const [rise, place] of truths) {
      const places = Array.from({ length: 12 }, (_, seed) => placeOfGrowth(process(seed + 1, rise)).place)
      expect(places, JSON.stringify(rise)).toEqual(Array(12).fill(place))
    }
    expect(placeOfGrowth(process(1, { slack: 0.25 })).words).toContain('live data did not')
  })

  it('never calls a slowing growth outside of the heap steady, nor managed', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const { place } = placeOfGrowth(process(seed, { bend: 150 }))
      expect(['fragmentation', 'cannot-tell', 'no-growth']).toContain(place)
    }
  })

  it('names files before the heap, whatever else is measured', () => {
    const base = process(3, { outside: 0.25 })
    const rssFile = { t: base.rss.t, v: base.rss.v.map((value) => value - 160 * MB) }
    expect(placeOfGrowth({ ...base, rssFile }).place).toBe('file-backed')
  })

  it('does not claim kept objects while no collection ran', () => {
    const base = process(4, { live: 0.25 })
    const gcCount = { t: base.rss.t, v: base.rss.v.map(() => 1) }
    expect(placeOfGrowth({ ...base, gcCount }).place).toBe('cannot-tell')
  })

  it('gives the same verdict for the same samples', () => {
    const input = process(5, { outside: 0.2, live: 0.05 })
    expect(placeOfGrowth(input)).toEqual(placeOfGrowth(input))
  })
})
