import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { overlay } from '#lib/series/lives-overlay'
import { type WaterfallInput, waterfall } from '#lib/series/waterfall'
import { drawSeries } from './draw-series.ts'

describe('the waterfall', () => {
  it('adds up to the growth exactly, whatever is known', () => {
    const some = fc.option(fc.double({ min: -1e12, max: 1e12, noNaN: true }), { nil: undefined })
    const part = fc.option(
      fc.record({ label: fc.string(), bytes: fc.double({ min: -1e12, max: 1e12, noNaN: true }) }),
      { nil: undefined },
    )
    const inputs: fc.Arbitrary<WaterfallInput> = fc.record({
      growth: fc.double({ min: -1e12, max: 1e12, noNaN: true }),
      heapLive: some,
      heapCommitted: some,
      mapped: some,
      allocatorHeld: some,
      capture: part,
      native: part,
    })
    fc.assert(
      fc.property(inputs, (input) => {
        const { growth, steps, unexplained } = waterfall(input)
        expect(steps.reduce((sum, step) => sum + step.bytes, 0)).toBe(growth)
        expect(steps[steps.length - 1]).toMatchObject({ kind: 'unexplained', bytes: unexplained })
      }),
      { seed: 4711 },
    )
  })

  it('counts objects of a capture once, though they are live memory too', () => {
    const { steps, unexplained } = waterfall({
      growth: 100,
      heapLive: 40,
      heapCommitted: 50,
      capture: { label: 'A to B', bytes: 30 },
    })
    expect(steps.map(({ kind, bytes }) => [kind, bytes])).toEqual([
      ['capture', 30],
      ['managed-live', 10],
      ['gc-slack', 10],
      ['unexplained', 50],
    ])
    expect(unexplained).toBe(50)
  })

  it('leaves everything unexplained when nothing is measured, and shrinks with each measurement', () => {
    expect(waterfall({ growth: 98e6 }).unexplained).toBe(98e6)
    expect(waterfall({ growth: 98e6, native: { label: 'memcheck', bytes: 93e6 } }).unexplained).toBe(5e6)
  })

  it('says so when more is explained than grew', () => {
    const { steps } = waterfall({ growth: 10, native: { label: 'x', bytes: 25 } })
    expect(steps[steps.length - 1]).toMatchObject({ label: 'Explained twice', bytes: -15 })
  })
})

describe('lives on top of each other', () => {
  const life = (label: string, seconds: number, rate: number, perSecond = 10) => ({
    label,
    samples: drawSeries(seconds, (i) => 1e8 + i * rate),
    requests: drawSeries(seconds, (i) => 500 + i * perSecond),
  })

  it('aligns them at their start, each as long as it was', () => {
    const { lives, band } = overlay([life('1', 100, 1e5), life('2', 50, 1e5), life('3', 80, 1e5)], 'uptime')
    expect(lives.map(({ x }) => x[0])).toEqual([0, 0, 0])
    expect(lives[0]!.x[lives[0]!.x.length - 1]).toBe(99_000)
    expect(lives[1]!.x[lives[1]!.x.length - 1]).toBeLessThanOrEqual(49_000)
    for (const { x, low, high } of band) {
      expect(low).toBeCloseTo(1e8 + x * 100, -1)
      expect(high).toBeCloseTo(1e8 + x * 100, -1)
    }
  })

  it('makes lives alike that grow by requests and were served at different paces', () => {
    const byRequests = overlay(
      [life('1', 100, 1e5, 10), life('2', 200, 5e4, 5), life('3', 50, 2e5, 20)],
      'requests',
    )
    expect(byRequests.lives).toHaveLength(3)
    for (const { low, high } of byRequests.band) expect(high - low).toBeLessThan(1)
  })

  it('finds the odd one among five, and none among equals', () => {
    const same = [1, 2, 3, 4].map((i) => life(`${i}`, 100, 1e5 + i * 100))
    const odd = (lives: ReturnType<typeof life>[]) =>
      overlay(lives, 'uptime')
        .lives.filter(({ isOdd }) => isOdd)
        .map(({ label }) => label)
    expect(odd([...same, life('5', 100, 3e5)])).toEqual(['5'])
    expect(odd([...same, life('5', 100, 1.002e5)])).toEqual([])
  })

  it('draws nothing of lives without samples or requests', () => {
    expect(overlay([], 'uptime').lives).toEqual([])
    const { requests: _, ...bare } = life('1', 10, 1)
    expect(overlay([bare], 'requests').lives).toEqual([])
  })
})
