import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MOST_BANDS, readBands } from '#lib/formats/series/bands'

/** An hour east of UTC. */
const local = (wall: number) => wall - 3_600_000
const read = (text: string) => readBands(text, local)
const at = (clock: string) => Date.parse(`2026-11-23T${clock}Z`)

describe('a list of outages', () => {
  it('[FMT110] is read from lines, with a heading or without, whatever separates them', () => {
    const expected = [
      { label: 'memcached, the old one', from: at('14:02:00'), to: at('14:40:00') },
      { label: 'Outage', from: at('18:00:00'), to: null },
    ]
    const lines = (separator: string) =>
      [
        ['start', 'end', 'label'],
        ['2026-11-23T18:00:00Z', '', ''],
        ['2026-11-23 15:02:00', '2026-11-23T14:40:00Z', 'memcached, the old one'],
      ]
        .map((cells) => cells.join(separator))
        .join('\r\n')
    for (const separator of [',', ';', '\t']) expect(read(lines(separator)).bands).toEqual(expected)
    const seconds = `${at('14:02:00') / 1000},${at('14:40:00')},"memcached, the old one"`
    expect(read(seconds).bands[0]).toMatchObject({ from: at('14:02:00'), to: at('14:40:00') })
  })

  it('[FMT111] is read from alerts: Alertmanager’s, and Prometheus’ series of them', () => {
    const alerts = [
      {
        startsAt: '2026-11-23T14:02:00.000Z',
        endsAt: '2026-11-23T14:40:00Z',
        labels: { alertname: 'MemcachedDown', instance: 'mc-1' },
      },
    ]
    expect(read(JSON.stringify(alerts)).bands).toEqual([
      { label: 'MemcachedDown · mc-1', from: at('14:02:00'), to: at('14:40:00') },
    ])
    const times = ['14:02:00', '14:03:00', '14:04:00', '18:00:00', '18:01:00']
    const values = times.map((clock) => [at(clock) / 1000, '1'])
    const matrix = { data: { resultType: 'matrix', result: [{ metric: { alertname: 'Down' }, values }] } }
    expect(read(JSON.stringify(matrix)).bands).toEqual([
      { label: 'Down', from: at('14:02:00'), to: at('14:04:00') },
      { label: 'Down', from: at('18:00:00'), to: at('18:01:00') },
    ])
  })

  it('[FMT112] says which line makes no sense, and takes the others', () => {
    const { bands, refused, firstProblem } = read(
      '2026-11-23T14:02:00Z,2026-11-23T14:01:00Z,backwards\nyesterday,today,x\n2026-11-23T14:02:00Z,,good',
    )
    expect(bands.map(({ label }) => label)).toEqual(['good'])
    expect([refused, firstProblem]).toEqual([2, { line: 1, why: 'the end has to be after the start' }])
    expect(read('{"data":').firstProblem?.why).toContain('stops short')
    const many = Array.from({ length: 250 }, (_, i) => `${at('14:02:00') / 1000 + i},,x`).join('\n')
    expect(read(many)).toMatchObject({ refused: 50, firstProblem: { line: MOST_BANDS + 1 } })
  })

  it('[FMT113] of anything is a list or a sentence, never a bug (seed 5)', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc.array(fc.string()).map((cells) => cells.join(',')),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const { bands } = read(text)
        for (const { from, to, label } of bands) {
          expect(Number.isFinite(from) && (to === null || to > from) && label !== '').toBe(true)
        }
      }),
      { seed: 5 },
    )
  })
})
