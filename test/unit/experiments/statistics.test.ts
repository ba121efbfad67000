import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { betaShare, studentPoint, studentShare } from '#lib/experiments/distributions'
import { deviation, difference, proportion } from '#lib/experiments/intervals'
import { balancedOrder } from '#lib/experiments/order'
import { choices, permutationP, smallestP } from '#lib/experiments/permutation'
import { assumedNoise, measuredNoise, noiseFor, plan } from '#lib/experiments/plan'
import { detectableEffect, power } from '#lib/experiments/power'
import { normal, seeded } from '#lib/experiments/random'

const MINUTE = 60_000
const slopes = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 5 })

describe('the exact permutation test', () => {
  it.each([
    [2, 1 / 6],
    [3, 0.05],
    [4, 1 / 70],
    [5, 1 / 252],
    [6, 1 / 924],
  ])('of %i + %i runs can at best show the chance of one assignment', (perArm, least) => {
    const high = Array.from({ length: perArm }, (_, i) => 100 + i)
    const low = Array.from({ length: perArm }, (_, i) => i)
    expect(permutationP(high, low)).toBeCloseTo(least, 12)
    expect(smallestP(perArm, perArm)).toBeCloseTo(least, 12)
    expect(permutationP(low, high)).toBe(1)
  })

  it('counts ties against the claim', () => {
    expect(permutationP([5, 5, 5, 5], [5, 5, 5, 5])).toBe(1)
  })

  it('agrees with counting by hand', () => {
    // Sums of two out of 1, 2, 3, 6 that reach 6 + 2 = 8: {6,2} and {6,3}.
    expect(permutationP([6, 2], [1, 3])).toBeCloseTo(2 / 6, 12)
  })

  it('does not depend on the order of runs, on the unit, or on a shift of all', () => {
    fc.assert(
      fc.property(slopes, slopes, (a, b) => {
        const p = permutationP(a, b)
        expect(permutationP([...a].reverse(), [...b].reverse())).toBe(p)
        expect(
          permutationP(
            a.map((v) => v * 1024),
            b.map((v) => v * 1024),
          ),
        ).toBe(p)
        expect(p).toBeGreaterThanOrEqual(smallestP(a.length, b.length) - 1e-12)
        expect(p).toBeLessThanOrEqual(1)
      }),
      { seed: 40_601 },
    )
  })

  it('accuses at most one in twenty experiments without a difference', () => {
    const random = seeded(40_602)
    let accused = 0
    for (let i = 0; i < 4000; i++) {
      const runs = Array.from({ length: 8 }, () => normal(random))
      if (permutationP(runs.slice(0, 4), runs.slice(4))! <= 0.05) accused++
    }
    // 3 of 70 assignments: 4.3 %.
    expect(accused / 4000).toBeGreaterThan(0.03)
    expect(accused / 4000).toBeLessThan(0.055)
  })

  it('does not begin what it cannot finish', () => {
    expect(permutationP(Array(30).fill(1), Array(30).fill(0))).toBeNull()
    expect(permutationP([], [1])).toBeNull()
    expect(choices(20, 10)).toBe(184_756)
  })
})

describe('power', () => {
  // The specification's table (runs per arm; chance to see effects of 2, 3 and 5 deviations).
  it.each([
    [2, 0, 0, 0],
    [3, 0.62, 0.84, 0.99],
    [4, 0.76, 0.95, 0.99],
    [5, 0.84, 0.99, 1],
    [6, 0.94, 1, 1],
  ])('with %i runs per arm is at least the specification’s', (perArm, ...expected) => {
    for (const [i, effect] of [2, 3, 5].entries()) {
      const seen = power(perArm, effect, { trials: 3000, seed: 11 })
      expect(seen).toBeGreaterThan(expected[i]! - 0.03)
      expect(seen).toBeLessThan(expected[i]! + 0.06)
    }
  })

  it.each([3, 4, 5, 6] as const)(
    'reaches what the table of detectable effects promises, %i + %i runs',
    (n) => {
      expect(power(n, detectableEffect(n, n, 0.9)!, { trials: 6000, seed: 12 })).toBeCloseTo(0.9, 1)
      expect(
        Math.abs(power(n, detectableEffect(n, n, 0.95)!, { trials: 6000, seed: 13 }) - 0.95),
      ).toBeLessThan(0.02)
    },
  )

  it('knows that 2 + 2 runs never say yes', () => {
    expect(detectableEffect(2, 2, 0.9)).toBeNull()
  })
})

