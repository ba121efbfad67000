import { type ClockCounter, type LeakClock, leakClock } from './leak-clock.ts'
import { type Band, type NaturalExperiment, naturalExperiment } from './natural-experiment.ts'
import { lives } from './restarts.ts'
import { type Samples, sliceSamples } from './samples.ts'
import { type Waterfall, waterfall } from './waterfall.ts'
import { type PlaceInput, type PlaceVerdict, placeOfGrowth } from './where-it-grows.ts'
import { riseOver } from './where-it-grows-blocks.ts'
import type { CapturedTotal } from './where-it-grows-captures.ts'

/** Bytes: what an allocator holds of freed memory, or two figures whose difference that is. The first that is whole counts. */
export interface AllocatorSeries {
  readonly held?: Samples | undefined
  /** jemalloc: pages that are resident, and bytes that the program has. */
  readonly resident?: Samples | undefined
  readonly allocated?: Samples | undefined
  /** glibc (mallinfo2): bytes of the arenas, and of those in use. */
  readonly arena?: Samples | undefined
  readonly used?: Samples | undefined
}

/** All that is asked about the growth of one process, in one go. */
export interface GrowthPlacesInput extends PlaceInput {
  readonly counters: readonly ClockCounter[]
  readonly bands: readonly Band[]
  /** What the process's allocator says of itself. */
  readonly allocator?: AllocatorSeries | undefined
  /** Totals of profiles of native memory with their moments. */
  readonly profiles: readonly CapturedTotal[]
}

/** Where it grows, with what, and what is left unexplained. Plain JSON. */
export interface GrowthPlaces {
  readonly place: PlaceVerdict
  /** Null when nothing grows. */
  readonly clock: LeakClock | null
  /** Null without bands, or when nothing grows. */
  readonly experiment: NaturalExperiment | null
  /** Of the range that `place` judged; null when nothing grows there. */
  readonly waterfall: Waterfall | null
}

/** A counter has to cover this share of the life. */
const COVERED = 0.8
/** A capture this long before or after the growth still belongs to it. */
const NEAR_MS = 2 * 60_000

/** Pure and deterministic. O(samples): about 60 ms for 100,000 in each of five series. */
export function growthPlaces(input: GrowthPlacesInput): GrowthPlaces {
  const place = placeOfGrowth(input)
  const { range } = place
  if (!range) return { place, clock: null, experiment: null, waterfall: null }
  const life = lifeAt(input, (range.from + range.to) / 2)
  const from = life.t[0]!
  const to = life.t[life.t.length - 1]!
  const covering = input.counters.filter(({ samples: { t } }) => {
    const first = Math.max(from, t[0] ?? to)
    const last = Math.min(to, t[t.length - 1] ?? from)
    return last - first >= COVERED * (to - from)
  })
  return {
    place,
    clock: leakClock(life, covering, range),
    experiment: input.bands.length === 0 ? null : naturalExperiment(input.rss, input.bands),
    waterfall: waterfallOver(input, range),
  }
}

function lifeAt({ rss, question }: GrowthPlacesInput, at: number): Samples {
  const { starts } = lives(rss, question ?? {})
  const life = Math.max(
    0,
    starts.findLastIndex((start) => rss.t[start]! <= at),
  )
  return sliceSamples(rss, starts[life] ?? 0, starts[life + 1] ?? rss.t.length)
}

function waterfallOver(
  input: GrowthPlacesInput,
  { from, to }: { from: number; to: number },
): Waterfall | null {
  const growth = riseOver(input.rss, from, to)
  if (growth === null || growth <= 0) return null
  const rise = (samples: Samples | undefined) =>
    (samples ? riseOver(samples, from, to) : undefined) ?? undefined
  const file = rise(input.rssFile)
  const shared = rise(input.rssShmem)
  return waterfall({
    growth,
    heapLive: rise(input.heapLive),
    heapCommitted: rise(input.heapCommitted),
    mapped: file === undefined && shared === undefined ? undefined : (file ?? 0) + (shared ?? 0),
    allocatorHeld: heldOver(input.allocator ?? {}, rise),
    capture: between(input.captures ?? [], from, to),
    native: between(input.profiles, from, to),
  })
}

function heldOver(
  { held, resident, allocated, arena, used }: AllocatorSeries,
  rise: (samples: Samples | undefined) => number | undefined,
): number | undefined {
  const less = (all: Samples | undefined, own: Samples | undefined) => {
    const [risen, kept] = [rise(all), rise(own)]
    return risen === undefined || kept === undefined ? undefined : risen - kept
  }
  return rise(held) ?? less(resident, allocated) ?? less(arena, used)
}

/** From the first to the last total in the range; undefined with fewer than two. */
function between(totals: readonly CapturedTotal[], from: number, to: number) {
  const inside = totals
    .filter(({ at }) => at >= from - NEAR_MS && at <= to + NEAR_MS)
    .sort((a, b) => a.at - b.at)
  const first = inside[0]
  const last = inside[inside.length - 1]
  if (!first || !last || first === last) return undefined
  return { label: `${first.label} to ${last.label}`, bytes: last.bytes - first.bytes }
}
