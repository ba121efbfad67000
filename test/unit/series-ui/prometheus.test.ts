import { describe, expect, it } from 'vitest'
import { trapIn } from '#components/series/prometheus-examples'
import { askedBy, authorizationOf, EMPTY_DRAFT } from '#components/series/prometheus-form'
import { asSaid, chosenSeries, leavesOut, meant } from '#components/series/prometheus-preview'
import type { PreviewedSource } from '#lib/formats/prometheus-range/preview'

const one: PreviewedSource = {
  key: 'value{pod="a"}',
  column: 'value',
  name: 'value',
  label: 'value',
  process: 'a',
  unit: 'count',
  unitChoice: 'count',
  suggested: true,
  points: 2,
  gaps: 0,
  from: 0,
  to: 1,
  examples: [{ written: '63500', means: '63,500' }],
}

describe('what a Prometheus is asked with', () => {
  it('a token with or without its word, or user and password as UTF-8', () => {
    const of = (way: 'none' | 'bearer' | 'basic', secret: string) =>
      authorizationOf({ way, user: 'ada', secret })
    expect(of('none', 'x')).toBeNull()
    expect(of('bearer', ' ')).toBeNull()
    expect(of('bearer', ' abc ')).toBe('Bearer abc')
    expect(of('bearer', 'bearer abc')).toBe('Bearer abc')
    expect(of('basic', 'pässword')).toBe(`Basic ${Buffer.from('ada:pässword').toString('base64')}`)
  })

  it('the range ends now', () => {
    const draft = { ...EMPTY_DRAFT, url: ' http://prom:9090 ', query: ' up ', range: 60_000 }
    expect(askedBy(draft, 100_000)).toEqual({
      url: 'http://prom:9090',
      query: 'up',
      stepSeconds: 15,
      from: 40_000,
      authorization: null,
    })
  })

  it('warns of metrics that rise without a leak', () => {
    expect(trapIn('sum(container_memory_working_set_bytes)')).toMatch(/container_memory_rss/)
    expect(trapIn('container_memory_usage_bytes')).toMatch(/page cache/)
    expect(trapIn('process_virtual_memory_bytes')).toMatch(/address space/)
    expect(trapIn('process_resident_memory_bytes')).toBeUndefined()
  })
})

describe('what is said of an answer', () => {
  it('another meaning brings its unit along, and values read anew', () => {
    const said = asSaid(one, { ...meant('rss', one), unitChoice: 'kib' })
    expect(said).toMatchObject({ name: 'rss', label: 'RSS', unit: 'bytes' })
    expect(said.examples).toEqual([{ written: '63500', means: '62.0 MiB' }])
    expect(chosenSeries(said)).toEqual({
      key: one.key,
      name: 'rss',
      label: 'RSS a',
      process: 'a',
      unit: 'bytes',
      factor: 1024,
    })
    expect(meant('rss', one)).toEqual({ name: 'rss', unitChoice: 'bytes' })
    expect(meant('requests', one)).toEqual({ name: 'requests' })
    expect(asSaid(one, undefined)).toEqual(one)
  })

  it('new series are not taken of a metric of which some were left out', () => {
    const rows = ['rss a', 'rss b', 'up a'].map((key) => ({ key, column: key.slice(0, key.indexOf(' ')) }))
    expect(leavesOut(rows, new Set(['rss a', 'rss b']))).toBe(false)
    expect(leavesOut(rows, new Set(['rss a', 'up a']))).toBe(true)
    expect(leavesOut(rows, new Set())).toBe(false)
  })
})
