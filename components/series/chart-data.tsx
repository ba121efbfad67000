import { downsample, stepFor } from '#lib/series/downsample'
import { deepFalls } from '#lib/series/falls'
import type { Restart } from '#lib/series/restarts'
import type { ChartPoints, LivePoints } from './chart-types.tsx'

/** A table for uPlot: shared times, one column of values per series; null breaks a line, undefined is no sample. */
export type Column = (number | null | undefined)[]
export type Joined = [number[], ...Column[]]

/** Times and values with a null inside each gap and before each restart, so that no line is drawn across them. */
export function withBreaks(points: ChartPoints): { t: number[]; v: (number | null)[] } {
  const breaks = [...points.gaps.map((gap) => gap.to), ...points.restarts.map((restart) => restart.at)].sort(
    (a, b) => a - b,
  )
  const t: number[] = []
  const v: (number | null)[] = []
  let next = 0
  for (let i = 0; i < points.t.length; i++) {
    const at = points.t[i]!
    let broken = false
    for (; next < breaks.length && breaks[next]! <= at; next++) broken = i > 0
    if (broken) {
      // Half a millisecond before: no sample can be there, times are whole.
      t.push(at - 0.5)
      v.push(null)
    }
    t.push(at)
    v.push(points.v[i]!)
  }
  return { t, v }
}

/** All series on one time axis. O(all points), one pass over sorted times. */
export function joinSeries(series: readonly (ChartPoints | undefined)[]): Joined {
  const parts = series.map((points) => (points ? withBreaks(points) : { t: [], v: [] }))
  const at = parts.map(() => 0)
  const times: number[] = []
  const columns: Column[] = parts.map(() => [])
  for (;;) {
    let now = Number.POSITIVE_INFINITY
    for (let k = 0; k < parts.length; k++)
      now = Math.min(now, parts[k]!.t[at[k]!] ?? Number.POSITIVE_INFINITY)
    if (now === Number.POSITIVE_INFINITY) return [times, ...columns]
    times.push(now)
    for (let k = 0; k < parts.length; k++) {
      const part = parts[k]!
      const isHere = part.t[at[k]!] === now
      columns[k]!.push(isHere ? part.v[at[k]!++] : undefined)
    }
  }
}

/**
 * Live points at the end of what is shown, and a restart where the process is another one; late ones wait for the next
 * load. Never mutates.
 */
export function extended(points: ChartPoints, { t, v, pids }: LivePoints): ChartPoints {
  let last = points.t[points.t.length - 1] ?? Number.NEGATIVE_INFINITY
  let pid = points.pid
  const newT: number[] = []
  const newV: number[] = []
  const restarts: Restart[] = []
  for (let i = 0; i < t.length; i++) {
    if (t[i]! <= last) continue
    last = t[i]!
    newT.push(last)
    newV.push(v[i]!)
    const now = pids?.[i] ?? 0
    if (pid === null || now === 0 || now === pid) continue
    if (pid !== 0) restarts.push({ at: last, because: 'pid', pidBefore: pid, pidAfter: now })
    pid = now
  }
  if (newT.length === 0) return points
  return {
    ...points,
    pid,
    t: [...points.t, ...newT],
    v: [...points.v, ...newV],
    restarts: restarts.length === 0 ? points.restarts : newest([...points.restarts, ...restarts]),
  }
}

/** What was loaded, with the live end of what was shown before, which came in while it was on its way. */
export function withLiveEnd(loaded: ChartPoints, before: ChartPoints): ChartPoints {
  const last = loaded.t[loaded.t.length - 1] ?? Number.NEGATIVE_INFINITY
  const together = extended(loaded, { t: before.t, v: before.v })
  if (together === loaded) return loaded
  const later = before.restarts.filter(({ at }) => at > last)
  return { ...together, pid: before.pid || loaded.pid, restarts: newest([...loaded.restarts, ...later]) }
}

/** A graph is not helped by more lines. */
const MOST_RESTARTS = 500
const newest = (restarts: readonly Restart[]): readonly Restart[] => restarts.slice(-MOST_RESTARTS)

/** So many samples in front of new ones show whether these fell. */
const BEFORE_A_FALL = 64

/**
 * Did memory fall so deep with the samples after the moment `after` that it may be a restart? Only where no process is
 * named. The whole series decides whether it is one, which is the server's to say.
 */
