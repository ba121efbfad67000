import { firstAtOrAfter, type Samples } from './samples.ts'
import { median, medianDeviation, quantileOfSorted } from './statistics.ts'

/** One life of a process. */
export interface Life {
  /** "Life 3", or what people call it. */
  readonly label: string
  readonly samples: Samples
  /** Its cumulative count of requests; needed for an overlay by requests. */
  readonly requests?: Samples | undefined
}

/** A life on the common axis. */
export interface OverlaidLife {
  readonly label: string
  /** Milliseconds since it began, or requests since then. */
  readonly x: Float64Array
  readonly v: Float64Array
  /** Its rise is far from what the others do at the same age. */
  readonly isOdd: boolean
}

/** Lives of a process on top of each other. */
export interface Overlay {
  readonly by: 'uptime' | 'requests'
  readonly lives: readonly OverlaidLife[]
  /** Per point of the axis where at least three lives are: their median and the middle half. */
  readonly band: readonly {
    readonly x: number
    readonly low: number
    readonly median: number
    readonly high: number
  }[]
}

const POINTS = 120
const FEWEST_FOR_BAND = 3
const FEWEST_FOR_ODD = 5
const ODD_DEVIATIONS = 5

/**
 * Aligns lives at their start, by the time they ran or by the requests they served. At most 120 points a life, each
 * interpolated between neighbouring samples. Lives without requests are left out of an overlay by requests. O(lives × points × log n).
 */
export function overlay(lives: readonly Life[], by: 'uptime' | 'requests'): Overlay {
  const aligned = lives.flatMap((life) => {
    const axis = by === 'uptime' ? uptime(life.samples) : served(life)
    return axis && axis.t.length >= 2 ? [{ label: life.label, axis }] : []
  })
  const longest = Math.max(0, ...aligned.map(({ axis }) => axis.t[axis.t.length - 1]!))
  if (longest === 0) return { by, lives: [], band: [] }
  const grid = Array.from({ length: POINTS }, (_, i) => (i * longest) / (POINTS - 1))
  const drawn = aligned.map(({ label, axis }) => {
    const x = grid.filter((at) => at <= axis.t[axis.t.length - 1]!)
    return { label, x: Float64Array.from(x), v: Float64Array.from(x, (at) => valueAt(axis, at)) }
  })
  const band = grid.flatMap((x, i) => {
    const here = Float64Array.from(drawn.flatMap(({ v }) => (i < v.length ? [v[i]!] : []))).sort()
    if (here.length < FEWEST_FOR_BAND) return []
    return [
      {
        x,
        low: quantileOfSorted(here, 0.25),
        median: quantileOfSorted(here, 0.5),
        high: quantileOfSorted(here, 0.75),
      },
    ]
  })
  const odd = oddOnes(drawn.map(({ v }) => v))
  return { by, lives: drawn.map((life, i) => ({ ...life, isOdd: odd.has(i) })), band }
}

const uptime = ({ t, v }: Samples): Samples => ({ t: t.map((at) => at - t[0]!), v })

/** Memory over requests since the start; undefined when the count is not known or falls. */
function served({ samples, requests }: Life): Samples | undefined {
  if (!requests || requests.t.length < 2) return undefined
  const from = requests.t[0]!
  const to = requests.t[requests.t.length - 1]!
  const x: number[] = []
  const v: number[] = []
  for (let i = 0; i < samples.t.length; i++) {
    const at = samples.t[i]!
    if (at < from || at > to) continue
    const count = valueAt(requests, at) - requests.v[0]!
    const before = x[x.length - 1] ?? -1
    if (count < before) return undefined
    if (count === before) v[v.length - 1] = samples.v[i]!
    else {
      x.push(count)
      v.push(samples.v[i]!)
    }
  }
  return { t: Float64Array.from(x), v: Float64Array.from(v) }
}

/** On the line between the two neighbours; the first or last value beyond the ends. */
function valueAt({ t, v }: Samples, at: number): number {
  const after = firstAtOrAfter(t, at)
  if (after === 0) return v[0]!
  if (after === t.length) return v[t.length - 1]!
  const share = (at - t[after - 1]!) / (t[after]! - t[after - 1]!)
  return v[after - 1]! + share * (v[after]! - v[after - 1]!)
}

/** Lives whose rise until a third of the longest's age is far from the others'. Shorter ones are not judged. */
function oddOnes(lives: readonly Float64Array[]): ReadonlySet<number> {
  const at = Math.floor(POINTS / 3)
  const old = lives.flatMap((v, i) => (v.length > at ? [{ i, rise: v[at]! - v[0]! }] : []))
  if (old.length < FEWEST_FOR_ODD) return new Set()
  const rises = Float64Array.from(old, ({ rise }) => rise)
  const usual = median(rises)
  const reach = Math.max(ODD_DEVIATIONS * medianDeviation(rises), Math.abs(usual) * 0.1)
  return new Set(old.flatMap(({ i, rise }) => (Math.abs(rise - usual) > reach ? [i] : [])))
}