describe('a plan', () => {
  it('says before the start what it will see, and which length would do', () => {
    // 23 MB/h between runs of 45 min: the specification's example sees about 70 MB/h and plans 2 h for 30.
    const made = plan({ perArm: 4, runMs: 45 * MINUTE, noise: assumedNoise(500e6), expected: 30e6 })
    expect(made.detectable! / 1e6).toBeGreaterThan(60)
    expect(made.detectable! / 1e6).toBeLessThan(75)
    expect(made.longerMs).toBe(120 * MINUTE)
    expect(made.words).toMatch(
      /^4 \+ 4 runs of 45 min will see \+6\d\.\d MiB\/h or more\. You expect .* plan runs of 2 h\./,
    )
  })

  it('keeps quiet about longer runs when these will do', () => {
    const noise = measuredNoise([1e6, 2e6, 1.5e6], 10 * MINUTE)!
    expect(plan({ perArm: 4, runMs: 10 * MINUTE, noise, expected: 50e6 }).longerMs).toBeNull()
  })

  it('refuses two runs per condition', () => {
    const made = plan({ perArm: 2, runMs: MINUTE, noise: assumedNoise(1e8) })
    expect(made.detectable).toBeNull()
    expect(made.words).toContain('can never say yes')
  })

  it('expects a quarter of the length to cost eight times the noise', () => {
    expect(noiseFor({ bytesPerHour: 1, runMs: 4000, source: 'measured' }, 1000)).toBeCloseTo(8, 9)
    expect(measuredNoise([1], 1000)).toBeNull()
  })
})

describe('the order of runs', () => {
  it('is balanced in every pair, the same for a seed, and starts each way equally often', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(), (perArm, seed) => {
        const order = balancedOrder(perArm, seed)
        expect(order).toEqual(balancedOrder(perArm, seed))
        expect(order.map(({ number }) => number)).toEqual(order.map((_, i) => i + 1))
        let aFirst = 0
        for (let pair = 1; pair <= perArm; pair++) {
          const two = order.filter((run) => run.pair === pair).map(({ condition }) => condition)
          expect([...two].sort()).toEqual(['A', 'B'])
          if (two[0] === 'A') aFirst++
        }
        expect(Math.abs(2 * aFirst - perArm)).toBeLessThanOrEqual(perArm % 2)
      }),
      { seed: 40_603 },
    )
  })

  it('puts two control runs in front when the noise is to be learned', () => {
    const order = balancedOrder(4, 1, { calibration: true })
    expect(order.slice(0, 2).map(({ condition, pair }) => [condition, pair])).toEqual([
      ['B', 0],
      ['B', 0],
    ])
    expect(order).toHaveLength(10)
  })

  it('differs between seeds', () => {
    const orders = Array.from({ length: 40 }, (_, seed) =>
      balancedOrder(4, seed)
        .map(({ condition }) => condition)
        .join(''),
    )
    expect(new Set(orders).size).toBe(6)
  })
})

describe('intervals', () => {
  // Clopper and Pearson, from R's binom.test.
  it.each([
    [4, 4, 0.39764, 1],
    [0, 4, 0, 0.60236],
    [3, 4, 0.19412, 0.99369],
    [5, 5, 0.47818, 1],
    [7, 20, 0.15391, 0.59219],
  ])('of %i of %i are exact', (hits, of, low, high) => {
    const interval = proportion(hits, of)
    expect(interval.low).toBeCloseTo(low, 4)
    expect(interval.high).toBeCloseTo(high, 4)
  })

  it('use Student’s distribution', () => {
    // Tables: 97.5 % at 3, 10 and 30 degrees of freedom.
    expect(studentPoint(0.975, 3)).toBeCloseTo(3.18245, 4)
    expect(studentPoint(0.975, 10)).toBeCloseTo(2.22814, 4)
    expect(studentPoint(0.975, 30)).toBeCloseTo(2.04227, 4)
    expect(studentShare(-2.22814, 10)).toBeCloseTo(0.025, 5)
    expect(betaShare(0.5, 2, 2)).toBeCloseTo(0.5, 12)
    expect(betaShare(0.3, 1, 1)).toBeCloseTo(0.3, 12)
  })

  it('of a difference are Welch’s', () => {
    // R: t.test(c(10, 12, 11, 13), c(1, 5, 3, 2)): 8.75 (5.957 to 11.543).
    const { value, low, high } = difference([10, 12, 11, 13], [1, 5, 3, 2])!
    expect(value).toBeCloseTo(8.75, 9)
    expect(low).toBeGreaterThan(5.9)
    expect(low).toBeLessThan(6.1)
    expect(high - value).toBeCloseTo(value - low, 9)
  })

  it('of a difference hold the truth in 95 of 100 experiments', () => {
    const random = seeded(40_604)
    let held = 0
    for (let i = 0; i < 2000; i++) {
      const a = Array.from({ length: 4 }, () => 10 + 3 * normal(random))
      const b = Array.from({ length: 4 }, () => normal(random))
      const { low, high } = difference(a, b)!
      if (low <= 10 && high >= 10) held++
    }
    expect(held / 2000).toBeGreaterThan(0.93)
    expect(held / 2000).toBeLessThan(0.975)
  })

  it('need two runs in each condition', () => {
    expect(difference([1], [1, 2])).toBeNull()
    expect(difference([2, 2], [1, 1])).toEqual({ value: 1, low: 1, high: 1 })
    expect(deviation([1, 3])).toBeCloseTo(Math.SQRT2, 12)
  })
})
