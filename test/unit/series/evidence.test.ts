import { describe, expect, it } from 'vitest'
import { limitsOf } from '#lib/series/limit'
import { perThousand } from '#lib/series/per-thousand'
import { readSeries } from '#lib/series/read-series'
import { READING_VERSION } from '#lib/series/reading'
import { counterFalls, lives } from '#lib/series/restarts'
import type { Samples } from '#lib/series/samples'
import { isStale, quoted } from '#lib/series/stale'
import { drawSeries, normal, seeded } from './draw-series.ts'

const MIB = 1024 ** 2
const HOUR_MS = 3600_000
const MINUTE_MS = 60_000
const DAY_MINUTES = 1440

/** A sample a minute. */
function minutes(count: number, value: (minute: number) => number): Samples {
  const { t, v } = drawSeries(count, value)
  return { t: t.map((_, i) => t[0]! + i * MINUTE_MS), v }
}
const noisy = (seed: number, value: (minute: number) => number, spread = 2 * MIB) => {
  const random = seeded(seed)
  return (minute: number) => value(minute) + spread * normal(random)
}
const wave = (minute: number) => Math.sin((2 * Math.PI * minute) / DAY_MINUTES)

describe('a daily cycle', () => {
  const cycle = (perDay: number) =>
    minutes(
      4 * DAY_MINUTES,
      noisy(5, (m) => (500 + 40 * wave(m) + (perDay * m) / DAY_MINUTES) * MIB),
    )

  it('[SER27] is taken out of four days: growth below it is found at its rate, and the swing is told', () => {
    const { segments, reading } = readSeries(cycle(24))
    expect(reading.kind).toBe('growing')
    expect(reading.bytesPerHour?.low).toBeLessThan(MIB)
    expect(reading.bytesPerHour?.high).toBeGreaterThan(MIB)
    expect((segments[0]?.season?.swing ?? 0) / MIB).toBeCloseTo(80, -1)
    expect(reading.words).toContain('daily cycle')
  })

  it('[SER27] is taken out of three days of hourly samples, too', () => {
    const minutely = cycle(24)
    const hourly = {
      t: minutely.t.filter((_, i) => i % 60 === 0),
      v: minutely.v.filter((_, i) => i % 60 === 0),
    }
    const { reading } = readSeries(hourly)
    expect(reading.kind).toBe('growing')
    expect((reading.bytesPerHour?.value ?? 0) / MIB).toBeCloseTo(1, 0)
  })

  it('[SER27] without growth is steady', () => {
    expect(readSeries(cycle(0)).reading.kind).toBe('steady')
  })

  it('[SER27] cancels out in three weeks, where days are the blocks', () => {
    const weeks = minutes(
      21 * DAY_MINUTES,
      noisy(6, (m) => (500 + 40 * wave(m) + (6 * m) / DAY_MINUTES) * MIB),
    )
    const { reading } = readSeries(weeks)
    expect(reading.kind).toBe('growing')
    expect((reading.bytesPerHour?.value ?? 0) / MIB).toBeCloseTo(0.25, 2)
  })

  it('[SER28] is not excluded in half a day: its flank is not called growth, and two days will tell', () => {
    const samples = minutes(
      12 * 60,
      noisy(7, (m) => (500 - 40 * Math.cos((2 * Math.PI * m) / DAY_MINUTES)) * MIB),
    )
    const { reading } = readSeries(samples)
    expect(reading.kind).toBe('cannot-tell')
    expect(reading.words).toContain('daily cycle')
    expect(reading.decidableAt).toBe(samples.t[0]! + 48 * HOUR_MS)
  })

  it('[SER47] widens the forecast: the limit may be met half a swing earlier or later', () => {
    const limits = [{ label: 'RAM', bytes: 700 * MIB, kind: 'ram' as const }]
    const even = minutes(
      4 * DAY_MINUTES,
      noisy(5, (m) => (500 + (24 * m) / DAY_MINUTES) * MIB),
    )
    const spanOf = (samples: Samples) => {
      const forecast = readSeries(samples, { limits, measure: 'rss' }).reachesLimit
      if (forecast?.state !== 'ahead') throw new Error(`not ahead but ${forecast?.state}`)
      return (forecast.inMs.latest ?? Number.POSITIVE_INFINITY) - forecast.inMs.earliest
    }
    // 80 MiB at 1 MiB an hour.
    expect(spanOf(cycle(24)) - spanOf(even)).toBeGreaterThan(60 * HOUR_MS)
  })
})

