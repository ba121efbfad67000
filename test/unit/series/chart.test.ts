import { describe, expect, it } from 'vitest'
import {
  byteAxis,
  byteLabels,
  extended,
  joinSeries,
  timeLabels,
  withBreaks,
  withLiveEnd,
} from '#components/series/chart-data'
import { panned, zoomed } from '#components/series/chart-gestures'
import { describeChart } from '#components/series/describe-chart'
import { localTime, sizeOf } from '#components/series/limit-editor'
import { shownAtFirst } from '#components/series/series-chips'
import { seriesColor } from '#components/series/series-colors'

const points = (t: number[], v: number[], more = {}) => ({
  t,
  v,
  restarts: [],
  pid: 0,
  gaps: [],
  phases: [],
  stored: 0,
  step: 0,
  ...more,
})
const series = (id: string, name: string, unit: 'bytes' | 'count' = 'bytes') => ({
  ...{ id, name, unit, label: name, points: 1, from: 0, to: 1 },
})

describe('lines of the graph', () => {
  it('[SER80] break inside a gap and before a restart, and nowhere else', () => {
    const broken = withBreaks(
      points([10, 20, 90, 100], [1, 2, 3, 4], {
        gaps: [{ from: 20, to: 90 }],
        restarts: [{ at: 100, because: 'pid' }],
      }),
    )
    expect(broken).toEqual({ t: [10, 20, 89.5, 90, 99.5, 100], v: [1, 2, null, 3, null, 4] })
  })

  it('[SER81] share one time axis without inventing values', () => {
    expect(joinSeries([points([1, 3], [10, 30]), points([2, 3], [200, 300]), undefined])).toEqual([
      [1, 2, 3],
      [10, undefined, 30],
      [undefined, 200, 300],
      [undefined, undefined, undefined],
    ])
  })

  it('[SER82] grow with live points; what is known or late changes nothing', () => {
    const before = points([1, 2], [10, 20])
    expect(extended(before, { t: [2, 3, 4], v: [99, 30, 40] })).toMatchObject({
      t: [1, 2, 3, 4],
      v: [10, 20, 30, 40],
    })
    expect(extended(before, { t: [1], v: [99] })).toBe(before)
  })

  it('[SER127] keep what came in live while they were loaded, and its restarts', () => {
    const shown = extended(points([1, 2], [10, 20], { pid: 7 }), { t: [3, 4], v: [30, 5], pids: [7, 8] })
    const loaded = points([1, 2, 3], [10, 20, 30], { pid: 7, stored: 3 })
    const restart = { at: 4, because: 'pid', pidBefore: 7, pidAfter: 8 }
    expect(withLiveEnd(loaded, shown)).toMatchObject({ t: [1, 2, 3, 4], pid: 8, restarts: [restart] })
    const later = points([1, 2, 3, 4, 5], [10, 20, 30, 5, 6], { pid: 8, restarts: [restart] })
    expect(withLiveEnd(later, shown)).toBe(later)
    // Counters stand for no memory: their restarts are not drawn.
    expect(
      extended(points([1], [1], { pid: null }), { t: [2, 3], v: [2, 3], pids: [7, 8] }).restarts,
    ).toEqual([])
  })

  it('[SER83] have the colours of process and runtime first, and no two the same', () => {
    const all = [
      series('a', 'rss'),
      series('b', 'heap-live'),
      series('c', 'rss'),
      series('d', 'requests', 'count'),
    ]
    const colors = all.map((one) => seriesColor(one, all))
    expect(colors.slice(0, 2)).toEqual(['--native', '--managed'])
    expect(new Set(colors).size).toBe(4)
  })

  it('[SER84] that nobody chose yet are RSS and the live heap, never the virtual size', () => {
    const all = [
      series('v', 'vsz'),
      series('r', 'rss'),
      series('h', 'heap-live'),
      series('q', 'requests', 'count'),
    ]
    expect([...shownAtFirst(all)]).toEqual(['r', 'h'])
    expect([...shownAtFirst([series('q', 'requests', 'count')])]).toEqual(['q'])
  })
})

describe('axes', () => {
  it('[SER85] memory is labelled in one binary unit', () => {
    expect(byteLabels([0, 4 * 1024 ** 3, 16 * 1024 ** 3])).toEqual(['0 GiB', '4 GiB', '16 GiB'])
    expect(byteLabels([0, 512 * 1024])).toEqual(['0 KiB', '512 KiB'])
  })

  it('[SER86] start at 0, show a limit in reach, and leave out one far above', () => {
    expect(byteAxis(50, 100, [150])[1]).toBeGreaterThan(150)
    expect(byteAxis(50, 100, [1000])[1]).toBeLessThan(150)
    expect(byteAxis(50, 100, [])[0]).toBe(0)
    expect(byteAxis(990, 1000, [])[0]).toBeGreaterThan(900)
    const [low, high] = byteAxis(999.9, 1000, [])
    expect(high - low, 'noise is not blown up').toBeGreaterThan(40)
    expect([low < 999.9, high > 1000]).toEqual([true, true])
  })

  it('[SER87] time names the day where it changes', () => {
    const noon = new Date(2026, 10, 23, 12, 0).getTime()
    expect(timeLabels([noon, noon + 3600_000])).toEqual(['Mon 12:00', '13:00'])
    expect(timeLabels([noon, noon + 43_200_000])).toEqual(['Mon 12:00', 'Tue 00:00'])
  })
})

describe('gestures and words', () => {
  it('[SER88] zooming keeps the moment under the pointer in its place', () => {
    expect(zoomed({ from: 0, to: 100 }, 0.5, 20)).toEqual({ from: 10, to: 60 })
    expect(panned({ from: 0, to: 100 }, 0.2)).toEqual({ from: 20, to: 120 })
  })

  it('[SER89] the graph is described in sentences', () => {
    const shown = new Map([['a', points([0, 60_000], [1024 ** 2, 3 * 1024 ** 2])]])
    const limits = [{ id: 'l', label: 'RAM', bytes: 1024 ** 3 }]
    expect(describeChart([series('a', 'rss')], shown, { limits, marks: [], captures: [] })).toBe(
      'rss: from 1.0 MiB to 3.0 MiB in 1 min, highest 3.0 MiB. Limit RAM at 1.0 GiB.',
    )
  })

  it('[SER90] a limit is a size above 0, with a point or a comma', () => {
    expect(sizeOf('16', 'GiB')).toBe(16 * 1024 ** 3)
    expect(sizeOf('1,5', 'MiB')).toBe(1.5 * 1024 ** 2)
    expect(sizeOf('-1', 'MiB')).toBeUndefined()
    expect(sizeOf('much', 'MiB')).toBeUndefined()
  })

  it('[SER91] a mark’s field shows the reader’s own clock', () => {
    expect(Date.parse(localTime(1_795_426_942_000))).toBe(1_795_426_942_000)
  })
})
