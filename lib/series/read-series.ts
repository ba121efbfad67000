import { formatCount, formatDuration } from '#lib/units/format'
import { milliseconds } from '#lib/units/quantity'
import { type Blocks, blocks } from './blocks.ts'
import { limitForecast, limitsOf } from './limit.ts'
import type { Phase, Rate, ReadingKind, ReadingLimit, SegmentReading, SeriesReading } from './reading.ts'
import { READING_VERSION } from './reading.ts'
import { lives, type Restart, type RestartEvidence } from './restarts.ts'
import { cleanSamples, firstAtOrAfter, type Samples, sliceSamples } from './samples.ts'
import { besideADay, withoutSeason, withSeason } from './season.ts'
import { FEWEST_SAMPLES, readSegment, type Stretch } from './segment.ts'
import { formatRate } from './segment-words.ts'
import { type Shapes, shapes } from './shapes.ts'
import { median, medianDeviation } from './statistics.ts'
import { doubtfulFalls, toothWords, withoutTeeth } from './teeth.ts'

export interface ReadingQuestion extends RestartEvidence {
  /** Lines that memory must not cross, in any order. */
  readonly limits?: readonly ReadingLimit[]
  /** Stretches that the file or the team names; the reading is given for each. */
  readonly phases?: readonly Phase[]
  /** The series' name (rss, heap-live, vsz, …): decides which limits it can meet. Absent: all that are resident's. */
  readonly measure?: string
}

/**
 * The first reading of a memory series: where the process was restarted, what each stretch between does, and at what
 * rate. `samples` are bytes over time, in any order. Always read raw samples: a downsampled view has other medians.
 *
 * Pure and deterministic. 604,800 samples (a week at one a second) take about 40 ms (bench/README.md).
 */
export function readSeries(samples: Samples, question: ReadingQuestion = {}): SeriesReading {
  const clean = cleanSamples(samples)
  const { t } = clean
  const found = lives(clean, question)
  const starts = t.length === 0 ? [] : found.starts
  const read = starts.flatMap((start, life) => {
    const end = found.starts[life + 1] ?? t.length
    return stretches(sliceSamples(clean, start, end), life, question.phases ?? []).map(readSegment)
  })
  const doubtful = doubtfulFalls(found.fallsOnly, question.measure ?? '')
  const segments = withoutTeeth(read, doubtful)
  const reading = overall(segments, {
    restarts: found.restarts,
    uncountedFalls: found.uncountedFalls,
    doubtfulFalls: doubtful.length,
  })
  const last = segments[segments.length - 1]
  return {
    version: READING_VERSION,
    from: t[0] ?? 0,
    to: t[t.length - 1] ?? 0,
    samples: t.length,
    segments,
    restarts: found.restarts,
    uncountedFalls: found.uncountedFalls,
    reading,
    reachesLimit:
      last && reading.kind === 'growing'
        ? limitForecast(last, limitsOf(question.measure ?? '', question.limits ?? []))
        : null,
  }
}

/** Cuts a life at the given phases; without any, where growth set in and stopped, if that is plain to see. */
function stretches(life: Samples, index: number, phases: readonly Phase[]): Stretch[] {
  const few = blocks(life.t, life.v)
  const { season, curve } = few.t.length < 3 ? { season: null, curve: null } : withSeason(few, shapes(few))
  const inside = phases.filter((phase) => phase.to > life.t[0]! && phase.from <= life.t[life.t.length - 1]!)
  if (inside.length > 0) return phaseStretches(life, index, inside).map((stretch) => ({ ...stretch, season }))
  const cuts = curve ? growthCuts(life, withoutSeason(few, season), curve) : [life]
  return cuts.map((samples) => ({ samples, life: index, phase: null, season }))
}

function phaseStretches(life: Samples, index: number, phases: readonly Phase[]): Stretch[] {
  const cuts = new Set([0, life.t.length])
  for (const phase of phases) {
    cuts.add(firstAtOrAfter(life.t, phase.from))
    cuts.add(firstAtOrAfter(life.t, phase.to))
  }
  const sorted = [...cuts].sort((a, b) => a - b)
  return sorted.slice(1).map((end, i) => {
    const samples = sliceSamples(life, sorted[i]!, end)
    const from = samples.t[0]!
    const phase = phases.find((candidate) => candidate.from <= from && from < candidate.to)
    return { samples, life: index, phase: phase?.label ?? null }
  })
}

/** A life shorter than this is judged whole: its parts would be too short to judge. */
const FEWEST_SAMPLES_TO_CUT = 120
const CLEARLY_BETTER = 10

/**
 * Growth that set in while we watched is diluted by the calm before it, and a line through both is wrong about each.
 * So when flat–rising–flat explains a life much better than any single curve, it is cut at the corners. Growth that
 * began with the life is not cut off: that is how a warm-up looks.
 */
