import { formatByteChange, formatDuration, formatShare } from '#lib/units/format'
import { bytes, milliseconds } from '#lib/units/quantity'
import { blockCount } from './blocks.ts'
import { movingBlockInterval } from './bootstrap.ts'
import { type ReadingQuestion, readSeries } from './read-series.ts'
import type { SegmentReading } from './reading.ts'
import type { Samples } from './samples.ts'
import { type Trend, trend } from './trend.ts'
import { type BlockColumn, commonBlocks, riseOver } from './where-it-grows-blocks.ts'
import { type CapturedTotal, placeByCaptures } from './where-it-grows-captures.ts'

/** The version of the rules. Stored with what quotes a verdict. */
export const PLACE_VERSION = 1

/** Where memory grows. `no-growth`: there is nothing to explain. */
export type Place =
  | 'managed'
  | 'native'
  | 'fragmentation'
  | 'file-backed'
  | 'mixed'
  | 'no-growth'
  | 'cannot-tell'

/** What is measured of one process. All bytes but `liveSlots`, `gcCount`. Only `rss` has to be known. */
export interface PlaceInput {
  readonly rss: Samples
  readonly rssAnon?: Samples | undefined
  readonly rssFile?: Samples | undefined
  readonly rssShmem?: Samples | undefined
  readonly swap?: Samples | undefined
  readonly pss?: Samples | undefined
  readonly lazyFree?: Samples | undefined
  /** What the runtime holds for its heap, used or not. */
  readonly heapCommitted?: Samples | undefined
  /** What its objects take. */
  readonly heapLive?: Samples | undefined
  /** Ruby's count of objects: says nothing about the bytes that they hold outside of their slots. */
  readonly liveSlots?: Samples | undefined
  readonly gcCount?: Samples | undefined
  /** Totals of heap captures of the process with their moments, in any order. */
  readonly captures?: readonly CapturedTotal[] | undefined
  /** Phases and marks, as for the reading. */
  readonly question?: ReadingQuestion | undefined
}