describe('when to come back', () => {
  it('[SER29] growth of some hours is open until it has lasted a day; a run of minutes is judged as a run', () => {
    const grows = (count: number) =>
      minutes(
        count,
        noisy(8, (m) => (500 + m) * MIB),
      )
    const hours = grows(300)
    expect(readSeries(hours).reading).toMatchObject({
      kind: 'growing',
      decidableAt: hours.t[0]! + 24 * HOUR_MS,
    })
    expect(readSeries(grows(30 * 60)).reading.decidableAt).toBeNull()
    const run = drawSeries(600, (s) => (100 + s * 0.1) * MIB)
    expect(readSeries(run).reading.decidableAt).toBeNull()
  })

  it('[SER29] ten samples: at the twentieth', () => {
    const samples = drawSeries(10, (s) => 100 * MIB + s * MIB)
    expect(readSeries(samples).reading.decidableAt).toBe(samples.t[9]! + 10_000)
  })

  it('[SER29] a rise that fits growth and warm-up alike is decided by then, in most of 20 series (seeds 1–20)', () => {
    let open = 0
    let decided = 0
    for (let seed = 1; seed <= 20; seed++) {
      const longer = drawSeries(
        6000,
        noisy(seed, (s) => (200 + s * 0.02) * MIB, 4 * MIB),
      )
      const first = { t: longer.t.subarray(0, 300), v: longer.v.subarray(0, 300) }
      const { kind, decidableAt } = readSeries(first).reading
      if (kind !== 'cannot-tell' || decidableAt === null) continue
      open++
      const until = longer.t.findIndex((at) => at > decidableAt)
      const later = { t: longer.t.subarray(0, until), v: longer.v.subarray(0, until) }
      if (readSeries(later).reading.kind === 'growing') decided++
    }
    expect(open).toBeGreaterThanOrEqual(3)
    expect(decided / open).toBeGreaterThanOrEqual(0.7)
  })
})

describe('what a collector leaves', () => {
  it('[SER44] teeth that grow over a floor that stays are no growth', () => {
    const random = seeded(4)
    const samples = drawSeries(1200, (s) => {
      const height = 20 + 0.1 * s
      return (200 + height * ((s % 20) / 20)) * MIB + normal(random) * 0.3 * MIB
    })
    expect(readSeries(samples).reading.kind).not.toBe('growing')
  })

  it('[SER44] a floor that rises with the teeth is growth', () => {
    const random = seeded(4)
    const samples = drawSeries(
      1200,
      (s) => (200 + 0.1 * s + 20 * ((s % 20) / 20)) * MIB + normal(random) * 0.3 * MIB,
    )
    expect(readSeries(samples).reading.kind).toBe('growing')
  })
})

describe('what is known of restarts', () => {
  const grows = minutes(600, (m) => (200 + (m % 300)) * MIB)
  const at = grows.t[300]!

  it('[SER48] a marked restart and a counter that falls are certain, once', () => {
    const counter = minutes(600, (m) => 10 * (m % 300))
    expect(counterFalls(counter)).toEqual([at])
    const found = lives(grows, { marks: [{ kind: 'restart', at }], counterFalls: counterFalls(counter) })
    expect(found.restarts).toEqual([{ at, because: 'mark' }])
    expect(lives(grows, { counterFalls: [at] }).restarts[0]?.because).toBe('counter')
    expect(lives(grows).restarts[0]?.because).toBe('fall')
  })

  it('[SER48] a crash or a deploy marked just before one is its cause', () => {
    for (const kind of ['crash', 'deploy'] as const) {
      const { restarts } = lives(grows, { marks: [{ kind, at: at - MINUTE_MS }] })
      expect(restarts).toHaveLength(1)
      expect(restarts[0]?.cause).toBe(kind)
    }
    expect(lives(grows, { marks: [{ kind: 'crash', at: at - HOUR_MS }] }).restarts[0]?.cause).toBeUndefined()
  })

  it('[SER48] restarts at equal intervals are a script’s', () => {
    const regular = drawSeries(
      600,
      (s) => (40 + (s % 100)) * MIB,
      (s) => 1 + Math.floor(s / 100),
    )
    const { reading, restarts } = readSeries(regular)
    expect(restarts.every((restart) => restart.cause === 'scripted')).toBe(true)
    expect(reading.reasons[0]).toBe('5 restarts in this range, as regular as a script’s')
  })
})

