// @vitest-environment happy-dom
import { act, cleanup, renderHook, waitFor } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import type { ChartPoints, ChartRange, ChartSeries } from '#components/series/chart-types'
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
  let tell: (id: string, t: readonly number[], v: readonly number[]) => void = () => {}
  let missed = () => {}
  const server = {
    stored,
    asked,
    load: async (_: string, range: ChartRange | null): Promise<ChartPoints> => {
      asked.push(range)
      const t = Array.from({ length: server.stored }, (_, s) => T0 + s * 1000)
      return { t, v: t.map(() => 1), restarts: [], gaps: [], phases: [], stored: server.stored }
    },
    subscribe: (listener: typeof tell, onMissed: () => void) => {
      tell = listener
      missed = onMissed
      return () => {}
    },
    /** One more sample, and its announcement. */
    sample() {
      tell('s1', [T0 + server.stored++ * 1000], [1])
    },
    reconnect: () => missed(),
  }
  return server
}

function draw(server: ReturnType<typeof drawServer>, view: ChartRange | null = null) {
  return renderHook(
    ({ series }) => useChartPoints(series, view, 500, server.load, server.subscribe).points.get('s1'),
    { initialProps: { series: [row(server.stored)] } },
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
    rerender({ series: [row(15)] })
    // A second row, of samples that nobody announced: only this one is a reason to load.
    server.stored = 40
    rerender({ series: [row(40)] })
    await waitFor(() => expect(result.current?.t).toHaveLength(40), { timeout: 5000 })
    expect(server.asked).toHaveLength(2)
  })
})
