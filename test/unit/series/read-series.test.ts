import { describe, expect, it } from 'vitest'
import { readSeries } from '#lib/series/read-series'
import { drawSeries, fixture, normal, seeded } from './draw-series.ts'
import { SYNTHETIC } from './synthetic.ts'

const MIB = 1024 ** 2
const synthetic = (name: string) => {
  const found = SYNTHETIC.find((one) => one.name === name)
  if (!found) throw new Error(`no synthetic process is called ${name}`)
  return found
}
const perSecond = (rate: { value: number; low: number; high: number } | null) =>
  rate && { value: rate.value / 3600, low: rate.low / 3600, high: rate.high / 3600 }

describe('the first reading of real processes', () => {
  it('[SER20] calls a process with a warm-up and a plateau steady', () => {
    const { reading } = readSeries(fixture('healthy.csv').samples)
    expect(reading.kind).toBe('steady')
    expect(reading.bytesPerHour).toBeNull()
  })

  it('[SER21] calls a collector’s saw steady, and finds no restart in it', () => {
    const read = readSeries(fixture('sawtooth.csv').samples)
    expect(read.reading.kind).toBe('steady')
    expect(read.restarts).toEqual([])
  })

  it('[SER22] calls one jump a step, not growth', () => {
    const { reading } = readSeries(fixture('step.csv').samples)
    expect(reading.kind).toBe('stepped')
    expect(reading.bytesPerHour).toBeNull()
  })

  it('[SER23] finds 256,000 B/s inside the interval of the process that keeps 256,000 B each second', () => {
    const { reading } = readSeries(fixture('fastleak.csv').samples)
    const rate = perSecond(reading.bytesPerHour)
    expect(reading.kind).toBe('growing')
    expect(rate?.low).toBeLessThan(256_000)
    expect(rate?.high).toBeGreaterThan(256_000)
    expect(reading.words).toContain('so far')
  })

  it('[SER24] finds growth in the middle phase only, at 648 kB/s, with and without the phases’ names', () => {
    const { samples, phases } = fixture('rss-3phase.csv')
    for (const named of [phases, []]) {
      const read = readSeries(samples, { phases: named })
      expect(read.segments.map((segment) => segment.kind === 'growing')).toEqual([false, true, false])
      expect(read.reading.kind).toBe('grew')
      const rate = perSecond(read.reading.bytesPerHour)
      expect(rate?.low).toBeLessThan(648_394)
      expect(rate?.high).toBeGreaterThan(648_394)
    }
  })

  it('[SER25] sees 11 restarts by pid, and growth in every life between them', () => {
    const read = readSeries(fixture('rss-restart-sawtooth.csv').samples)
    expect(read.restarts).toHaveLength(11)
    expect(read.restarts.every((restart) => restart.because === 'pid')).toBe(true)
    expect(read.reading.kind).toBe('growing')
    expect(read.reading.words).toMatch(/each of 11 lives/)
  })

  it('[SER26] without pids, says that a crash loop and a collector’s saw look alike', () => {
    const { t, v } = fixture('rss-restart-sawtooth.csv').samples
    const read = readSeries({ t, v })
    expect(read.restarts).toEqual([])
    expect(read.uncountedFalls).toBe(11)
    expect(read.reading.reasons.join(' ')).toContain('A pid column would tell')
  })
})

describe('the minimum of evidence', () => {
  it('[SER30] cannot tell from ten samples, and says how many it needs', () => {
    const { reading } = readSeries(drawSeries(10, (s) => 100 * MIB + s * MIB))
    expect(reading.kind).toBe('cannot-tell')
    expect(reading.words).toContain('at least 20')
  })

  it('[SER31] says that there is nothing in an empty range', () => {
    expect(readSeries({ t: new Float64Array(0), v: new Float64Array(0) }).reading.words).toContain(
      'no samples',
    )
  })

  it('[SER32] accuses at most 2 of 100 flat, noisy series of growth (seeds 1–100)', () => {
    let accused = 0
    for (let seed = 1; seed <= 100; seed++) {
      const random = seeded(seed)
      let drift = 0
      const samples = drawSeries(600, () => {
        drift = 0.9 * drift + normal(random)
        return 200 * MIB + drift * 0.5 * MIB
      })
      if (readSeries(samples).reading.kind === 'growing') accused++
    }
    expect(accused).toBeLessThanOrEqual(2)
  })

  it('[SER33] accuses at most 6 of 100 random walks, the hardest case (seeds 1–100)', () => {
    let accused = 0
    for (let seed = 1; seed <= 100; seed++) {
      const random = seeded(seed)
      let level = 200 * MIB
      const samples = drawSeries(600, () => {
        level += normal(random) * 0.2 * MIB
        return level
      })
      if (readSeries(samples).reading.kind === 'growing') accused++
    }
    expect(accused).toBeLessThanOrEqual(6)
  })

  it('[SER34] finds plain growth under noise in at least 90 of 100 series (seeds 1–100)', () => {
    let found = 0
    let covered = 0
    for (let seed = 1; seed <= 100; seed++) {
      const random = seeded(seed)
      const samples = drawSeries(600, (s) => 200 * MIB + s * 0.1 * MIB + normal(random) * 2 * MIB)
      const { reading } = readSeries(samples)
      if (reading.kind !== 'growing' || !reading.bytesPerHour) continue
      found++
      const truth = 0.1 * MIB * 3600
      if (reading.bytesPerHour.low <= truth && truth <= reading.bytesPerHour.high) covered++
    }
    expect(found).toBeGreaterThanOrEqual(90)
    expect(covered / found).toBeGreaterThanOrEqual(0.85)
  })
})