export function mayHaveRestarted({ t, v, pid }: ChartPoints, after: number): boolean {
  if (pid !== 0) return false
  let start = t.length
  while (start > 0 && t[start - 1]! > after) start--
  if (start === t.length) return false
  const from = Math.max(0, start - BEFORE_A_FALL)
  const falls = deepFalls(Float64Array.from(t.slice(from)), Float64Array.from(v.slice(from)))
  return falls.some(({ at }) => at > after)
}

/** As many points for a pixel, and live ones are thinned like all others. */
const MOST_PER_PIXEL = 8

/**
 * Points that live ones have made too many, thinned to what the server would give of all these samples now: so that hours
 * of live samples need no loading. The same object when they are not too many.
 */
export function thinnedPoints(points: ChartPoints, width: number): ChartPoints {
  const count = points.t.length
  if (count <= MOST_PER_PIXEL * width) return points
  const [first, last] = [points.t[0]!, points.t[count - 1]!]
  const samples = { t: Float64Array.from(points.t), v: Float64Array.from(points.v) }
  const { t, v } = downsample(samples, first, last, width)
  return { ...points, t: [...t], v: [...v], step: stepFor(last - first, width) }
}

const BINARY_STEPS = Array.from({ length: 45 }, (_, power) => 2 ** power)
/** Distances of grid lines for memory: powers of two, so that they stand on whole KiB, MiB and GiB. */
export const byteSteps = (): number[] => BINARY_STEPS

/** Labels of grid lines: one unit for all of them, written once per line: "512 MiB". */
export function byteLabels(values: readonly number[]): string[] {
  const largest = Math.max(...values.map(Math.abs), 1)
  const power = Math.min(4, Math.floor(Math.log2(largest) / 10))
  const unit = ['B', 'KiB', 'MiB', 'GiB', 'TiB'][power]
  return values.map((value) => `${Number((value / 1024 ** power).toFixed(2))} ${unit}`)
}

/** Labels of grid lines for counts: "12k", "1.5M". */
export function countLabels(values: readonly number[]): string[] {
  return values.map((value) => {
    const size = Math.abs(value)
    if (size >= 1e9) return `${Number((value / 1e9).toFixed(2))}G`
    if (size >= 1e6) return `${Number((value / 1e6).toFixed(2))}M`
    return size >= 1e4 ? `${Number((value / 1e3).toFixed(1))}k` : String(Number(value.toFixed(2)))
  })
}

/** The least that the axis shows, as a part of the level: closer, and noise would look like a climb. */
const LEAST_SPAN = 0.04

/** Lowest and highest of the axis: from 0, or closer when the values stay far away from it; limits in reach are in. */
export function byteAxis(
  min: number | null,
  max: number | null,
  limits: readonly number[],
): [number, number] {
  if (min === null || max === null) return [0, 1024 ** 2]
  const inReach = limits.filter((limit) => limit <= 2.5 * max)
  const top = Math.max(max, ...inReach)
  const span = Math.max(top - min, LEAST_SPAN * top)
  const low = min < 0.75 * top ? 0 : (top + min) / 2 - span * 0.65
  return [Math.max(0, low), Math.max(top + (top - low || 1) * 0.12, low + span * 1.3)]
}

const TWO_DIGITS = (n: number) => String(n).padStart(2, '0')
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Labels of the time axis in the reader's zone, on one line: "Mon 14:00", "14:30", "15:00"; seconds when it is that close. */
export function timeLabels(times: readonly number[]): string[] {
  const step = times.length > 1 ? times[1]! - times[0]! : 0
  let dayBefore = ''
  return times.map((at) => {
    const date = new Date(at)
    const day = `${DAYS[date.getDay()]} ${date.getDate()} ${MONTHS[date.getMonth()]}`
    if (step >= 86_400_000) return day.slice(4)
    const seconds = step > 0 && step < 60_000 ? `:${TWO_DIGITS(date.getSeconds())}` : ''
    const clock = `${TWO_DIGITS(date.getHours())}:${TWO_DIGITS(date.getMinutes())}${seconds}`
    const isNewDay = day !== dayBefore
    dayBefore = day
    return isNewDay ? `${DAYS[date.getDay()]} ${clock}` : clock
  })
}
