import { describe, expect, it } from 'vitest'
import { oneOf, restartsOf, tellsRestarts, workCounter } from '#lib/series/counters'
import { readGraph } from '#lib/series/read-graph'
import { drawSeries, normal, seeded } from './draw-series.ts'

const counted = (seconds: number, value: (second: number) => number) => drawSeries(seconds, value)

describe('counters beside a memory graph', () => {
  it('are known by name; how many connections there are now is not taken for a counter of restarts', () => {
    expect(oneOf('requests')).toBe('request')
    expect(oneOf('sidekiq-jobs-total')).toBe('')
    expect(oneOf('page-faults')).toBeUndefined()
    expect(['requests', 'http-requests', 'gc-count', 'jobs-total'].map(tellsRestarts)).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect(['connections', 'jobs', 'events', 'threads'].map(tellsRestarts)).toEqual([
      false,
      false,
      false,
      false,
    ])
    expect(workCounter(['gc-count', 'jobs', 'requests'])).toBe('requests')
    expect(workCounter(['failures', 'sidekiq-jobs-total'])).toBe('sidekiq-jobs-total')
    expect(workCounter(['failures', 'gc-count'])).toBeUndefined()
  })

  it('tell when the process began anew, each moment once', () => {
    const requests = counted(100, (i) => 10 * (i % 40))
    const runs = counted(100, (i) => (i % 40) / 4)
    expect(restartsOf([requests, runs])).toEqual([requests.t[40], requests.t[80]])
  })

  it('say nothing when one falls by a little: it counts for several workers, of which one ended', () => {
    const sum = counted(100, (i) => 10 * i - (i > 50 ? 100 : 0) - (i > 80 ? 790 : 0))
    expect(restartsOf([sum])).toEqual([])
  })
})

describe('a memory graph with a counter', () => {
  const random = seeded(11)
  const traffic = seeded(12)
  let served = 0
  // Two lives of 20 minutes; 900 bytes a request, which come unevenly.
  let rate = 0
  const counter = counted(2400, (i) => {
    if (i % 25 === 0) rate = 1 + 6 * traffic()
    served = i === 1200 ? 0 : served + Math.round(rate)
    return served
  })
  const memory = drawSeries(
    2400,
    (i) => 2e8 + 900 * counter.v[i]! + 1e5 * normal(random),
    (i) => (i < 1200 ? 7 : 8),
  )

  it('gives growth per thousand in the longest life that grows, never over a restart', () => {
    const { reading, perThousand } = readGraph(memory, {}, counter)
    expect(reading.restarts).toHaveLength(1)
    if (perThousand?.state !== 'told') throw new Error(perThousand?.state ?? 'nothing')
    expect(perThousand.low).toBeLessThan(900_000)
    expect(perThousand.high).toBeGreaterThan(900_000)
    expect(perThousand.to - perThousand.from).toBeLessThanOrEqual(1_200_000)
  })

  it('gives nothing without growth or without a counter', () => {
    expect(readGraph(memory, {}, null).perThousand).toBeNull()
    const calm = drawSeries(600, () => 2e8 + 1e5 * normal(random))
    expect(readGraph(calm, {}, counter).perThousand).toBeNull()
  })
})