/** A share from 0 to 1 (measured ones may lie a little outside), with its 95 % interval. */
export interface Share {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** Where it grows, and what carries that. Plain JSON. */
export interface PlaceVerdict {
  readonly version: typeof PLACE_VERSION
  readonly place: Place
  /** Of the growth, what lies in the place that is named (`mixed`: outside of the managed heap). */
  readonly share: Share | null
  /** The share is the least that lies there: captures do not see all of a managed heap. */
  readonly isLeast?: true
  readonly words: string
  /** The rule and the numbers that it was applied to, one fact each. */
  readonly reasons: readonly string[]
  /** Which measurement would decide; null when nothing is open. */
  readonly wouldDecide: string | null
  /** What was judged, epoch milliseconds; null when nothing grows. */
  readonly range: { readonly from: number; readonly to: number } | null
}

const FEWEST_BLOCKS = 12
/** Less growth than this share of the level, and less than that many bytes, is not divided. */
const LEAST_GROWTH_SHARE = 0.1
const LEAST_GROWTH_BYTES = 100e6
const CLEARLY_OUTSIDE = 0.7
const CLEARLY_INSIDE = 0.4
const BOTH_FROM = 0.15
const BOTH_TO = 0.85
const MOST_OF_IT = 0.5
/** A series whose rise is less than this share of the growth does not carry it, however sure its rise is. */
const CARRIES_NOTHING = 0.1
const Z_ONE_IN_20 = 1.64
const Z_ONE_IN_200 = 2.58
/** Below this the second half grows by less than half of what the first did. */
const KEEPS_ON = 0.5
const FEWEST_COLLECTIONS = 3
const FLOOR_SHARE = 0.1
const SHORT_MS = 6 * 3600_000

/**
 * Where the growth of a process lies: the slopes of resident, managed and other memory are compared over the longest stretch in
 * which resident memory grows; rules in the order of docs/where-it-grows.md, the first that fits speaks. Ratios of levels
 * decide nothing. Without a series of the managed heap, totals of captures are asked.
 *
 * Pure and deterministic. O(samples).
 */
export function placeOfGrowth(input: PlaceInput): PlaceVerdict {
  const { segments } = readSeries(input.rss, input.question ?? {})
  const stretch = longest(segments, 'growing') ?? longest(segments, 'slowing')
  if (!stretch) return withoutGrowth(input, segments)
  const isSlowing = stretch.kind === 'slowing'
  const from = stretch.from + stretch.warmUpMs
  const { to } = stretch
  const verdict = (
    place: Place,
    words: string,
    rest: Partial<Pick<PlaceVerdict, 'share' | 'reasons' | 'wouldDecide'>> = {},
  ): PlaceVerdict => ({
    version: PLACE_VERSION,
    place,
    share: null,
    reasons: [],
    wouldDecide: null,
    range: { from, to },
    ...rest,
    words,
  })
  const rise = riseOver(input.rss, from, to) ?? 0
  const level = stretch.endLevel - rise
  const seen = `Resident memory: ${formatByteChange(bytes(rise))} in ${formatDuration(milliseconds(to - from))}.`
  if (rise < LEAST_GROWTH_SHARE * level && rise < LEAST_GROWTH_BYTES) {
    return verdict('cannot-tell', 'It grows by too little to be divided.', {
      reasons: [seen, 'Asked for: a tenth of the level, or 100 MB.'],
      wouldDecide: 'A longer stretch.',
    })
  }

  const elsewhere = notPrivate(input, from, to, rise)
  if (elsewhere)
    return verdict('file-backed', elsewhere.words, { share: exactly(elsewhere.share), reasons: [seen] })

  if (!input.heapCommitted && !input.heapLive) {
    const told = placeByCaptures(input.rss, input.captures ?? [])
    if (told) return { ...told, version: PLACE_VERSION, reasons: [seen, ...told.reasons] }
    const wouldDecide = input.liveSlots
      ? 'The bytes of the objects (ObjectSpace.memsize_of_all), or three heap captures: slots hold only their headers.'
      : 'A series of the managed heap beside it (committed and live), or three heap captures.'
    return verdict('cannot-tell', 'Nothing is known of the managed heap in this stretch.', {
      reasons: [seen],
      wouldDecide,
    })
  }

  const measured = measure(input, from, to, blocksIn(stretch))
  if (!measured) {
    return verdict('cannot-tell', 'Resident and managed memory were hardly measured at the same times.', {
      reasons: [seen, `Asked for: ${FEWEST_BLOCKS} common stretches of time.`],
      wouldDecide: 'Both series over the same time.',
    })
  }
  const { share, persistence, live, committed } = measured
  const percent = shareWords(share)
  const isFlat = (line: Trend | undefined) =>
    !line || line.z < Z_ONE_IN_20 || riseOf(line) < CARRIES_NOTHING * riseOf(measured.resident)
  const reasons = [
    seen,
    `Outside of the managed heap: ${percent} of the slope, ${measured.blocks} common blocks, moving-block bootstrap.`,
    ...(committed
      ? [`Committed heap: ${formatByteChange(bytes(riseOf(committed)))}, z ${committed.z.toFixed(1)}.`]
      : []),
    ...(live
      ? [
          `Live heap, floor between collections: ${formatByteChange(bytes(riseOf(live)))}, z ${live.z.toFixed(1)}.`,
        ]
      : []),
    `What is outside grew ${persistence.toFixed(2)} times as fast in the second half as in the first.`,
    ...(to - from < SHORT_MS
      ? [`Only ${formatDuration(milliseconds(to - from))} were seen: this is about that stretch.`]
      : []),
  ]
  const inverse: Share = { value: 1 - share.value, low: 1 - share.high, high: 1 - share.low }
  const heapLabel = committed ? 'managed heap' : 'live objects'

  if (share.low > CLEARLY_OUTSIDE && isFlat(live) && isFlat(committed)) {
    if (!committed) {
      return verdict('cannot-tell', `Live objects do not grow: ${percent} of the growth is not theirs.`, {
        share: null,
        reasons,
        wouldDecide:
          'The committed size of the managed heap: unused heap cannot be told from memory outside.',
      })
    }
    if (!live && input.liveSlots) {
      return verdict('cannot-tell', 'The heap’s slots do not grow, but they hold only headers of objects.', {
        reasons,
        wouldDecide: 'The bytes of the objects (ObjectSpace.memsize_of_all), or three heap captures.',
      })
    }
    if (isSlowing || persistence < KEEPS_ON) {
      return verdict(
        'fragmentation',
        `Outside of the managed heap (${percent}), but slowing: fragmentation or arenas fit better than steady growth.`,
        {
          share,
          reasons,
          wouldDecide: 'A run with MALLOC_ARENA_MAX=2 or jemalloc.',
        },
      )
    }
    return verdict(
      'native',
      `The growth is outside of the managed heap: ${percent}. Captures of the managed heap will not show it.`,
      { share, reasons },
    )
  }
  if (share.high < CLEARLY_INSIDE) {
    const collections = input.gcCount ? riseOver(input.gcCount, from, to) : null
    if (collections !== null && collections < FEWEST_COLLECTIONS) {
      return verdict('cannot-tell', 'The managed heap grows, but hardly a collection ran meanwhile.', {
        share: null,
        reasons: [
          ...reasons,
          `Collections in the stretch: ${collections}. Asked for: ${FEWEST_COLLECTIONS}.`,
        ],
        wouldDecide: 'A stretch with three full collections.',
      })
    }
    if (live && isFlat(live)) {
      return verdict(
        'managed',
        `The heap got bigger (${shareWords(inverse)}), but live data did not: unused heap or churn.`,
        {
          share: inverse,
          reasons,
        },
      )
    }
    const line = live ?? committed
    if (line && line.z > Z_ONE_IN_200) {
      return verdict(
        'managed',
        `Managed: ${shareWords(inverse)} of the growth is the ${heapLabel}${isSlowing ? ', and it slows down: warm-up or a filling cache fits, too' : live ? '. Objects are kept' : ''}. Two captures at least three collections apart show which.`,
        {
          share: inverse,
          reasons,
          wouldDecide: live ? null : 'A series of live memory: kept objects cannot be told from unused heap.',
        },
      )
    }
  }
  if (share.low > BOTH_FROM && share.high < BOTH_TO) {
    return verdict('mixed', `Both: ${percent} is outside of the managed heap.`, {
      share,
      reasons,
      wouldDecide: null,
    })
  }
  return verdict('cannot-tell', `Cannot tell yet: the share outside may be ${rangeWords(share)}.`, {
    share,
    reasons,
    wouldDecide: `About ${formatDuration(milliseconds(to - from))} more, or one forced collection every ten minutes.`,
  })
}

const longest = (segments: readonly SegmentReading[], kind: SegmentReading['kind']) =>
  segments
    .filter((segment) => segment.kind === kind)
    .reduce<SegmentReading | undefined>(
      (best, one) => (!best || one.to - one.from > best.to - best.from ? one : best),
      undefined,
    )

/** Nothing is called growing: with too few samples captures may still tell. */
function withoutGrowth(input: PlaceInput, segments: readonly SegmentReading[]): PlaceVerdict {
  const isOpen = segments.length === 0 || segments.some(({ kind }) => kind === 'cannot-tell')
  const told = isOpen ? placeByCaptures(input.rss, input.captures ?? []) : null
  if (told) return { ...told, version: PLACE_VERSION }
  return {
    version: PLACE_VERSION,
    place: isOpen ? 'cannot-tell' : 'no-growth',
    share: null,
    words: isOpen
      ? 'It cannot be told yet whether resident memory grows.'
      : 'Resident memory does not grow steadily here: there is nothing to explain.',
    reasons: [],
    wouldDecide: isOpen ? 'More samples of resident memory.' : null,
    range: null,
  }
}

/** Growth that is no private memory, or only looks like it. */
function notPrivate(
  { rssFile, rssShmem, lazyFree, pss }: PlaceInput,
  from: number,
  to: number,
  rise: number,
): { words: string; share: number } | null {
  const shareOf = (samples: Samples | undefined) => (samples ? (riseOver(samples, from, to) ?? 0) / rise : 0)
  const mapped = shareOf(rssFile) + shareOf(rssShmem)
  if (mapped > MOST_OF_IT)
    return {
      words: `File mappings and shared memory grow (${formatShare(mapped)}), not private memory.`,
      share: mapped,
    }
  const freed = shareOf(lazyFree)
  if (freed > MOST_OF_IT)
    return {
      words: `Freed, but not yet taken back by the system (${formatShare(freed)}, MADV_FREE).`,
      share: freed,
    }
  const proportional = pss ? riseOver(pss, from, to) : null
  if (proportional !== null && proportional < CARRIES_NOTHING * rise)
    return {
      words: 'Resident memory rises and its proportional share does not: pages shared with other processes.',
      share: 1,
    }
  return null
}

const exactly = (share: number): Share => ({ value: share, low: share, high: share })
const blocksIn = ({ samples, from, to }: SegmentReading) => blockCount(samples, to - from)

interface Measured {
  readonly blocks: number
  readonly resident: Trend
  /** Of the slope of resident memory, what is outside of the managed heap. */
  readonly share: Share
  /** Slope of what is outside in the second half over that in the first. */
  readonly persistence: number
  readonly live: Trend | undefined
  readonly committed: Trend | undefined
}

/** All slopes on common blocks; null when there are too few of them. */
function measure(input: PlaceInput, from: number, to: number, count: number): Measured | null {
  const { rss, rssAnon, swap, heapCommitted, heapLive } = input
  const asked: BlockColumn[] = [{ samples: rssAnon ?? rss }]
  const place = (samples: Samples | undefined, share = 0.5) =>
    samples && samples.t.length > 0 ? asked.push({ samples, share }) - 1 : -1
  const swapAt = place(swap)
  const committedAt = place(heapCommitted)
  const liveAt = place(heapLive, FLOOR_SHARE)
  const { t, columns } = commonBlocks(asked, from, to, count)
  const n = t.length
  if (n < FEWEST_BLOCKS) return null
  const at = (k: number, i: number) => columns[k]?.[i] ?? 0
  const resident = columns[0]!.map((value, i) => value + at(swapAt, i))
  // A runtime whose objects hold memory of malloc's (Ruby) has more live bytes than heap: the larger of both is managed.
  const managed = resident.map((_, i) => Math.max(at(committedAt, i), at(liveAt, i)))
  const outside = resident.map((value, i) => value - managed[i]!)
  const line = trend(t, resident)
  const other = trend(t, outside)
  const half = n >>> 1
  const early = trend(t.slice(0, half), outside.slice(0, half)).slope
  const late = trend(t.slice(half), outside.slice(half)).slope
  return {
    blocks: n,
    resident: line,
    share: shareOfSlopes(t, [outside, other], [resident, line]),
    persistence: early > 0 ? late / early : late > 0 ? 1 : 0,
    live: liveAt < 0 ? undefined : trend(t, columns[liveAt]!),
    committed: committedAt < 0 ? undefined : trend(t, columns[committedAt]!),
  }
}

/** Both lines keep their slopes, and what they leave is drawn anew, for both from the same moments. */
function shareOfSlopes(
  t: Float64Array,
  [part, partLine]: readonly [Float64Array, Trend],
  [whole, wholeLine]: readonly [Float64Array, Trend],
): Share {
  const fitted = ({ startLevel, slope }: Trend, i: number) => startLevel + slope * (t[i]! - t[0]!)
  const left = (v: Float64Array, line: Trend) => v.map((value, i) => value - fitted(line, i))
  const partLeft = left(part, partLine)
  const wholeLeft = left(whole, wholeLine)
  const value = partLine.slope / wholeLine.slope
  const slopeLeft = leastSquaresSlope(t)
  const interval = movingBlockInterval(
    t.length,
    (drawn) =>
      (partLine.slope + slopeLeft(partLeft, drawn)) / (wholeLine.slope + slopeLeft(wholeLeft, drawn)),
  )
  if (!interval) return { value, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
  return { value, low: Math.min(value, interval.low), high: Math.max(value, interval.high) }
}

/** Slope of redrawn values: of what a robust line leaves, the plain one is good enough, and 300 of it cost nothing. */
function leastSquaresSlope(t: Float64Array): (v: Float64Array, drawn: Uint32Array) => number {
  const mean = t.reduce((sum, at) => sum + at, 0) / t.length
  const square = t.reduce((sum, at) => sum + (at - mean) ** 2, 0)
  return (v, drawn) => {
    let sum = 0
    for (let i = 0; i < drawn.length; i++) sum += (t[i]! - mean) * v[drawn[i]!]!
    return sum / square
  }
}

const riseOf = ({ startLevel, endLevel }: Trend): number => endLevel - startLevel
const inPercent = (share: number): string => `${Math.round(100 * share)}`
const rangeWords = ({ low, high }: Share): string =>
  Number.isFinite(low) && Number.isFinite(high) ? `${inPercent(low)} to ${inPercent(high)} %` : 'anything'
/** "96 % (88 to 103 %)" */
export const shareWords = (share: Share): string => `${inPercent(share.value)} % (${rangeWords(share)})`
