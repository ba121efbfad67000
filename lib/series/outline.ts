import { stepFor, thinned } from './downsample.ts'
import {
  COLD_FLOOR,
  deepFalls,
  type Fall,
  fallNoise,
  isStillLow,
  restartFalls,
  STAYS_LOW_FOR_MS,
} from './falls.ts'
import { type Gap, gapBetween, gaps } from './gaps.ts'
import { areTooOften, type Restart, withCauses } from './restarts.ts'
import { type Samples, sliceSamples } from './samples.ts'
import { median, typicalSpacing } from './statistics.ts'

/** A run of one series' samples in so few numbers that a graph of years is drawn from outlines. Plain JSON. */
export interface Outline {
  readonly points: number
  /** First and last sample. */
  readonly from: number
  readonly to: number
  readonly lowest: number
  /** The usual distance of neighbours, in milliseconds. */
  readonly spacing: number
  /** How large a fall has to be (`fallNoise`). */
  readonly noise: number
  readonly gaps: readonly Gap[]
  /** Null when no sample has a pid. */
  readonly pids: PidsSeen | null
  /** Empty when pids are known, which overrule the values. */
  readonly falls: readonly Fall[]
  /** So many falls that only the lowest ones are listed. */
  readonly isSaw: boolean
  /** The first samples, and one a minute for ten minutes more; the last samples. */
  readonly head: Strip
  readonly tail: Strip
}

interface PidsSeen {
  readonly first: number
  readonly firstAt: number
  readonly last: number
  readonly changes: readonly Restart[]
}

interface Strip {
  readonly t: readonly number[]
  readonly v: readonly number[]
}

/** More lines than these help no graph; the longest gaps and the lowest falls are kept. */
const MOST_GAPS = 500
const MOST_FALLS = 256
const EDGE = 8
const MINUTE_MS = 60_000

/** Samples for each step of the two levels that are stored of a chunk, at least. */
export const FINE_SAMPLES = 64
export const COARSE_SAMPLES = 2048

/** The step of a level of a run of samples, in milliseconds: it holds so many samples or more, in the mean. */
export const levelStep = ({ from, to, points }: Run, samplesPerStep: number): number =>
  2 * stepFor(to - from, Math.max(1, points / samplesPerStep))

type Run = Pick<Outline, 'from' | 'to' | 'points'>

/** The outline of clean samples, of which there is one at least. O(n), a few milliseconds for 65,536. */
export function outlineOf(samples: Samples): Outline {
  const { t, v } = samples
  let lowest = v[0]!
  for (const value of v) if (value < lowest) lowest = value
  const pids = pidsSeen(samples)
  // Above this no fall can be a restart: the whole series' lowest level is not above ours.
  const falls = pids ? [] : deepFalls(t, v).filter(({ bottom }) => bottom < COLD_FLOOR * lowest)
  const isSaw = falls.length > MOST_FALLS
  const deepest = isSaw
    ? falls
        .toSorted((a, b) => a.bottom - b.bottom)
        .slice(0, MOST_FALLS)
        .sort((a, b) => a.from - b.from)
    : falls
  return {
    points: t.length,
    from: t[0]!,
    to: t[t.length - 1]!,
    lowest,
    spacing: typicalSpacing(t),
    noise: v.length > 1 ? fallNoise(v) : 0,
    gaps: longest(gaps(t)),
    pids,
    falls: deepest,
    isSaw,
    head: headOf(samples),
    tail: strip(sliceSamples(samples, Math.max(0, t.length - EDGE), t.length)),
  }
}

/** Those of many that are longest, in their order of time. */
const longest = (found: readonly Gap[]): Gap[] =>
  found
    .toSorted((a, b) => b.to - b.from - (a.to - a.from))
    .slice(0, MOST_GAPS)
    .sort((a, b) => a.from - b.from)

function pidsSeen({ t, pids }: Samples): PidsSeen | null {
  let first = 0
  let firstAt = 0
  let last = 0
  const changes: Restart[] = []
  for (let i = 0; pids && i < pids.length; i++) {
    const pid = pids[i]!
    if (pid === 0 || pid === last) continue
    if (last === 0) {
      first = pid
      firstAt = t[i]!
    } else changes.push(pidChange(t[i]!, last, pid))
    last = pid
  }
  return last === 0 ? null : { first, firstAt, last, changes }
}

