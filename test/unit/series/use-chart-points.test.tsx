// @vitest-environment happy-dom
import { act, cleanup, renderHook, waitFor } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import type { ChartPoints, ChartRange, ChartSeries, LivePoints } from '#components/series/chart-types'
import { useChartPoints } from '#components/series/use-chart-points'

afterEach(cleanup)

const T0 = 1_795_000_000_000
const row = (points: number): ChartSeries => ({
  id: 's1',
  name: 'rss',
  label: 'RSS',
  unit: 'bytes',
  points,
  from: T0,
  to: T0 + points * 1000,
})

/** A server with one series of a sample a second, and a connection to it. */
function drawServer(stored: number) {
  const asked: (ChartRange | null)[] = []
  let tell: (id: string, points: LivePoints) => void = () => {}
  let missed = () => {}
  let running = 0
  const server = {
    stored,
    asked,
    /** Most requests at the same time. */
    most: 0,
    load: async (_: string, range: ChartRange | null): Promise<ChartPoints> => {
      asked.push(range)
      server.most = Math.max(server.most, ++running)
      const every = Array.from({ length: server.stored }, (_, s) => T0 + s * 1000)
      const t = every.filter((at) => range === null || (at >= range.from && at <= range.to))
      await Promise.resolve()
      running--
      return {
        t,
        v: t.map(() => 1),
        restarts: [],
        pid: 0,
        gaps: [],
        phases: [],
        stored: server.stored,
        step: 0,
      }
    },
    subscribe: (listener: typeof tell, onMissed: () => void) => {
      tell = listener
      missed = onMissed
      return () => {}
    },
    /** One more sample, and its announcement. */
    sample(value = 1, pid?: number) {
      tell('s1', { t: [T0 + server.stored++ * 1000], v: [value], ...(pid && { pids: [pid] }) })
    },
    reconnect: () => missed(),
  }
  return server
}

function draw(server: ReturnType<typeof drawServer>, view: ChartRange | null = null) {
  return renderHook(
    (shown) =>
      useChartPoints(shown.series, shown.view ?? view, 500, server.load, server.subscribe).points.get('s1'),
    { initialProps: { series: [row(server.stored)], view } },
  )
}

