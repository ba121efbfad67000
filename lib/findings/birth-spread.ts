import { NO_GENERATION } from '#lib/heap/snapshot'
import { formatCount, formatShare } from '#lib/units/format'
import type { IdentityTable } from './identity-table.ts'
import type { MergedGroups } from './merged-groups.ts'

/** When the objects that came between captures were allocated. */
export interface BirthSpread {
  /** `cannot tell`: births are not dated, too few, or fit neither. */
  readonly spread: 'steady' | 'in bursts' | 'cannot tell'
  /** One sentence with the numbers. */
  readonly words: string
}

/** Fewer births than this have no spread. */
const FEWEST_BIRTHS = 20
/** … and so do births over fewer collections than this. */
const FEWEST_GENERATIONS = 3
const BINS = 8
/** Collections right before a capture are usually asked for by whoever takes it (GC.start, several times). */
const ASKED_FOR = 4
/** Steady: births in at least this part of the time … */
const STEADY_BINS = 0.75
/** … and in its later half at least this part of them. */
const STEADY_LATER = 0.25
/** In bursts: births in at most this part of the time … */
const BURST_BINS = 0.5
/** … or in its later half less than this part of them. */
const BURST_LATER = 0.1

/**
 * How the births of each merged row's objects spread over the time between the first and the last capture, told by
 * allocation generations: what piles up with the work is born all along, what is loaded or cached once is born in
 * bursts, usually at the beginning. Generations are collections, a clock that runs with allocation.
 *
 * `undefined` when nothing dates births. O(objects of the last capture); 32 bytes a row.
 */
export function birthSpreads(
  merged: MergedGroups,
  first: IdentityTable,
  last: IdentityTable,
): ((row: number, grownBy: number) => BirthSpread | undefined) | undefined {
  const from = first.latestGeneration
  if (from === NO_GENERATION || last.latestGeneration <= from) return undefined
  const rows = merged.rowOf.at(-1)!
  const span = workedGenerations(last, from)
  const bins = Math.min(BINS, span)
  const births = new Uint32Array(merged.groups * BINS)
  for (let object = 0; object < last.objects; object++) {
    const born = last.generation[object]! - from
    if (last.generation[object] === NO_GENERATION || born <= 0) continue
    const bin = Math.min(bins - 1, Math.floor(((born - 1) * bins) / span))
    births[rows[last.group[object]!]! * BINS + bin]!++
  }
  return (row, grownBy) => spreadOf(births.subarray(row * BINS, row * BINS + bins), span, grownBy)
}

/** Collections between the captures, without those that were only asked for at the end. */
function workedGenerations(last: IdentityTable, from: number): number {
  const all = last.latestGeneration - from
  const perGeneration = new Uint32Array(Math.min(all, 1 << 20) + 1)
  let total = 0
  for (let object = 0; object < last.objects; object++) {
    const born = last.generation[object]! - from
    if (last.generation[object] === NO_GENERATION || born <= 0 || born >= perGeneration.length) continue
    perGeneration[born]!++
    total++
  }
  let busy = all
  // What the capture itself allocates is no work: a thousandth of the births does not make a generation a busy one.
  while (busy > all - ASKED_FOR && busy > 1 && (perGeneration[busy] ?? 0) <= total / 1000) busy--
  return busy
}

function spreadOf(bins: Uint32Array, span: number, grownBy: number): BirthSpread | undefined {
  let total = 0
  let filled = 0
  let later = 0
  for (let bin = 0; bin < bins.length; bin++) {
    total += bins[bin]!
    if (bins[bin]! > 0) filled++
    if (bin >= bins.length / 2) later += bins[bin]!
  }
  if (total === 0) return undefined
  const dated = `${formatCount(total)} of its objects were born after the first capture`
  if (total < FEWEST_BIRTHS || total < grownBy / 2)
    return { spread: 'cannot tell', words: `${dated}: too few to tell when.` }
  if (span < FEWEST_GENERATIONS)
    return {
      spread: 'cannot tell',
      words: `${dated}, within ${formatCount(span)} collections: too few to tell when.`,
    }
  // The middle bin of an odd number belongs to neither half; with three bins the later half is one of three.
  const laterShare = later / total
  const facts = `${dated}, in ${filled} of ${bins.length} parts of the time between, ${formatShare(laterShare)} of them in its later half`
  if (filled >= STEADY_BINS * bins.length && laterShare >= STEADY_LATER * halfOf(bins.length))
    return { spread: 'steady', words: `${facts}: all along, as things that pile up are.` }
  if (filled <= BURST_BINS * bins.length || laterShare < BURST_LATER * halfOf(bins.length))
    return { spread: 'in bursts', words: `${facts}: in bursts, as things that are loaded or cached are.` }
  return { spread: 'cannot tell', words: `${facts}.` }
}

/** What the later half has of an even number of bins is 1; of an odd number it is less. */
const halfOf = (bins: number): number => (Math.floor(bins / 2) * 2) / bins
