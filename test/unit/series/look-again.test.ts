import { describe, expect, it } from 'vitest'
import { lookAgain } from '#lib/series/look-again'
import { readSeries } from '#lib/series/read-series'
import type { Samples } from '#lib/series/samples'
import { drawSeries, normal, seeded } from './draw-series.ts'

/** Noise that hides the growth for about a quarter of an hour. */
function rising(seconds: number): Samples {
  const random = seeded(5)
  return drawSeries(seconds, (i) => 3e8 + 20_000 * i + 1e7 * normal(random))
}

describe('a second look at an open question', () => {
  const first = readSeries(rising(120))
  const dueAt = first.reading.decidableAt!

  it('has something to wait for: the first look names a time', () => {
    expect(first.reading.kind).toBe('cannot-tell')
    expect(dueAt).toBeGreaterThan(first.to)
  })

  it('is decided when the graph says something then', () => {
    const look = lookAgain(readSeries(rising(1800)), dueAt)
    expect(look).toMatchObject({ verdict: 'decided', nextAt: null })
    expect(look.words).toMatch(/^Growing so far/)
  })

  it('is open when it has what it asked for and still is not enough, and names the next time', () => {
    const second = readSeries(rising(900))
    expect(lookAgain(second, dueAt)).toEqual({
      verdict: 'open',
      words: second.reading.words,
      nextAt: second.reading.decidableAt,
    })
  })

  it('says so when the samples ended before', () => {
    expect(lookAgain(first, dueAt)).toMatchObject({ verdict: 'no-samples', nextAt: null })
    expect(lookAgain(null, dueAt)).toMatchObject({ verdict: 'no-samples', nextAt: null })
    expect(lookAgain(readSeries({ t: new Float64Array(0), v: new Float64Array(0) }), dueAt).verdict).toBe(
      'no-samples',
    )
  })

  it('is open while growth was seen for less than a day, though the growth itself is sure', () => {
    const random = seeded(7)
    const minutes = drawSeries(400, (i) => 3e8 + 1e6 * i + 1e6 * normal(random))
    const spread = { t: minutes.t.map((at) => minutes.t[0]! + (at - minutes.t[0]!) * 60), v: minutes.v }
    const reading = readSeries(spread)
    expect(reading.reading.kind).toBe('growing')
    expect(lookAgain(reading, reading.to)).toMatchObject({
      verdict: 'open',
      nextAt: reading.reading.decidableAt,
    })
  })
})
