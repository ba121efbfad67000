import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seal, unseal } from '#lib/sources/sealed'
import { Slots } from '#lib/sources/slots'
import { nextWindow, pointsAtATime } from '#lib/sources/windows'

describe('the parts in which a range is fetched', () => {
  it('cover every moment of the range, in order, each part small enough for one answer', () => {
    const range = fc.record({
      from: fc.integer({ min: 0, max: 10_000_000 }),
      length: fc.integer({ min: 0, max: 5_000_000 }),
      stepMs: fc.constantFrom(1000, 15_000, 60_000),
      points: fc.integer({ min: 3, max: 50 }),
    })
    fc.assert(
      fc.property(range, ({ from, length, stepMs, points }) => {
        const nowMs = from + length
        const seen = new Set<number>()
        let reachedAt: number | null = null
        for (let part = 0; part < 10_000; part++) {
          const window = nextWindow({ from, reachedAt, nowMs, stepMs, points })
          if (!window) break
          expect((window.end - window.start) / stepMs).toBeLessThan(points)
          for (let at = window.start; at <= window.end; at += stepMs) seen.add(at)
          if (reachedAt !== null && window.end <= reachedAt) break
          reachedAt = window.end
        }
        const wanted: number[] = []
        for (let at = Math.ceil(from / stepMs) * stepMs; at <= nowMs; at += stepMs) wanted.push(at)
        expect([...seen].sort((a, b) => a - b)).toEqual(wanted)
      }),
      { seed: 20261123, numRuns: 200 },
    )
  })

  it('begin one step before what is there: its newest value may have come late', () => {
    const common = { from: 0, stepMs: 15_000, points: 100 }
    expect(nextWindow({ ...common, reachedAt: 60_000, nowMs: 91_000 })).toEqual({
      start: 45_000,
      end: 90_000,
    })
    expect(nextWindow({ ...common, from: 100_000, reachedAt: null, nowMs: 91_000 })).toBeUndefined()
  })

  it('never ask for more than Prometheus answers', () => {
    expect(pointsAtATime(1)).toBe(10_000)
    expect(pointsAtATime(50)).toBe(8_000)
    expect(pointsAtATime(100_000)).toBe(10)
  })
})

describe('a sealed authorization', () => {
  const use = { sourceId: 'a', url: 'https://prometheus.example/prom' }
  const secret = 'a secret of the tests that is long enough'

  it('opens for the same source and origin with the same secret only', () => {
    const sealed = seal('Bearer tøken', secret, use)
    expect(sealed).not.toContain('tøken')
    expect(unseal(sealed, secret, use)).toBe('Bearer tøken')
    expect(unseal(sealed, secret, { ...use, url: 'https://prometheus.example/other' })).toBe('Bearer tøken')
    expect(unseal(sealed, secret, { ...use, sourceId: 'b' })).toBeUndefined()
    expect(unseal(sealed, secret, { ...use, url: 'http://prometheus.example' })).toBeUndefined()
    expect(unseal(sealed, 'another secret', use)).toBeUndefined()
    expect(seal('Bearer tøken', secret, use)).not.toBe(sealed)
  })

  it('does not open when a bit was changed, or when it is none', () => {
    const sealed = seal('Bearer token', secret, use)
    for (let at = 3; at < sealed.length; at++) {
      const other = sealed[at] === 'A' ? 'Q' : 'A'
      expect(unseal(sealed.slice(0, at) + other + sealed.slice(at + 1), secret, use)).toBeUndefined()
    }
    for (const none of ['', 'v1', 'v1.', 'v1.AAAA', 'v2.AAAA', 'Bearer token'])
      expect(unseal(none, secret, use)).toBeUndefined()
  })
})

describe('the places for fetches', () => {
  it('are never more than there are, whatever fails, and who left the line is not begun', async () => {
    const slots = new Slots(2)
    let inside = 0
    let most = 0
    const { signal } = new AbortController()
    const gone = AbortSignal.abort()
    const work = async (n: number) => {
      most = Math.max(most, ++inside)
      await new Promise((later) => setImmediate(later))
      inside--
      if (n % 3 === 0) throw new Error('broke')
      return n
    }
    const all = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => slots.run(n === 7 ? gone : signal, () => work(n))),
    )
    expect(most).toBe(2)
    expect(all.filter(({ status }) => status === 'rejected')).toHaveLength(8)
    expect(await slots.run(signal, () => work(1))).toBe(1)
  })
})