describe('points of the graph', () => {
  it('[SER92] samples that were stored while the connection was down appear when it is back', async () => {
    const server = drawServer(10)
    const { result } = draw(server)
    await waitFor(() => expect(result.current?.t).toHaveLength(10))
    server.stored = 25
    act(() => server.reconnect())
    await waitFor(() => expect(result.current?.t).toHaveLength(25))
    expect(server.asked).toEqual([null, null])
  })

  it('[SER93] a closer look is loaded anew over the range that it shows', async () => {
    const server = drawServer(10)
    const view = { from: T0, to: T0 + 10_000 }
    const { result } = draw(server, view)
    await waitFor(() => expect(result.current?.t).toHaveLength(10))
    act(() => server.reconnect())
    await waitFor(() => expect(server.asked).toHaveLength(2))
    expect(server.asked[1]).toEqual(server.asked[0])
  })

  it('[SER94] rows that tell of points which were heard load nothing; of others they do', async () => {
    const server = drawServer(10)
    const { result, rerender } = draw(server)
    await waitFor(() => expect(result.current?.t).toHaveLength(10))
    act(() => {
      for (let k = 0; k < 5; k++) server.sample()
    })
    await waitFor(() => expect(result.current?.t).toHaveLength(15))
    rerender({ series: [row(15)], view: null })
    // A second row, of samples that nobody announced: only this one is a reason to load.
    server.stored = 40
    rerender({ series: [row(40)], view: null })
    await waitFor(() => expect(result.current?.t).toHaveLength(40), { timeout: 5000 })
    expect(server.asked).toHaveLength(2)
  })

  it('[SER125] a sample of another process is a restart at once, and nothing is loaded for it', async () => {
    const server = drawServer(10)
    const { result } = draw(server)
    await waitFor(() => expect(result.current?.t).toHaveLength(10))
    act(() => {
      for (const pid of [7, 7, 8, 8, undefined, 8]) server.sample(1, pid)
    })
    await waitFor(() => expect(result.current?.t).toHaveLength(16))
    expect(result.current?.restarts).toEqual([{ at: T0 + 12_000, because: 'pid', pidBefore: 7, pidAfter: 8 }])
    expect(server.asked).toHaveLength(1)
  })

  it('[SER126] a deep fall of a process without a name has the server say whether it is a restart, once', async () => {
    const server = drawServer(20)
    const { result } = draw(server)
    await waitFor(() => expect(result.current?.t).toHaveLength(20))
    act(() => {
      for (let k = 0; k < 4; k++) server.sample(0.2)
    })
    await waitFor(() => expect(server.asked).toHaveLength(2))
    act(() => {
      for (let k = 0; k < 4; k++) server.sample(0.2)
    })
    await waitFor(() => expect(result.current?.t).toHaveLength(28))
    expect(server.asked).toHaveLength(2)
  })

  it('[SER106] hours of live samples are thinned as the server would thin them, and load nothing again', async () => {
    const server = drawServer(10)
    const { result, rerender } = draw(server)
    await waitFor(() => expect(result.current?.t).toHaveLength(10))
    const all = () => Array.from({ length: server.stored }, (_, s) => T0 + s * 1000)
    act(() => {
      for (let k = 0; k < 20_000; k++) server.sample(k === 7777 ? 9 : 1)
    })
    await waitFor(() => expect(result.current?.t.at(-1)).toBe(all().at(-1)))
    expect(result.current!.t.length).toBeLessThanOrEqual(8 * 500)
    expect(result.current!.t[0]).toBe(T0)
    // The one sample that is higher is still there, at its moment.
    const highest = result.current!.v.indexOf(9)
    expect(result.current!.t[highest]).toBe(T0 + (10 + 7777) * 1000)
    rerender({ series: [row(server.stored)], view: null })
    await waitFor(() => expect(result.current?.step).toBeGreaterThan(0))
    expect(server.asked).toEqual([null])
  })

  it('[SER107] while the graph is moved, what lies ahead is loaded before it is shown, one request at a time', async () => {
    const server = drawServer(20_000)
    const view = (from: number) => ({ from: T0 + from * 1000, to: T0 + (from + 400) * 1000 })
    const { result, rerender } = draw(server, view(5000))
    await waitFor(() => expect(result.current?.t.length).toBeGreaterThan(0))
    for (let from = 5000; from < 9000; from += 50) {
      rerender({ series: [row(server.stored)], view: view(from) })
      await act(async () => {})
      // What is shown is there at any moment of a steady move.
      await waitFor(() => {
        const shown = view(from)
        expect(result.current!.t[0]).toBeLessThanOrEqual(shown.from)
        expect(result.current!.t.at(-1)).toBeGreaterThanOrEqual(shown.to)
      })
    }
    expect(server.most).toBe(1)
    // A quarter of a screen for each request at least, not one for each of 80 moves.
    expect(server.asked.length).toBeLessThanOrEqual(42)
    const before = server.asked.length
    rerender({ series: [row(server.stored)], view: view(8900) })
    await act(async () => {})
    expect(server.asked).toHaveLength(before)
  })

  it('[SER107] what fails is not asked for over and over, and does not keep the next wish from being loaded', async () => {
    const server = drawServer(10)
    let asked = 0
    const failing = async (): Promise<ChartPoints> => {
      asked++
      if (asked > 1) return server.load('s1', null)
      await Promise.resolve()
      throw new Error('The server did not answer.')
    }
    const rows = [row(10)]
    const { result, rerender } = renderHook(
      ({ view }) => useChartPoints(rows, view, 500, failing, server.subscribe),
      { initialProps: { view: null as ChartRange | null } },
    )
    await waitFor(() => expect(result.current.problem).toBe('The server did not answer.'))
    await act(async () => {})
    expect(asked).toBe(1)
    rerender({ view: { from: T0, to: T0 + 5000 } })
    await waitFor(() => expect(result.current.points.get('s1')?.t).toHaveLength(10))
    expect(result.current.problem).toBe(null)
  })
})
