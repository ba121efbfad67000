import { type Blocks, blocks } from './blocks.ts'
import { CYCLE_KNOWN_AFTER_MS, independentAfter, separableAfter } from './decidable.ts'
import { risesAtEndMs } from './end-rise.ts'
import { floorRises } from './floor.ts'
import type { Rate, SegmentKind, SegmentReading } from './reading.ts'
import { firstAtOrAfter, type Samples } from './samples.ts'
import { besideADay, DAY_MS, type Season, swingOf, withoutSeason } from './season.ts'
import { segmentWords } from './segment-words.ts'
import { type Shapes, type SlopeInterval, shapes } from './shapes.ts'
import { medianDeviation, typicalSpacing } from './statistics.ts'
import { type Trend, trend } from './trend.ts'
import { mayBeAWalk } from './walk.ts'

const HOUR_MS = 3600_000
/** Fewer samples than this, or worth fewer independent points than that, say nothing about growth. */
export const FEWEST_SAMPLES = 20
const FEWEST_INDEPENDENT = 4
const ENOUGH_INDEPENDENT = 5
/** Chance below 1 % (two-sided), and below 20 %. */
const Z_SURE = 2.58
const Z_HINT = 1.28
/** A lead in the information criterion that leaves little doubt. */
const CLEARLY_BETTER = 10
/** A daily wave that leads by this much might be all there is; of half a cycle or less by that much. */
const AS_GOOD_A_DAY = 2
const AS_GOOD_A_FLANK = 6
/** A line after a warm-up has to explain the data better than a logarithm by this much. */
const LOG_MARGIN = 4
/** From a median deviation to a standard one. */
const DEVIATION = 1.4826

/** `Samples` of one stretch of one life, and where it stands. */
export interface Stretch {
  readonly samples: Samples
  readonly life: number
  readonly phase: string | null
  /** The daily cycle of the life, if it has one. */
  readonly season?: Season | null
}

/**
 * Judges one stretch. The classes and thresholds are the table in docs/memory-graphs.md; the claim is about this
 * stretch only. Deterministic and pure; about 3 ms for any length, and the block medians.
 */
export function readSegment({ samples, life, phase, season = null }: Stretch): SegmentReading {
  const { t, v } = samples
  const facts = {
    from: t[0] ?? 0,
    to: t[t.length - 1] ?? 0,
    life,
    phase,
    samples: t.length,
    season: season && { periodMs: season.periodMs, swing: season.swing },
  }
  if (t.length < FEWEST_SAMPLES) {
    const words = `Cannot tell yet: ${t.length} samples, at least ${FEWEST_SAMPLES} are needed.`
    const endLevel = v[v.length - 1] ?? 0
    return {
      ...facts,
      kind: 'cannot-tell',
      bytesPerHour: null,
      persistence: 0,
      independent: 0,
      warmUpMs: 0,
      jumps: [],
      decidableAt: t.length > 1 ? facts.to + (FEWEST_SAMPLES - t.length) * typicalSpacing(t) : null,
      endLevel,
      noise: 0,
      words,
    }
  }
  const spanMs = facts.to - facts.from
  const all = withoutSeason(blocks(t, v), season)
  const curve = shapes(all)
  const settling = warmUp(curve, all)
  // At most half is left out; what settles longer than that still bends in the rest.
  const warmUpMs = Math.min(settling, spanMs / 2)
  const tailStart = firstAtOrAfter(t, facts.from + warmUpMs)
  const tail =
    warmUpMs > 0 ? withoutSeason(blocks(t.subarray(tailStart), v.subarray(tailStart)), season) : all
  const line = trend(tail.t, tail.v)
  const slope = slopeAfter(warmUpMs, line, curve)
  const noise = noiseAround(tail, line)
  const first = judge(tail, curve, line, {
    noise,
    slope,
    stillSettles: settling > warmUpMs,
    isTrimmed: warmUpMs > 0,
  })
  const risesAtEnd = Math.max(risesAtEndMs(all), risesAtEndMs(finer(samples, all.t.length)))
  const sure = doubted(first, {
    all,
    curve,
    line,
    slope,
    samples: tailStart > 0 ? after(samples, tailStart) : samples,
    risesAtEnd,
  })
  const rate = hourly(sure.slope)
  const decidableInMs = comeBack(sure, { spanMs, warmUpMs, risesAtEnd, tail, line, noise })
  const jumps = sure.kind === 'stepped' ? curve.jumps.map((at) => all.t[at]!) : []
  return {
    ...facts,
    kind: sure.kind,
    bytesPerHour: rate,
    persistence: sure.persistence,
    independent: line.independent,
    warmUpMs,
    jumps,
    decidableAt: decidableInMs === null ? null : facts.to + decidableInMs,
    endLevel: line.endLevel,
    noise,
    words: segmentWords({ ...sure, rate, spanMs, warmUpMs, jumps: jumps.length, season, decidableInMs }),
  }
}

const after = ({ t, v }: Samples, start: number): Samples => ({ t: t.subarray(start), v: v.subarray(start) })