function growthCuts(life: Samples, few: Blocks, curve: Shapes): Samples[] {
  if (life.t.length < FEWEST_SAMPLES_TO_CUT) return [life]
  const n = few.t.length
  const day = besideADay(few)
  const single = day ? Math.min(simplest(curve), simplest(day)) : simplest(curve)
  if (curve.ramp > single - CLEARLY_BETTER || curve.rampFrom < 0.1 * n) return [life]
  const cuts = [0, firstAtOrAfter(life.t, few.t[curve.rampFrom]!)]
  if (curve.rampTo < 0.9 * n) cuts.push(firstAtOrAfter(life.t, few.t[curve.rampTo]!))
  return cuts.map((start, i) => sliceSamples(life, start, cuts[i + 1] ?? life.t.length))
}

/** Criterion of the best curve that has no corners. */
const simplest = (curve: Shapes): number =>
  Math.min(curve.flat, curve.linear, curve.plateau, curve.logarithm, curve.warmThenLinear, curve.steps)

interface Seen {
  readonly restarts: readonly Restart[]
  readonly uncountedFalls: number
  readonly doubtfulFalls: number
}

function overall(segments: readonly SegmentReading[], seen: Seen): SeriesReading['reading'] {
  const judged = segments.filter((segment) => segment.kind !== 'cannot-tell')
  const growing = growthBeyondChance(segments)
  const last = judged[judged.length - 1]
  const reasons = facts(segments, seen.restarts, seen.uncountedFalls)
  const pooled = seen.doubtfulFalls === 0 ? manyLives(segments) : null
  if (pooled) return { ...pooled, reasons, decidableAt: null }
  const open = growing.length === 0 ? whatIsOpen(segments, seen) : null
  if (open) return { kind: 'cannot-tell', bytesPerHour: null, reasons, ...open }
  // Without any judged segment that one is open; this is for the compiler.
  if (!last) return { kind: 'cannot-tell', bytesPerHour: null, words: NOTHING, reasons, decidableAt: null }
  if (growing.length === 0)
    return { kind: last.kind, bytesPerHour: null, words: last.words, reasons, decidableAt: null }
  const bytesPerHour = typical(growing)
  const kind: ReadingKind = growing.includes(last) ? 'growing' : 'grew'
  const words = growthWords(kind, judged, growing, bytesPerHour)
  return { kind, bytesPerHour, words, reasons, decidableAt: kind === 'growing' ? last.decidableAt : null }
}

const NOTHING = 'Cannot tell yet: there are no samples in this range.'

/**
 * Why nobody can say that nothing grows, although nothing is called growing; null when that can be said. A calm life long
 * ago says nothing of the last one, and falls that may be crashes hide what grew between them.
 */
function whatIsOpen(
  segments: readonly SegmentReading[],
  { uncountedFalls, doubtfulFalls: doubtful }: Seen,
): { readonly words: string; readonly decidableAt: number | null } | null {
  const last = segments[segments.length - 1]
  if (!last) return { words: NOTHING, decidableAt: null }
  const said = ({ words, decidableAt }: SegmentReading) => ({ words, decidableAt })
  const tooth = segments.find((segment) => doubtful > 0 && segment.words === toothWords(doubtful))
  if (tooth) return said(tooth)
  if (segments.every((segment) => segment.kind === 'cannot-tell'))
    return said(segments.reduce((best, segment) => (best.samples >= segment.samples ? best : segment)))
  if (segments.some((segment) => segment.kind === 'growing')) {
    const words = `Cannot tell: of ${livesOf(segments)} lives between restarts few rose, no more than chance allows for.`
    return { words, decidableAt: null }
  }
  if (uncountedFalls > 0) return { words: toothWords(uncountedFalls), decidableAt: null }
  return last.kind === 'cannot-tell' && mayRise(last) ? said(last) : null
}

/** Does it end above where it began, by more than its noise and 2 % of its level, as far as anything is known? */
function mayRise(segment: SegmentReading): boolean {
  if (segment.bytesPerHour === null) return segment.samples >= FEWEST_SAMPLES
  return riseOf(segment) > Math.max(0.02 * Math.abs(segment.endLevel), 2 * segment.noise)
}

const livesOf = (segments: readonly SegmentReading[]): number =>
  new Set(segments.map((segment) => segment.life)).size

/** From so many lives on, one that rises by chance is to be expected; beyond so many deviations of all lives it is none. */
const MANY_LIVES = 5
const DEVIATIONS_BEYOND = 4

/**
 * The growing segments. When many lives were looked at and less than a quarter of them grow, only those that rise by much
 * more than lives of this process vary in anyway: noise with a long memory makes one of twenty short lives look like growth.
 */
function growthBeyondChance(segments: readonly SegmentReading[]): readonly SegmentReading[] {
  const growing = segments.filter((segment) => segment.kind === 'growing')
  const lives = livesOf(segments)
  if (lives < MANY_LIVES || 4 * livesOf(growing) >= lives) return growing
  const rises = Float64Array.from(
    segments.filter(({ bytesPerHour }) => bytesPerHour !== null),
    riseOf,
  )
  const usual = median(rises) + DEVIATIONS_BEYOND * 1.4826 * medianDeviation(rises)
  return growing.filter((segment) => riseOf(segment) > usual)
}