describe('typed limits', () => {
  const limits = (['ram', 'cgroup', 'swap', 'commit', 'rlimit', 'heap', 'custom'] as const).map(
    (kind, i) => ({
      kind,
      label: kind,
      bytes: (i + 1) * 1024 * MIB,
    }),
  )
  const met = (measure: string) => limitsOf(measure, limits).map((limit) => limit.kind)

  it('[SER49] each series meets those that bound it', () => {
    expect(met('rss')).toEqual(['ram', 'cgroup', 'swap', 'custom'])
    expect(met('vsz')).toEqual(['commit', 'rlimit', 'custom'])
    expect(met('heap-committed')).toEqual(['heap', 'custom'])
    expect(met('something')).toEqual(['custom'])
  })

  it('[SER49] the heap’s limit says nothing about RSS', () => {
    const grows = drawSeries(600, (s) => (100 + 0.1 * s) * MIB)
    const limit = [{ kind: 'heap' as const, label: 'max-old-space', bytes: 200 * MIB }]
    expect(readSeries(grows, { limits: limit, measure: 'rss' }).reachesLimit).toBeNull()
    expect(readSeries(grows, { limits: limit, measure: 'heap-committed' }).reachesLimit?.state).toBe('ahead')
  })
})

describe('per thousand requests', () => {
  /** Traffic of the day: memory follows what was served, 500 bytes each. */
  const served = (even: boolean) => {
    let sum = 0
    const counter = minutes(DAY_MINUTES, (m) => {
      sum += even ? 100 : 100 * (1 + 0.8 * wave(m))
      return sum
    })
    const random = seeded(3)
    return {
      counter,
      memory: { t: counter.t, v: counter.v.map((n) => 500 * MIB + 500 * n + normal(random) * MIB) },
    }
  }

  it('[SER95] finds what one costs, with an interval that holds it', () => {
    const { memory, counter } = served(false)
    const cost = perThousand(memory, counter)
    if (cost.state !== 'told') throw new Error(cost.state)
    expect(cost.low).toBeLessThan(500_000)
    expect(cost.high).toBeGreaterThan(500_000)
  })

  it('[SER95] even traffic cannot be told from time, and a few requests are none', () => {
    const { memory, counter } = served(true)
    expect(perThousand(memory, counter).state).toBe('too-even')
    const few = { t: counter.t, v: counter.v.map((n) => n / 1000) }
    expect(perThousand(memory, few).state).toBe('too-few')
  })
})

describe('a quoted reading', () => {
  const grows = drawSeries(600, (s) => (100 + 0.1 * s) * MIB)
  const reading = readSeries(grows)

  it('[SER96] stands while the range reads the same, whatever the method’s version', () => {
    expect(isStale(quoted(reading), readSeries(grows))).toBeNull()
    expect(isStale({ ...quoted(reading), version: READING_VERSION - 1 }, reading)).toBeNull()
  })

  it('[SER96] is stale when samples came, restarts were marked, or another method says something else', () => {
    const more = readSeries(drawSeries(700, (s) => (100 + 0.1 * s) * MIB))
    const marked = readSeries(grows, { marks: [{ kind: 'restart', at: grows.t[300]! }] })
    expect(isStale(quoted(reading), more)).toBe('data')
    expect(isStale(quoted(reading), marked)).toBe('restarts')
    const older = { ...quoted(reading), version: READING_VERSION - 1, words: 'No growth found.' }
    expect(isStale(older, reading)).toBe('method')
    expect(isStale(older, null)).toBe('method')
    expect(isStale(quoted(reading), null)).toBeNull()
  })
})