/** Where a block stands for a day, growth that set in yesterday needs smaller ones to be seen. */
const finer = ({ t, v }: Samples, count: number): Blocks =>
  blocks(t, v, Math.max(count, Math.min(4 * count, Math.floor(t.length / 5))))

/** Milliseconds until an approach that explains the data much better than a line has settled: three time constants. */
function warmUp(curve: Shapes, { v }: Blocks): number {
  const settles = Math.min(curve.warmThenLinear, curve.plateau)
  if (settles > Math.min(curve.linear, curve.flat) - 6) return 0
  // On a nearly perfect line even a wobble is "explained"; only a rise that one can see is a warm-up.
  const range = Math.max(...v) - Math.min(...v)
  if (!(range > 0)) return 0
  if (curve.warmUpRise < Math.max(0.02 * Math.abs(v[v.length - 1]!), 0.1 * range)) return 0
  return 3 * curve.warmUpMs
}

/**
 * What is left of a warm-up still bends the tail, so that its slope alone is too high: where a line beside an approach
 * explains the data, the interval covers the slope of that line, too, and the value is the mean of both.
 */
function slopeAfter(warmUpMs: number, line: Trend, curve: Shapes): SlopeInterval {
  const beside = curve.warmSlope
  const tail = { value: line.slope, low: line.low, high: line.high }
  if (warmUpMs === 0 || !beside || curve.warmThenLinear > curve.plateau) return tail
  return {
    value: (tail.value + beside.value) / 2,
    low: Math.min(tail.low, beside.low),
    high: Math.max(tail.high, beside.high),
  }
}

function noiseAround({ t, v }: Blocks, line: Trend): number {
  const origin = t[0] ?? 0
  return medianDeviation(v.map((value, i) => value - (line.startLevel + line.slope * (t[i]! - origin))))
}

interface Judgement {
  readonly kind: SegmentKind
  /** Slope of the second half over that of the first. */
  readonly persistence: number
  /** Does the line rise by more than its noise and 2 % of its level, beyond chance? */
  readonly rises: boolean
  /** Why it cannot be told, and what would have to come for it to be. */
  readonly why?: string
  readonly open?: 'points' | 'bend' | 'day' | 'end'
}

function judge(
  tail: Blocks,
  curve: Shapes,
  line: Trend,
  {
    noise,
    slope,
    stillSettles,
    isTrimmed,
  }: { noise: number; slope: SlopeInterval; stillSettles: boolean; isTrimmed: boolean },
): Judgement {
  const n = tail.t.length
  const growth = line.slope * (tail.t[n - 1]! - tail.t[0]!)
  const isEffect = growth > Math.max(0.02 * Math.abs(line.endLevel), 2 * noise)
  const half = Math.floor(n / 2)
  const first = part(tail, 0, half).slope
  const second = part(tail, n - half, n).slope
  const persistence = first > 0 ? second / first : second > 0 ? 1 : 0
  const rises = line.z > Z_SURE && isEffect
  const given = { persistence, rises }

  if (line.independent < FEWEST_INDEPENDENT) {
    return { ...given, kind: 'cannot-tell', open: 'points', why: worth(line.independent) }
  }
  const straight = Math.min(curve.linear, curve.warmThenLinear)
  const bends = Math.min(curve.plateau, curve.logarithm) - straight
  const steps = straight - curve.steps
  const jumpSize = Math.max(...tail.v) - Math.min(...tail.v)
  const isJump = jumpSize > 0.02 * Math.abs(line.endLevel)
  const isStep = isJump && curve.steps < Math.min(straight, curve.plateau, curve.logarithm, curve.flat) - 10
  if (isStep && steps > 10 && n >= 12) return { ...given, kind: 'stepped' }
  // A slope that keeps nine tenths of itself is straight to any eye, whatever the criterion says of a tiny bend. But where
  // a warm-up lasts longer than half of the data, growth has to explain them much better than a plateau beyond them.
  const isStraight = stillSettles
    ? persistence >= 0.8 && bends > CLEARLY_BETTER
    : persistence >= 0.9 || (bends > 2 - 10 * (persistence - 0.5) && persistence >= 0.5)
  // A logarithm bends so little at its end that a warm-up and a line beside it look the same.
  const isLogarithm = isTrimmed && curve.logarithm < curve.warmThenLinear + LOG_MARGIN
  if (rises && isStraight && !isLogarithm && allThirdsRise(tail) && !mayBeAWalk(tail)) {
    if (line.independent >= ENOUGH_INDEPENDENT && slope.low > 0) return { ...given, kind: 'growing' }
    return { ...given, kind: 'cannot-tell', open: 'points', why: worth(line.independent) }
  }
  // A wobble halves a rate, too: unless it falls to a third, a curve that levels off has to explain the data better.
  const stops = curve.rampTo < 0.9 * n ? curve.ramp : Number.POSITIVE_INFINITY
  const levelsOff = Math.min(curve.plateau, curve.logarithm, stops) < straight
  if (rises && (persistence < 0.35 || (levelsOff && persistence < 0.5) || (bends < -2 && persistence < 0.7)))
    return { ...given, kind: 'slowing' }
  if (line.z > Z_HINT && isEffect) {
    return {
      ...given,
      kind: 'cannot-tell',
      open: 'bend',
      why: 'it rises, but steady growth and a slow warm-up fit alike',
    }
  }
  return { ...given, kind: 'steady' }
}