const pidChange = (at: number, pidBefore: number, pidAfter: number): Restart => ({
  at,
  because: 'pid',
  pidBefore,
  pidAfter,
})

const strip = ({ t, v }: Samples): Strip => ({ t: [...t], v: [...v] })

function headOf(samples: Samples): Strip {
  const { t, v } = samples
  const head = { t: [...t.subarray(0, EDGE)], v: [...v.subarray(0, EDGE)] }
  let next = t[0]! + MINUTE_MS
  for (let i = EDGE; i < t.length && t[i]! - t[0]! <= STAYS_LOW_FOR_MS + MINUTE_MS; i++) {
    if (t[i]! < next) continue
    head.t.push(t[i]!)
    head.v.push(v[i]!)
    next += MINUTE_MS
  }
  return head
}

/** Where the line of a whole series breaks. */
export interface Breaks {
  readonly restarts: readonly Restart[]
  readonly gaps: readonly Gap[]
}

/**
 * Gaps and restarts of a series from the outlines of its chunks, which follow each other in time. The same as `lives` finds
 * in the samples, but for falls whose surroundings reach into the next chunk: of these only some samples are known.
 */
export function breaksOf(outlines: readonly Outline[]): Breaks {
  return { gaps: longest(joinedGaps(outlines)), restarts: withCauses(joinedRestarts(outlines), []) }
}

function joinedGaps(outlines: readonly Outline[]): Gap[] {
  return outlines.flatMap((outline, i) => {
    const before = outlines[i - 1]
    const spacing = Math.max(outline.spacing, before?.spacing ?? 0)
    const between = before && gapBetween(before.to, outline.from, spacing)
    return between ? [between, ...outline.gaps] : outline.gaps
  })
}

function joinedRestarts(outlines: readonly Outline[]): readonly Restart[] {
  if (outlines.some(({ pids }) => pids !== null)) return pidRestarts(outlines)
  const noise = median(Float64Array.from(outlines, (outline) => outline.noise))
  const lowest = outlines.reduce(
    (least, outline) => Math.min(least, outline.lowest),
    Number.POSITIVE_INFINITY,
  )
  const falls = outlines.flatMap((outline, i) => {
    const next = outlines[i + 1]
    const within = outline.falls.filter((fall) => !next || staysLowInto(next, fall))
    return next ? [...within, ...fallsBetween(outline, next)] : within
  })
  const chosen = restartFalls(falls, noise, lowest)
  const isSaw = outlines.some((outline) => outline.isSaw && outline.lowest < COLD_FLOOR * lowest)
  if (isSaw || areTooOften(chosen)) return []
  return chosen.map(({ at }) => ({ at, because: 'fall' }))
}

function pidRestarts(outlines: readonly Outline[]): Restart[] {
  let last = 0
  return outlines.flatMap(({ pids }) => {
    if (!pids) return []
    const isOther = last !== 0 && pids.first !== last
    const between = isOther ? [pidChange(pids.firstAt, last, pids.first)] : []
    last = pids.last
    return [...between, ...pids.changes]
  })
}

/** A fall at the end of a chunk was only seen to stay low for as long as the chunk went on. */
function staysLowInto({ head }: Outline, { at, before }: Fall): boolean {
  const until = at + STAYS_LOW_FOR_MS
  if (until < head.t[0]!) return true
  const later = head.t.findIndex((t) => t >= until)
  return isStillLow(head.v.at(later)!, before)
}

/** Falls from the last samples of one chunk to the first of the next. */
function fallsBetween({ tail }: Outline, { head }: Outline): Fall[] {
  const t = Float64Array.of(...tail.t, ...head.t)
  const v = Float64Array.of(...tail.v, ...head.v)
  // Earlier ones were found in their chunk, and so are those that begin after the first sample of the next.
  return deepFalls(t, v).filter(({ from, at }) => at >= head.t[0]! && from <= head.t[0]!)
}

/** The two levels of the samples that an outline is of. O(n). */
export function levelsOf(samples: Samples, run: Run): { fine: Samples; coarse: Samples } {
  const fine = thinned(samples, levelStep(run, FINE_SAMPLES))
  return { fine, coarse: thinned(fine, levelStep(run, COARSE_SAMPLES)) }
}
