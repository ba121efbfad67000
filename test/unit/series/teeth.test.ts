import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSeries } from '#lib/series/read-series'
import type { Samples } from '#lib/series/samples'
import { normal, seeded } from './draw-series.ts'

const MIB = 1024 ** 2
const MINUTE_MS = 60_000
const START_MS = 1_795_000_000_000

type Random = () => number

const between = (random: Random, low: number, high: number) => low + (high - low) * random()

/** One sample a minute with noise of half a per cent; `share` of the level at each, `pid` of it where one is known. */
function drawn(
  seed: number,
  count: number,
  make: (random: Random) => (minute: number) => number,
  pid?: (minute: number) => number,
): Samples {
  const random = seeded(seed)
  const level = between(random, 80, 800) * MIB
  const share = make(random)
  const t = new Float64Array(count)
  const v = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    t[i] = START_MS + i * MINUTE_MS
    v[i] = level * (share(i) + 0.005 * normal(random))
  }
  return pid ? { t, v, pids: t.map((_, i) => pid(i)) } : { t, v }
}

const isAccused = (samples: Samples) => ['growing', 'grew'].includes(readSeries(samples).reading.kind)
const kindOf = (samples: Samples) => readSeries(samples).reading.kind
const seedsTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1)

describe('saws without pids', () => {
  it('[SER193] whose teeth fall by less than a half are never called growth, however long the teeth are (seeds 1–40)', () => {
    for (const seed of seedsTo(40)) {
      const samples = drawn(seed, 1440, (random) => {
        const depth = between(random, 0.05, 0.9)
        const period = 1440 / between(random, 1.3, 40)
        const offset = random() * period
        return (minute) => 1 + (depth * ((minute + offset) % period)) / period
      })
      expect(isAccused(samples), `seed ${seed}`).toBe(false)
    }
  })

  it('[SER194] of two generations are never called growth (seeds 1–30)', () => {
    for (const seed of seedsTo(30)) {
      const samples = drawn(seed, 1440, (random) => {
        const young = between(random, 5, 40)
        const old = between(random, 120, 360)
        return (minute) => 1 + (0.1 * (minute % young)) / young + (0.3 * (minute % old)) / old
      })
      expect(isAccused(samples), `seed ${seed}`).toBe(false)
    }
  })

  it('[SER195] of the managed heap are no restarts to accuse anybody by, however deep they fall (seeds 1–20)', () => {
    for (const seed of seedsTo(20)) {
      const samples = drawn(seed, 1440, (random) => {
        const depth = between(random, 1, 6)
        const period = 1440 / between(random, 2, 7)
        return (minute) => 1 + (depth * (minute % period)) / period
      })
      expect(readSeries(samples, { measure: 'heap-live' }).reading.kind, `seed ${seed}`).toBe('cannot-tell')
    }
  })
})

describe('crashes without pids', () => {
  it('[SER196] that hide growth are never called calm, in lives of 12 to 120 minutes (seeds 1–40)', () => {
    for (const seed of seedsTo(40)) {
      const samples = drawn(seed, 1440, (random) => {
        const height = between(random, 0.6, 3)
        const life = 1440 / between(random, 12, 120)
        return (minute) => 1 + (height * (minute % life)) / life
      })
      expect(['growing', 'grew', 'cannot-tell'], `seed ${seed}`).toContain(kindOf(samples))
    }
  })

  it('[SER197] that give back more than half of what was there are restarts, and what grows between them grows (seeds 1–20)', () => {
    for (const seed of seedsTo(20)) {
      const samples = drawn(seed, 4320, (random) => {
        const height = between(random, 1.2, 4)
        const life = 4320 / between(random, 3, 7)
        return (minute) => 1 + (height * (minute % life)) / life
      })
      expect(['growing', 'grew'], `seed ${seed}`).toContain(kindOf(samples))
    }
  })

  it('[SER198] growth that goes beyond all that was given back is growth, whatever the falls were', () => {
    const samples = drawn(5, 4320, () => (minute) => {
      if (minute < 1440) return 1 + 0.5 * (minute / 1440)
      return 1 + (3 * (minute - 1440)) / 2880
    })
    expect(kindOf(samples)).toBe('growing')
  })

  it('[SER199] a pid that stays the same makes a saw of them, and one that changes makes restarts', () => {
    const saw = (minute: number) => 1 + (0.6 * (minute % 240)) / 240
    const of = (pid: (minute: number) => number) => kindOf(drawn(8, 1440, () => saw, pid))
    expect(of(() => 41)).toBe('steady')
    expect(of((minute) => 41 + Math.floor(minute / 240))).toBe('growing')
  })
})