const worth = (independent: number) =>
  `the samples resemble their neighbours so much that they are worth ${Math.max(1, Math.floor(independent))} independent ones, and ${ENOUGH_INDEPENDENT} are needed`

const part = ({ t, v }: Blocks, start: number, end: number): Trend =>
  trend(t.subarray(start, end), v.subarray(start, end))

function allThirdsRise(tail: Blocks): boolean {
  const n = tail.t.length
  const cuts = [0, Math.round(n / 3), Math.round((2 * n) / 3), n]
  return [0, 1, 2].every((third) => part(tail, cuts[third]!, cuts[third + 1]!).slope > 0)
}

interface Doubted extends Judgement {
  readonly slope: SlopeInterval
}

/**
 * What else could look like that. In 3 to 36 hours the flank of a daily cycle does: where one explains the stretch better than
 * a line, growth is only claimed when it is more than the cycle's whole swing, and its interval covers both slopes. And
 * where a collector runs, only what its floor does counts: garbage that piles up higher is not kept.
 */
function doubted(
  first: Judgement,
  {
    all,
    curve,
    line,
    slope,
    samples,
    risesAtEnd,
  }: {
    all: Blocks
    curve: Shapes
    line: Trend
    slope: SlopeInterval
    samples: Samples
    risesAtEnd: number
  },
): Doubted {
  const given = { ...first, slope }
  if ((first.kind === 'steady' || first.kind === 'stepped') && risesAtEnd > 0) {
    const why = 'it has begun to rise at the end, for too short a time to tell growth from a step'
    return { ...given, kind: 'cannot-tell', open: 'end', why }
  }
  if (first.kind !== 'growing' && first.kind !== 'stepped' && first.kind !== 'slowing') return given
  const day = besideADay(all)
  const plain = first.kind === 'growing' ? Math.min(curve.linear, curve.warmThenLinear) : curve.best
  const spanMs = all.t[all.t.length - 1]! - all.t[0]!
  const lead = spanMs < DAY_MS / 2 ? AS_GOOD_A_FLANK : AS_GOOD_A_DAY
  if (day && Math.min(day.flat, day.linear) < plain - lead) {
    const beside = day.lineInCycle?.slope
    const grows = (beside?.value ?? 0) * spanMs
    if (first.kind !== 'growing' || !beside || beside.low <= 0 || grows <= swingOf(day.cycle)) {
      return { ...given, kind: 'cannot-tell', open: 'day', why: 'it may be a part of a daily cycle' }
    }
    const low = Math.min(slope.low, beside.low)
    const high = Math.max(slope.high, beside.high)
    return { ...given, slope: { value: (slope.value + beside.value) / 2, low, high } }
  }
  if (first.kind === 'growing' && floorRises(samples, line) === false) {
    const why = 'the level rises, but not the floor that it falls back to'
    return { ...given, kind: 'cannot-tell', open: 'points', why }
  }
  return given
}

/** Milliseconds from the last sample until more can be said; null when nothing is open or nobody knows when. */
function comeBack(
  { kind, open }: Judgement,
  seen: { spanMs: number; warmUpMs: number; risesAtEnd: number; tail: Blocks; line: Trend; noise: number },
): number | null {
  const { spanMs, warmUpMs, risesAtEnd, tail, line, noise } = seen
  // A run of minutes is judged as a run: it is not asked to last a day.
  if (kind === 'growing') return spanMs >= HOUR_MS && spanMs < DAY_MS ? DAY_MS - spanMs : null
  if (kind !== 'cannot-tell') return null
  // Growth that set in is cut off from the calm before it once it is a fifth of what was seen.
  if (open === 'end') return Math.max(risesAtEnd, (spanMs / 5 - risesAtEnd) / 0.8)
  if (open === 'day') return Math.max(0, CYCLE_KNOWN_AFTER_MS - spanMs)
  const tailMs = spanMs - warmUpMs
  const growth = line.slope * (tail.t[tail.t.length - 1]! - tail.t[0]!)
  const length =
    open === 'points'
      ? independentAfter(tailMs, line.independent, ENOUGH_INDEPENDENT)
      : separableAfter({
          spanMs: tailMs,
          growth,
          deviation: DEVIATION * noise,
          independent: line.independent,
          z: line.z,
        })
  return length === null ? null : Math.max(0, length - tailMs)
}

const hourly = ({ value, low, high }: SlopeInterval): Rate | null =>
  Number.isFinite(low) && Number.isFinite(high)
    ? { value: value * HOUR_MS, low: low * HOUR_MS, high: high * HOUR_MS }
    : null
