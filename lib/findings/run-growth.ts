import { frameWords, placeWords } from '#lib/stacks/own-frame'
import {
  kindWords,
  type StackProfile,
  type StackTimeline,
  type TimelinePlaces,
} from '#lib/stacks/stack-profile'
import { MAX_SUSPECTS, type StackSuspect, type StackSuspects, stackSuspects } from '#lib/stacks/suspects'
import { formatBytes, formatCount, formatShare } from '#lib/units/format'
import { bytes as asBytes } from '#lib/units/quantity'
import { rowShape } from './row-shape.ts'

/** A run is looked at in this many parts, each with the least that was held in it: what comes and goes is no growth. */
const PARTS = 5
/** A place is a suspect when it has at least this part of the run's growth … */
const SMALLEST_SHARE = 0.01
/** … and grew by at least this part of the most that the heap held: massif's own threshold. */
const SMALLEST_OF_HEAP = 0.01
/** Moments at the end with less than this part of the peak, within this part of the run, are the program taking itself down. */
const TAKEN_DOWN = 0.5
const LAST_PART = 0.05

/**
 * What one capture of allocation stacks says by itself: a leak checker's word, or which places grew all through a run of
 * which the file has several moments (massif). The rule: docs/allocation-stacks.md. O(nodes + moments × places).
 */
export function captureSuspects(profile: StackProfile, requests?: number): StackSuspects {
  const { timeline } = profile
  if (!timeline?.places) return stackSuspects(profile, requests)
  if (timeline.places.isPages) return { suspects: [], words: PAGES }
  return runSuspects(profile, timeline, timeline.places, requests)
}

/** With --pages-as-heap, whoever asks for a few bytes when the heap is full gets all the pages that make it larger. */
const PAGES =
  'Pages are counted at the call that made the heap larger, not at what keeps them: this file cannot tell which place grows. A run without --pages-as-heap does.'

function runSuspects(
  profile: StackProfile,
  timeline: StackTimeline,
  places: TimelinePlaces,
  requests: number | undefined,
): StackSuspects {
  const parts = runParts(timeline, places.at)
  const clock = parts.map(({ from }) => timeline.at[from]!)
  const isRising = clock.every((at, part) => part === 0 || at > clock[part - 1]!)
  const courses = places.series.map(({ frame, bytes }) => {
    const course = parts.map((part) => leastIn(part, timeline, bytes))
    return { frame, course, grown: course.at(-1)! - course[0]! }
  })
  const grown = courses.reduce((sum, course) => sum + Math.max(0, course.grown), 0)
  const most = timeline.heapBytes.reduce((max, bytes) => Math.max(max, bytes), 0)
  const suspects = courses
    .map((course) => ({ ...course, share: grown === 0 ? 0 : Math.max(0, course.grown) / grown }))
    .filter(({ grown: own, share }) => share >= SMALLEST_SHARE && own >= SMALLEST_OF_HEAP * most)
    .filter(({ course }) => growsThroughout(course, isRising ? clock : undefined))
    .sort((a, b) => b.grown - a.grown)
    .slice(0, MAX_SUSPECTS)
    .map((course) => suspect(profile, course, requests))
  return { suspects, words: words(suspects, parts.length, grown) }
}

/** Moments of a timeline, from the first to before the last; `moments` are the indexes in `TimelinePlaces.at` among them. */
interface Part {
  readonly from: number
  readonly to: number
  readonly moments: readonly number[]
}

/** Parts of about as many moments with stacks each; where there are enough, the second half of the last again as one of its own. */
function runParts(timeline: StackTimeline, at: readonly number[]): Part[] {
  const count = beforeTakenDown(timeline, at)
  const parts = Math.min(PARTS, count)
  const starts = Array.from({ length: parts }, (_, part) => Math.floor((part * count) / parts))
  const list = starts.map((start, part): Part => {
    const end = starts[part + 1] ?? count
    const to = end < count ? at[end]! : at[count - 1]! + 1
    return { from: at[start]!, to, moments: range(start, end) }
  })
  // What fills up in the last part has stopped at its end: its second half tells.
  const start = count - Math.floor(count / (2 * PARTS))
  if (start < count) list.push({ ...list.at(-1)!, from: at[start]!, moments: range(start, count) })
  return list
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index)

/** Moments of `at` before the program took itself down; all of them where that would leave too few to see a course. */
function beforeTakenDown({ at: times, heapBytes }: StackTimeline, at: readonly number[]): number {
  const held = at.map((index) => heapBytes[index]!)
  const enough = TAKEN_DOWN * Math.max(...held)
  const lastHigh = held.findLastIndex((bytes) => bytes >= enough)
  const [start, end] = [times[0] ?? 0, times.at(-1) ?? 0]
  const isShort = end - times[at[lastHigh]!]! <= LAST_PART * (end - start)
  return isShort && lastHigh >= 2 ? lastHigh + 1 : at.length
}

/** The least that a place held in a part. Between the moments with stacks, it was at most what the whole heap held. */
function leastIn(part: Part, { heapBytes }: StackTimeline, bytes: readonly number[]): number {
  let least = Number.POSITIVE_INFINITY
  for (const moment of part.moments) least = Math.min(least, bytes[moment]!)
  for (let index = part.from; index < part.to; index++) least = Math.min(least, heapBytes[index]!)
  return least
}

/** Over the parts, and with the end of the last: garbage at the very end must not hide that it stopped before. */
function growsThroughout(course: readonly number[], clock: readonly number[] | undefined): boolean {
  return [PARTS, course.length].every((length) => {
    const bytes = course.slice(0, length)
    const row = { type: kindWords('live'), counts: bytes.map(() => 0), bytes, sampledEvery: [] }
    return rowShape(row, clock?.slice(0, length)).isSuspect
  })
}

function suspect(
  profile: StackProfile,
  { frame, course, grown, share }: { frame: number; course: readonly number[]; grown: number; share: number },
  requests: number | undefined,
): StackSuspect {
  const own = frameWords(profile, frame)
  const place = placeWords(own)
  const where = place === '' ? own.name : `${own.name} (${place})`
  const perRequest =
    requests !== undefined && requests > 0 ? { blocks: 0, bytes: grown / requests } : undefined
  const rate = perRequest ? `, ${formatBytes(asBytes(perRequest.bytes))} per request` : ''
  const path = course.map((size) => formatBytes(asBytes(size))).join(' → ')
  return {
    type: 'in use',
    frame: own,
    bytes: grown,
    blocks: 0,
    share,
    perRequest,
    confidence: 'medium: it grew within one run; a longer one tells whether it stops',
    words: `${where} held more and more within this run (${path}): ${formatShare(share)} of what grew${rate}.`,
  }
}

function words(suspects: readonly StackSuspect[], parts: number, grown: number): string {
  if (suspects.length > 0) {
    const places = `${formatCount(suspects.length)} ${suspects.length === 1 ? 'place' : 'places'}`
    return `Within this run, ${places} held more memory in each part of it, to the end. A program that fills a table once looks the same in a short run: a longer one decides.`
  }
  const left =
    grown > 0 ? ` ${formatBytes(asBytes(grown))} came and stayed, but not all through the run.` : ''
  return `No place grew all through this run, looked at in ${formatCount(parts)} parts.${left} What is below massif’s threshold is not seen, and growth that is slower than this run shows only in a longer one, or in a second file taken after more requests.`
}