/** Bytes from the first sample to the last, by the rate. */
const riseOf = ({ bytesPerHour, from, to }: SegmentReading): number =>
  ((bytesPerHour?.value ?? 0) * (to - from)) / 3600_000

/** As many lives that all rise by chance: 1 in 64. */
const ENOUGH_LIVES = 6

/**
 * Lives that are each too short to be sure of can be sure together: when all of six or more rise, none of them
 * slowing down, chance is below 2 % (a sign test), whatever each one's noise.
 */
function manyLives(
  segments: readonly SegmentReading[],
): Omit<SeriesReading['reading'], 'reasons' | 'decidableAt'> | null {
  const seen = segments.filter((segment) => segment.bytesPerHour !== null)
  if (seen.length < ENOUGH_LIVES || new Set(seen.map((segment) => segment.life)).size < seen.length)
    return null
  const open = seen.every((segment) => segment.kind === 'growing' || segment.kind === 'cannot-tell')
  const rates = Float64Array.from(seen, (segment) => segment.bytesPerHour?.value ?? 0).sort()
  const straight = median(Float64Array.from(seen, (segment) => segment.persistence)) >= 0.5
  if (!open || !straight || rates[0]! <= 0) return null
  // The interval of a median by order statistics: binomial, in its normal approximation.
  const reach = Math.ceil((rates.length + 1.96 * Math.sqrt(rates.length)) / 2)
  const high = rates[Math.min(rates.length - 1, reach)]!
  const low = rates[Math.max(0, rates.length - 1 - reach)]!
  const bytesPerHour = { value: median(rates), low, high }
  const words = `Grew in each of ${seen.length} lives between restarts by ${formatRate(bytesPerHour)}, the middle one of them. Each life is short: a warm-up that a restart cuts off is not excluded.`
  return { kind: 'growing', bytesPerHour, words }
}

/** The middle one of several rates, with the middles of the interval's ends. */
function typical(growing: readonly SegmentReading[]): Rate | null {
  const rates = growing.flatMap((segment) => segment.bytesPerHour ?? [])
  const middle = (of: (rate: Rate) => number) => median(Float64Array.from(rates, of))
  if (rates.length === 0) return null
  return {
    value: middle((rate) => rate.value),
    low: middle((rate) => rate.low),
    high: middle((rate) => rate.high),
  }
}

function growthWords(
  kind: ReadingKind,
  judged: readonly SegmentReading[],
  growing: readonly SegmentReading[],
  rate: Rate | null,
): string {
  const one = growing[0]!
  if (judged.length === 1) return one.words
  const by = rate ? ` by ${formatRate(rate)}` : ''
  const livesSeen = new Set(judged.map((segment) => segment.life)).size
  const livesGrowing = new Set(growing.map((segment) => segment.life)).size
  if (livesSeen > 1) {
    return `Grew in ${livesGrowing} of ${livesSeen} lives between restarts${by}${livesGrowing > 1 ? ', the middle one of them' : ''}.`
  }
  const where =
    growing.length > 1
      ? `in ${growing.length} of ${judged.length} stretches`
      : one.phase === null
        ? `for ${formatDuration(milliseconds(one.to - one.from))}`
        : `in the phase “${one.phase}”`
  return `Grew ${where}${by}; ${kind === 'growing' ? 'it still does at the end.' : 'not at the end.'}`
}

function facts(
  segments: readonly SegmentReading[],
  restarts: readonly Restart[],
  uncountedFalls: number,
): readonly string[] {
  const said: string[] = []
  if (restarts.length > 0) said.push(restartWords(restarts))
  if (uncountedFalls > 0) {
    said.push(
      `${uncountedFalls} deep falls in short intervals: a collector’s saw or a crash loop. A pid column would tell.`,
    )
  }
  for (const segment of segments.slice(-6)) {
    const name = segment.phase ?? `stretch of ${formatDuration(milliseconds(segment.to - segment.from))}`
    said.push(`${name}, ${formatCount(segment.samples)} samples: ${segment.words}`)
  }
  return said
}

/** "11 restarts in this range, as regular as a script’s". */
function restartWords(restarts: readonly Restart[]): string {
  const said = `${restarts.length === 1 ? '1 restart' : `${restarts.length} restarts`} in this range`
  const of = (cause: Restart['cause']) => restarts.filter((restart) => restart.cause === cause).length
  const causes = [
    of('crash') > 0 && `${of('crash')} after a crash`,
    of('deploy') > 0 && `${of('deploy')} after a deploy`,
    of('scripted') > 0 && 'as regular as a script’s',
  ].filter((cause) => cause !== false)
  return [said, ...causes].join(', ')
}
