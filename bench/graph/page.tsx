import { useCallback, useState } from 'react'
import { createRoot } from 'react-dom/client'
import type { ChartRange, SubscribeLive } from '#components/series/chart-types'
import { fetchPoints } from '#components/series/fetch-series'
import { MemoryChart } from '#components/series/memory-chart'

/** What the benchmark's server writes into the page. */
interface Setting {
  readonly series: Parameters<typeof MemoryChart>[0]['series']
}

declare global {
  interface Window {
    setting: Setting
    /** Gaps between frames, in milliseconds, since they were last taken. */
    takeFrames: () => number[]
    /** Times that the main thread was busy for more than 50 ms, in milliseconds. */
    takeLong: () => number[]
  }
}

let frames: number[] = []
let long: number[] = []
let last = performance.now()
const tick = (now: number) => {
  frames.push(now - last)
  last = now
  requestAnimationFrame(tick)
}
requestAnimationFrame(tick)
new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration))).observe({
  type: 'longtask',
})
window.takeFrames = () => {
  const taken = frames
  frames = []
  return taken
}
window.takeLong = () => {
  const taken = long
  long = []
  return taken
}

/** One live point a second of every series, stored by the server and announced to the page. */
const subscribeLive: SubscribeLive = (listener) => {
  const events = new EventSource('/live')
  events.onmessage = ({ data }) => {
    const { id, t, v } = JSON.parse(data)
    listener(id, { t, v })
  }
  return () => events.close()
}

function Page() {
  const [brushed, setBrushed] = useState<ChartRange | null>(null)
  const load = useCallback(
    (id: string, range: ChartRange | null, width: number) => fetchPoints('bench', id, range, width),
    [],
  )
  const noReading = useCallback(async () => null, [])
  return (
    <MemoryChart
      series={window.setting.series}
      loadPoints={load}
      loadReading={noReading}
      subscribeLive={subscribeLive}
      brushed={brushed}
      onBrush={setBrushed}
      height={320}
    />
  )
}

createRoot(document.getElementById('page')!).render(<Page />)
