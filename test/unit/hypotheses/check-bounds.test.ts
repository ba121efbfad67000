import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { beside, rateWords, roughBytes, shareWords } from '#lib/hypotheses/check-bounds'
import { checkExperimentRate } from '#lib/hypotheses/check-experiment'
import { checkPlace } from '#lib/hypotheses/check-place'
import { checkPerThousand, checkRate } from '#lib/hypotheses/check-series'
import type { Side } from '#lib/hypotheses/checks'
import { experiment, graph, ID, places, run } from './draw.ts'

const finite = fc.double({ min: -1e12, max: 1e12, noNaN: true })
const side = fc.constantFrom<Side>('over', 'under')
/** An interval, a bound inside of it or at its ends, and a side. */
const holding = fc
  .tuple(finite, finite, fc.double({ min: 0, max: 1, noNaN: true }), side)
  .map(([a, b, at, which]) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)]
    return { low, high, bound: Math.min(high, Math.max(low, low + at * (high - low))), side: which }
  })
const property = (check: (given: { low: number; high: number; bound: number; side: Side }) => void) =>
  fc.assert(fc.property(holding, check), { seed: 20261123, numRuns: 2000 })

describe('a reading beside a bound', () => {
  it('is untested whenever its interval holds the bound, whatever its value is', () => {
    property(({ low, high, bound, side }) => {
      expect(beside({ low, high }, side, bound)).toBe('untested')
    })
  })

  it('is untested without an interval', () => {
    for (const low of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      expect(beside({ low, high: Number.NaN }, 'over', 1)).toBe('untested')
      expect(beside({ low, high: Number.POSITIVE_INFINITY }, 'under', 1)).toBe('untested')
    }
    // Ends the wrong way round are no interval either.
    expect(beside({ low: 5, high: 3 }, 'over', 1)).toBe('untested')
    expect(beside({ low: 5, high: 3 }, 'under', 9)).toBe('untested')
  })

  it('is supported on the one side only where it is contradicted on the other', () => {
    fc.assert(
      fc.property(finite, finite, finite, (a, b, bound) => {
        const interval = { low: Math.min(a, b), high: Math.max(a, b) }
        const opposite = { supported: 'contradicted', contradicted: 'supported', untested: 'untested' }
        expect(beside(interval, 'under', bound)).toBe(opposite[beside(interval, 'over', bound)])
      }),
      { seed: 20261123, numRuns: 2000 },
    )
  })
})

describe('every kind of check whose reading has an interval', () => {
  it('of a rate is untested when the interval holds the bound', () => {
    property(({ low, high, bound, side }) => {
      const bytesPerHour = { value: (low + high) / 2, low, high }
      for (const kind of ['growing', 'grew'] as const) {
        const facts = { seriesId: ID, graph: graph({ kind, bytesPerHour }) }
        const predicate = { kind: 'rate', seriesId: ID, side, bytesPerHour: bound, range: null } as const
        const found = checkRate(predicate, facts)
        expect(found).toMatchObject({ state: 'untested', missing: expect.any(String) })
      }
    })
  })

  it('of growth per 1,000 is untested when the interval holds the bound', () => {
    property(({ low, high, bound, side }) => {
      const perThousand = { state: 'told', value: low, low, high, from: 0, to: 1 } as const
      const facts = { seriesId: ID, graph: { ...graph({ kind: 'growing' }), perThousand } }
      const predicate = { seriesId: ID, counterId: ID, side, bytes: bound, range: null } as const
      expect(checkPerThousand({ kind: 'per-thousand', ...predicate }, facts).state).toBe('untested')
    })
  })

  it('of a share is untested when the interval holds the bound, in whatever place the growth is', () => {
    property(({ low, high, bound, side }) => {
      const [from, to, asked] = [low, high, bound].map((x) => 0.5 + x / 2e12)
      for (const place of ['native', 'managed', 'fragmentation', 'file-backed'] as const) {
        const share = { value: from!, low: from!, high: to! }
        const predicate = { kind: 'place', part: place, side, percent: 100 * asked!, range: null } as const
        // A percentage and back may lose the last digit of the bound.
        if (asked! <= from! + 1e-9 || asked! >= to! - 1e-9) continue
        expect(checkPlace(predicate, places({ place, share })).state).toBe('untested')
      }
    })
  })

  it('of an experiment is untested when the interval of the mean holds the bound', () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 2, maxLength: 8 }), side, (slopes, which) => {
        const runs = slopes.map((value) => run('A', value))
        const mean = slopes.reduce((sum, value) => sum + value, 0) / slopes.length
        const predicate = { condition: 'A', metric: 'per-hour', side: which, bytes: mean } as const
        const found = checkExperimentRate(
          { kind: 'experiment-rate', experimentId: ID, ...predicate },
          experiment({ runs }),
        )
        expect(found.state).toBe('untested')
      }),
      { seed: 20261123, numRuns: 500 },
    )
  })
})

describe('numbers of live readings', () => {
  it('have two digits, so that the next sample does not change them', () => {
    expect(roughBytes(648_394 * 3600)).toBe('2.2 GiB')
    expect(roughBytes(618.4 * 1024 ** 2)).toBe('620 MiB')
    expect(roughBytes(-1126)).toBe('−1.1 KiB')
    expect(roughBytes(0)).toBe('0 B')
    expect(rateWords({ value: 5000, low: -10, high: 1e6 }, '/h')).toBe('+4.9 KiB/h (95 %: −10 B to 980 KiB)')
    const close = { value: 2.2 * 1024 ** 3, low: 2.16 * 1024 ** 3, high: 2.204 * 1024 ** 3 }
    expect(rateWords(close, '/h')).toBe('+2.2 GiB/h (95 %: 2.16 GiB to 2.20 GiB)')
    expect(shareWords({ value: 0.958, low: 0.884, high: 1.031 })).toBe('96 % (88 to 103 %)')
    expect(shareWords({ value: 1, low: 1, high: 1 })).toBe('100 %')
  })
})