describe('growth that has just set in', () => {
  it('[SER200] at the last tenth to fifth is never called calm or a step (seeds 1–40)', () => {
    for (const seed of seedsTo(40)) {
      const samples = drawn(seed, 1440, (random) => {
        const from = 1440 * between(random, 0.8, 0.9)
        return (minute) => 1 + (3 * Math.max(0, minute - from)) / 1440
      })
      expect(['growing', 'grew', 'cannot-tell'], `seed ${seed}`).toContain(kindOf(samples))
    }
  })

  it('[SER200] says when a step, and when a calm process, would have been told from it', () => {
    const { reading } = readSeries(drawn(3, 600, () => (minute) => 1 + (2 * Math.max(0, minute - 540)) / 600))
    expect(reading.kind).toBe('cannot-tell')
    expect(reading.words).toContain('begun to rise at the end')
    expect(reading.decidableAt).toBeGreaterThan(START_MS + 600 * MINUTE_MS)
  })

  it('[SER201] in the last life, too short to judge, leaves the calm of the lives before it undecided', () => {
    for (const seed of seedsTo(40)) {
      const samples = drawn(
        seed,
        1440,
        () => (minute) => 1 + 0.4 * Math.max(0, (minute - 1415) / 25),
        (minute) => (minute < 1415 ? 7 : 8),
      )
      expect(['growing', 'cannot-tell'], `seed ${seed}`).toContain(kindOf(samples))
    }
  })
})

describe('many lives', () => {
  it('[SER202] of a calm process whose noise has a long memory: at most 1 of 40 is accused for one of them (seeds 1–40)', () => {
    let accused = 0
    for (const seed of seedsTo(40)) {
      const length = 25 + (seed % 60)
      const samples = drawn(
        seed,
        20 * length,
        (random) => {
          const memory = Math.exp(-1 / between(random, 1, 40))
          let drift = normal(random)
          return () => {
            drift = memory * drift + Math.sqrt(1 - memory * memory) * normal(random)
            return 1 + 0.015 * drift
          }
        },
        (minute) => 1 + Math.floor(minute / length),
      )
      if (isAccused(samples)) accused++
    }
    expect(accused).toBeLessThanOrEqual(1)
  })

  it('[SER203] one that grows among nineteen calm ones is still found', () => {
    const samples = drawn(
      4,
      20 * 120,
      () => (minute) => (minute < 19 * 120 ? 1 : 1 + (0.5 * (minute - 19 * 120)) / 120),
      (minute) => 1 + Math.floor(minute / 120),
    )
    expect(kindOf(samples)).toBe('growing')
  })
})

describe('growth without any noise', () => {
  it('[SER205] is growth: what rounding leaves around a line is no resemblance of neighbours', () => {
    for (const step of [30 * MIB, 1_000_000 / 3, 4096 * 100]) {
      for (const whole of [Math.floor, (value: number) => value]) {
        for (const count of [24, 60, 240, 1440]) {
          const t = Float64Array.from({ length: count }, (_, i) => START_MS + i * MINUTE_MS)
          const { reading } = readSeries({ t, v: t.map((_, i) => whole(100 * MIB + i * step)) })
          expect(reading.kind, `${count} steps of ${step}`).toBe('growing')
          expect(reading.bytesPerHour?.low).toBeLessThanOrEqual(60 * step * 1.000_001)
          expect(reading.bytesPerHour?.high).toBeGreaterThanOrEqual(60 * step * 0.999_999)
        }
      }
    }
  })

  it('[SER206] is none where nothing changes', () => {
    const t = Float64Array.from({ length: 240 }, (_, i) => START_MS + i * MINUTE_MS)
    expect(kindOf({ t, v: t.map(() => 100 * MIB) })).toBe('steady')
  })
})

describe('any series at all', () => {
  it('[SER204] gets words for what it is said to be, and a rate exactly when it grew', () => {
    const values = fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { maxLength: 200 })
    const gaps = fc.array(fc.integer({ min: 1, max: 3_600_000 }), { maxLength: 200 })
    fc.assert(
      fc.property(values, gaps, (raw, between) => {
        let at = START_MS
        const t = Float64Array.from(raw, (_, i) => {
          at += between[i % Math.max(1, between.length)] ?? 1000
          return at
        })
        const { reading } = readSeries({ t, v: Float64Array.from(raw) })
        const grew = reading.kind === 'growing' || reading.kind === 'grew'
        expect(reading.bytesPerHour !== null).toBe(grew)
        expect(reading.words.startsWith('Cannot tell')).toBe(reading.kind === 'cannot-tell')
        if (reading.bytesPerHour)
          expect(reading.bytesPerHour.low).toBeLessThanOrEqual(reading.bytesPerHour.high)
      }),
      { seed: 20_261_123, numRuns: 150 },
    )
  })
})
