import { describe, expect, it } from 'vitest'
import { meaningOf } from '#lib/formats/series/quantities'
import { type AllocatorSeries, growthPlaces } from '#lib/series/where-it-grows-all'
import { drawSeries, normal, seeded } from './draw-series.ts'

const random = seeded(21)
const grown = (rate: number, noise: number, base = 2e8) =>
  drawSeries(600, (i) => base + rate * i + noise * normal(random))

/** What the waterfall says of the allocator, beside RSS that grows by 200,000 bytes a second. */
function step(allocator: AllocatorSeries): number | undefined {
  const { waterfall } = growthPlaces({
    rss: grown(200_000, 1e6),
    heapCommitted: grown(0, 1e5),
    heapLive: grown(0, 1e5),
    allocator,
    counters: [],
    bands: [],
    profiles: [],
  })
  return waterfall?.steps.find(({ kind }) => kind === 'allocator')?.bytes
}

describe('what the allocator says of itself', () => {
  it('is known by the names under which it is sent', () => {
    const names = [
      ['allocator_held_bytes', 'allocator-held'],
      ['mallinfo2_fordblks', 'allocator-held'],
      ['tcmalloc_pageheap_free_bytes', 'allocator-held'],
      ['jemalloc.stats.resident', 'jemalloc-resident'],
      ['jemalloc_allocated_bytes', 'jemalloc-allocated'],
      ['mallinfo_arena', 'malloc-arena'],
      ['glibc_mallinfo2_uordblks', 'malloc-used'],
    ] as const
    for (const [sent, name] of names)
      expect(meaningOf(sent)).toMatchObject({ name, unit: 'bytes', known: true })
    expect(meaningOf('arena').known).toBe(false)
  })

  it('is a step of the waterfall: as told, or the difference of two figures', () => {
    const held = 120_000 * 599
    for (const allocator of [
      { held: grown(120_000, 1e5) },
      { resident: grown(180_000, 1e5), allocated: grown(60_000, 1e5) },
      { arena: grown(150_000, 1e5), used: grown(30_000, 1e5) },
    ]) {
      const bytes = step(allocator)
      expect(bytes).toBeGreaterThan(0.9 * held)
      expect(bytes).toBeLessThan(1.1 * held)
    }
  })

  it('is no step where one of the two figures is missing', () => {
    expect(step({})).toBeUndefined()
    expect(step({ resident: grown(180_000, 1e5) })).toBeUndefined()
  })
})
