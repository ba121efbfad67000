import { formatByteChange, formatDuration, formatShare } from '#lib/units/format'
import { bytes, milliseconds } from '#lib/units/quantity'
import { type Blocks, blocks } from './blocks.ts'
import type { Rate, SegmentKind, SegmentReading } from './reading.ts'
import { firstAtOrAfter, type Samples } from './samples.ts'
import { type Shapes, type SlopeInterval, shapes } from './shapes.ts'
import { medianDeviation } from './statistics.ts'
import { type Trend, trend } from './trend.ts'

const HOUR_MS = 3600_000
/** Fewer samples than this, or worth fewer independent points than that, say nothing about growth. */
const FEWEST_SAMPLES = 20
const FEWEST_INDEPENDENT = 4
const ENOUGH_INDEPENDENT = 5
/** Chance below 1 % (two-sided), and below 20 %. */
const Z_SURE = 2.58
const Z_HINT = 1.28
/** A lead in the information criterion that leaves little doubt. */
const CLEARLY_BETTER = 10
const DAY_MS = 24 * HOUR_MS

/** `Samples` of one stretch of one life, and where it stands. */
export interface Stretch {
  readonly samples: Samples
  readonly life: number
  readonly phase: string | null
}

/**
 * Judges one stretch. The classes and thresholds are the table in docs/memory-graphs.md; the claim is about this
 * stretch only. Deterministic and pure; about 6 ms for any length, and the block medians.
 */
export function readSegment({ samples, life, phase }: Stretch): SegmentReading {
  const { t, v } = samples
  const facts = { from: t[0] ?? 0, to: t[t.length - 1] ?? 0, life, phase, samples: t.length }
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
      endLevel,
      noise: 0,
      words,
    }
  }
  const all = blocks(t, v)
  const curve = shapes(all)
  const settling = warmUp(curve, all)
  // At most half is left out; what settles longer than that still bends in the rest.
  const warmUpMs = Math.min(settling, (facts.to - facts.from) / 2)
  const tailStart = firstAtOrAfter(t, facts.from + warmUpMs)
  const tail = warmUpMs > 0 ? blocks(t.subarray(tailStart), v.subarray(tailStart)) : all
  const line = trend(tail.t, tail.v)
  const slope = slopeAfter(warmUpMs, line, curve)
  const noise = noiseAround(tail, line)
  const sure = judge(tail, curve, line, { noise, slope, stillSettles: settling > warmUpMs })
  const spanMs = facts.to - facts.from
  return {
    ...facts,
    kind: sure.kind,
    bytesPerHour: hourly(slope),
    persistence: sure.persistence,
    independent: line.independent,
    warmUpMs,
    endLevel: line.endLevel,
    noise,
    words: words(sure, hourly(slope), { spanMs, warmUpMs, curve, blocks: all }),
  }
}

/** Milliseconds until an approach that explains the data much better than a line has settled: three time constants. */
function warmUp(curve: Shapes, { v }: Blocks): number {
  const settles = Math.min(curve.warmThenLinear, curve.plateau)
  if (settles > Math.min(curve.linear, curve.flat) - 6) return 0
  // On a nearly perfect line even a wobble is "explained"; only a rise that one can see is a warm-up.
  const range = Math.max(...v) - Math.min(...v)
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
  /** Why it cannot be told. */
  readonly why?: string
}

function judge(
  tail: Blocks,
  curve: Shapes,
  line: Trend,
  { noise, slope, stillSettles }: { noise: number; slope: SlopeInterval; stillSettles: boolean },
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
    return { ...given, kind: 'cannot-tell', why: worth(line.independent) }
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
    : persistence >= 0.9 || (bends > -2 && persistence >= 0.5)
  if (rises && isStraight && allThirdsRise(tail)) {
    if (line.independent >= ENOUGH_INDEPENDENT && slope.low > 0) return { ...given, kind: 'growing' }
    return { ...given, kind: 'cannot-tell', why: worth(line.independent) }
  }
  if (rises && (persistence < 0.5 || (bends < -2 && persistence < 0.7))) return { ...given, kind: 'slowing' }
  if (line.z > Z_HINT && isEffect) {
    return { ...given, kind: 'cannot-tell', why: 'it rises, but steady growth and a slow warm-up fit alike' }
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

const hourly = ({ value, low, high }: SlopeInterval): Rate | null =>
  Number.isFinite(low) && Number.isFinite(high)
    ? { value: value * HOUR_MS, low: low * HOUR_MS, high: high * HOUR_MS }
    : null

/** "+878.9 MiB/h (95 %: 871.2 MiB to 886.4 MiB)". */
export function formatRate(rate: Rate): string {
  const say = (value: number) => formatByteChange(bytes(value), Math.abs(value) >= 1024 ** 3 ? 2 : 1)
  return `${say(rate.value)}/h (95 %: ${say(rate.low)} to ${say(rate.high)})`
}

function words(
  { kind, persistence, why }: Judgement,
  rate: Rate | null,
  seen: { spanMs: number; warmUpMs: number; curve: Shapes; blocks: Blocks },
): string {
  const span = formatDuration(milliseconds(seen.spanMs))
  const after =
    seen.warmUpMs > 0
      ? ` The first ${formatDuration(milliseconds(seen.warmUpMs))} are left out as warm-up.`
      : ''
  const isShort = seen.spanMs < DAY_MS
  switch (kind) {
    case 'growing': {
      const capped = isShort
        ? ' Whether it levels off later, or is part of a daily cycle, cannot be told from so short a time.'
        : ''
      const verb = isShort ? 'Growing so far' : 'Growing steadily so far'
      return `${verb}: ${rate ? formatRate(rate) : ''} through ${span}, without slowing down.${after}${capped}`
    }
    case 'slowing':
      return `Growth slows: the second half rises at ${formatShare(Math.max(0, persistence))} of the first half’s rate. Looks like warm-up, a cache that fills, or fragmentation.${after}`
    case 'stepped': {
      const jumps = seen.curve.jumps.length
      return `${jumps === 1 ? 'One jump' : `${jumps} jumps`}, flat between. Look at what ran at that moment.`
    }
    case 'steady': {
      const visible =
        rate && rate.high > 0 ? ` Growth above ${formatRateShort(rate.high)} would have shown.` : ''
      return `No growth found through ${span}.${visible}${after}`
    }
    case 'cannot-tell':
      return `Cannot tell yet: ${why ?? 'too little data'}.${after}`
  }
}

const formatRateShort = (value: number) => `${formatByteChange(bytes(value))}/h`