describe('what levels off', () => {
  for (const [tau, words] of [
    [60, 'long ago'],
    [200, 'within the data'],
    [600, 'after it'],
  ] as const) {
    it(`[SER36] a plateau that is reached ${words} is called growth in at most 2 of 60 series (seeds 1–60)`, () => {
      let accused = 0
      for (let seed = 1; seed <= 60; seed++) {
        const random = seeded(seed)
        const samples = drawSeries(
          600,
          (s) => 100 * MIB + 80 * MIB * (1 - Math.exp(-s / tau)) + normal(random) * MIB,
        )
        if (readSeries(samples).reading.kind === 'growing') accused++
      }
      expect(accused).toBeLessThanOrEqual(2)
    })
  }

  it('[SER38] a plateau that takes twice as long as the data is not claimed to be growth (seeds 1–40)', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { reading } = readSeries(synthetic('plateau, τ = 1200 s').draw(seed, 600))
      expect(reading.kind).not.toBe('growing')
      expect(reading.bytesPerHour).toBeNull()
    }
  })

  it('[SER39] the interval of growth after a warm-up holds the truth in most of 40 series (seeds 1–40)', () => {
    for (const [name, least] of [
      ['growth 0.1 MiB/s after a warm-up, τ = 30 s', 38],
      ['growth 0.1 MiB/s after a warm-up, τ = 60 s', 24],
    ] as const) {
      let covered = 0
      for (let seed = 1; seed <= 40; seed++) {
        const { bytesPerHour, kind } = readSeries(synthetic(name).draw(seed, 600)).reading
        expect(kind).toBe('growing')
        const truth = 0.1 * MIB * 3600
        if (bytesPerHour && bytesPerHour.low <= truth && truth <= bytesPerHour.high) covered++
      }
      expect(covered).toBeGreaterThanOrEqual(least)
    }
  })

  it('[SER45] says of less than a day only that it grows so far', () => {
    const hours = (count: number) => {
      const random = seeded(9)
      const { t, v } = drawSeries(count * 60, (s) => 200 * MIB + s * MIB + normal(random) * 5 * MIB)
      return readSeries({ t: t.map((_, i) => t[0]! + i * 60_000), v }).reading
    }
    expect(hours(3).words).toMatch(/^Growing so far: .*levels off later/)
    expect(hours(30).words).toMatch(/^Growing steadily so far: /)
    expect(hours(30).words).not.toContain('levels off later')
  })

  it('[SER37] growth after a warm-up is found, and the warm-up is left out of its rate', () => {
    const random = seeded(7)
    const samples = drawSeries(
      600,
      (s) => 200 * MIB + 60 * MIB * (1 - Math.exp(-s / 30)) + s * 0.1 * MIB + normal(random) * MIB,
    )
    const read = readSeries(samples)
    expect(read.reading.kind).toBe('growing')
    expect(read.segments[0]?.warmUpMs).toBeGreaterThan(60_000)
    expect((read.reading.bytesPerHour?.value ?? 0) / (0.1 * MIB * 3600)).toBeCloseTo(1, 1)
  })
})

describe('reading the same series differently', () => {
  it('[SER35] a later or an earlier start changes no rate, and twice the memory doubles it', () => {
    const { t, v } = fixture('fastleak.csv').samples
    const plain = readSeries({ t, v })
    const later = readSeries({ t: t.map((at) => at + 86_400_000), v })
    const twice = readSeries({ t, v: v.map((value) => value * 2) })
    expect(later.reading.bytesPerHour?.value).toBeCloseTo(plain.reading.bytesPerHour?.value ?? 0, 3)
    expect(twice.reading.kind).toBe(plain.reading.kind)
    expect(twice.reading.bytesPerHour?.value).toBeCloseTo(2 * (plain.reading.bytesPerHour?.value ?? 0), 3)
  })
})

describe('the nearest limit', () => {
  const grows = drawSeries(600, (s) => 100 * MIB + s * 0.1 * MIB + (s % 3) * 1000)

  it('[SER40] says when growth meets it, with an earliest and a latest time', () => {
    // 160 MiB at the end, 0.1 MiB/s: 200 MiB in 400 s.
    const read = readSeries(grows, { limits: [{ label: 'RAM', bytes: 200 * MIB }] })
    if (read.reachesLimit?.state !== 'ahead') throw new Error(`not ahead but ${read.reachesLimit?.state}`)
    const { likely, earliest, latest } = read.reachesLimit.inMs
    expect(likely / 1000).toBeCloseTo(400, -1)
    expect(earliest).toBeLessThanOrEqual(likely)
    expect(latest).toBeGreaterThanOrEqual(likely)
  })

  it('[SER41] makes no forecast further than three times what was seen', () => {
    const read = readSeries(grows, { limits: [{ label: 'RAM', bytes: 16 * 1024 * MIB }] })
    expect(read.reachesLimit?.state).toBe('too-far')
  })

  it('[SER42] says that a limit is reached when the line is above all of them', () => {
    expect(readSeries(grows, { limits: [{ label: 'RAM', bytes: 120 * MIB }] }).reachesLimit?.state).toBe(
      'reached',
    )
  })

  it('[SER43] makes no forecast for what does not grow', () => {
    const flat = fixture('healthy.csv').samples
    expect(readSeries(flat, { limits: [{ label: 'RAM', bytes: 2 ** 34 }] }).reachesLimit).toBeNull()
  })
})
