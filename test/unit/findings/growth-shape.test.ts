import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { growthShape } from '#lib/findings/growth-shape'

const shapeOf = (counts: number[], requests?: number[]) => growthShape(counts, requests).shape

describe('the shape of growth', () => {
  it('[GRW1] needs a second capture to say anything', () => {
    expect(growthShape([500])).toMatchObject({ shape: 'cannot tell', isSuspect: false })
  })

  it('[GRW2] leaves the decision about two captures to a third', () => {
    expect(growthShape([2500, 6500])).toEqual({
      shape: 'cannot tell',
      reason: 'It grew by 4,000 (2,500 → 6,500): a third capture decides.',
      isSuspect: false,
    })
  })

  it('[GRW3] is flat when every step is within the noise', () => {
    expect(shapeOf([1000, 1000, 1000])).toBe('flat')
    expect(shapeOf([60_000, 60_040, 59_990])).toBe('flat')
    expect(shapeOf([1, 4, 2])).toBe('flat')
  })

  it('[GRW4] grows every time when no step slows to below half of the earlier ones', () => {
    expect(growthShape([2500, 6500, 10_500])).toMatchObject({ shape: 'growing every time', isSuspect: true })
    expect(shapeOf([250, 650, 850])).toBe('growing every time')
    expect(shapeOf([100, 200, 300, 400, 500])).toBe('growing every time')
  })

  it('[GRW5] grew once when one interval has it all, as a cache that is filled', () => {
    expect(shapeOf([56_000, 60_000, 60_000])).toBe('grew once')
    expect(shapeOf([1096, 6808, 6808])).toBe('grew once')
  })

  it('[GRW6] saturates when it slows down or stops after growing', () => {
    expect(shapeOf([0, 1000, 1300])).toBe('saturating')
    expect(shapeOf([0, 1000, 1500, 1500])).toBe('saturating')
    expect(shapeOf([0, 800, 1200, 1400, 1500])).toBe('saturating')
  })

  it('[GRW7] compares rates, not steps, when requests are known', () => {
    const counts = [1000, 5000, 6000]
    expect(shapeOf(counts)).toBe('saturating')
    expect(shapeOf(counts, [1000, 5000, 6000])).toBe('growing every time')
    expect(shapeOf([1000, 2000, 3000], [0, 1000, 9000])).toBe('saturating')
  })

  it('[GRW8] says that growth which began late is not decided, but worth a look once it has gone on', () => {
    expect(growthShape([100, 100, 900])).toMatchObject({ shape: 'cannot tell', isSuspect: false })
    expect(growthShape([100, 100, 900, 1700])).toMatchObject({ shape: 'cannot tell', isSuspect: true })
  })

  it('[GRW9] tells shrinking, wavering and undecided apart', () => {
    expect(shapeOf([900, 500, 100])).toBe('shrinking')
    expect(shapeOf([100, 900, 102])).toBe('flat')
    expect(shapeOf([900, 1500, 300])).toBe('shrinking')
    expect(shapeOf([100, 900, 500])).toBe('cannot tell')
  })

  it('[GRW10] never suspects what did not grow, and says a number for everything (seeded)', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 2, maxLength: 8 }), (counts) => {
        const reading = growthShape(counts)
        expect(reading.reason).toMatch(/\d/)
        if (reading.isSuspect) expect(counts.at(-1)!).toBeGreaterThan(counts[0]!)
        if (counts.length === 2) expect(reading.isSuspect).toBe(false)
      }),
      { seed: 7, numRuns: 500 },
    )
  })

  it('[GRW11] finds steady growth whatever its rate and base (seeded)', () => {
    fc.assert(
      fc.property(
        fc.nat(5000),
        fc.integer({ min: 30, max: 10_000 }),
        fc.integer({ min: 3, max: 8 }),
        (base, step, n) => {
          const counts = Array.from({ length: n }, (_, i) => base + i * step)
          expect(shapeOf(counts)).toBe('growing every time')
        },
      ),
      { seed: 11, numRuns: 300 },
    )
  })
})
