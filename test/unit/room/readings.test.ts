import { describe, expect, it } from 'vitest'
import { type ReadingFacts, readings } from '#components/room/readings'
import { LimitId } from '#lib/investigation/ids'
import type { LimitRow } from '#lib/investigation/rows'
import { READING_VERSION, type SeriesReading } from '#lib/series/reading'
import { waterfall } from '#lib/series/waterfall'

const GIB = 1024 ** 3
const limit: LimitRow = {
  id: LimitId.parse('00000000-0000-4000-8000-000000000001'),
  kind: 'ram',
  label: 'RAM',
  bytes: 16 * GIB,
  version: 1,
}
const growing: SeriesReading = {
  version: READING_VERSION,
  from: 0,
  to: 26 * 3_600_000,
  samples: 1000,
  segments: [],
  restarts: [{ at: 1, because: 'pid' }],
  uncountedFalls: 0,
  reading: {
    kind: 'growing',
    bytesPerHour: { value: GIB, low: 0.9 * GIB, high: 1.1 * GIB },
    words: '',
    reasons: [],
    decidableAt: null,
  },
  reachesLimit: null,
}
const nothing: ReadingFacts = { main: null, heap: null, series: [], limits: [], captures: 0 }
const field = (facts: ReadingFacts, name: string) => {
  const found = readings(facts).find((one) => one.name === name)
  if (!found) throw new Error(name)
  return found
}

describe('the readings strip', () => {
  it('shows no value that cannot be computed, and says what would bring each', () => {
    for (const one of readings(nothing)) {
      expect(one.value, one.name).toBeNull()
      expect(one.more, one.name).not.toBe('')
    }
  })

  it('gives the rate with its interval and units', () => {
    const rate = field({ ...nothing, main: { label: 'RSS', reading: growing } }, 'Rate')
    expect(rate.value).toBe('+1.0 GiB/h')
    expect(rate.more).toBe('95 %: +921.60 MiB to +1.10 GiB/h')
  })

  it('gives no rate where nothing grows', () => {
    const steady = {
      ...growing,
      reading: { ...growing.reading, kind: 'steady' as const, bytesPerHour: null },
    }
    expect(field({ ...nothing, main: { label: 'RSS', reading: steady } }, 'Rate').value).toBeNull()
  })

  it('asks for a limit line before it speaks of a limit', () => {
    expect(field(nothing, 'Reaches the limit').offer).toBe('limit')
  })

  it('says when the limit is met, with the earliest and the latest time', () => {
    const reachesLimit = {
      state: 'ahead',
      limit: { label: 'RAM', bytes: 16 * GIB },
      inMs: { likely: 13_200_000, earliest: 12_000_000, latest: null },
      words: '',
    } as const
    const facts = {
      ...nothing,
      limits: [limit],
      main: { label: 'RSS', reading: { ...growing, reachesLimit } },
    }
    expect(field(facts, 'Reaches the limit')).toMatchObject({
      value: 'in 3 h 40 min',
      more: 'RAM 16.0 GiB · 3 h 20 min to perhaps never',
    })
  })

  it('never says leak', () => {
    const facts = { ...nothing, main: { label: 'RSS', reading: growing }, limits: [limit] }
    expect(JSON.stringify(readings(facts))).not.toMatch(/leak/i)
  })

  it('names the place with its share and interval, what it follows and what is unexplained, and opens the evidence', () => {
    const place = {
      version: 1,
      place: 'native',
      share: { value: 0.98, low: 0.96, high: 1.01 },
      words: '',
      reasons: [],
      wouldDecide: null,
      range: { from: 0, to: 1 },
    } as const
    const best = { name: 'failures', one: 'failure' }
    const clock = { best, lead: 50, cost: { value: 1100, low: 1090, high: 1110 }, ranking: [], words: '' }
    const places = { place, clock, experiment: null, waterfall: waterfall({ growth: 96 * 1024 ** 2 }) }
    const shown = field({ ...nothing, places }, 'Where it grows')
    expect(shown).toMatchObject({ value: 'Outside the heap, 98 %', tone: 'native', opens: 'place' })
    expect(shown.more).toBe('96 to 101 % · follows failures · unexplained +96.0 MiB')
  })

  it('says what would decide where the place cannot be told, and no share', () => {
    const place = {
      version: 1,
      place: 'cannot-tell',
      share: { value: 0.5, low: 0.1, high: 0.9 },
      words: 'Cannot tell yet.',
      reasons: [],
      wouldDecide: 'Two more hours.',
      range: null,
    } as const
    const shown = field(
      { ...nothing, places: { place, clock: null, experiment: null, waterfall: null } },
      'Where it grows',
    )
    expect(shown).toMatchObject({ value: 'Cannot tell yet', tone: 'neutral', more: 'Two more hours.' })
  })
})
