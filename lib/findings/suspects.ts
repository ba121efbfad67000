import { formatBytes, formatCount, formatShare } from '#lib/units/format'
import { bytes as asBytes } from '#lib/units/quantity'
import { fingerprint } from './fingerprint.ts'
import { siteWords } from './group-table.ts'
import type {
  Confidence,
  GrowthCapture,
  GrowthRow,
  Holder,
  Rate,
  Suspect,
  Unexplained,
} from './growth-model.ts'
import { change } from './growth-parts.ts'
import { namedEnd, namesAnObject } from './holders.ts'
import { amountPath, grewInSize, kindOf } from './row-shape.ts'

/** What a site says: where an object was made, or where its class or function is defined. */
export type SiteKind = NonNullable<GrowthCapture['siteKind']>

/** A holder stands for a row when it keeps at least this part of its growth. */
export const MOSTLY_HELD = 0.5
/** Kinds that a suspect's words name; the others are counted. */
const NAMED_KINDS = 3

/** What suspects are told per: requests served and hours gone by between the first and the last capture. */
export interface Elapsed {
  readonly requests: number | undefined
  readonly hours: number | undefined
}

/**
 * Rows that are suspects, as few things as they are: those with one main holder are one suspect, the others stand alone.
 * The largest growth first. O(rows log rows).
 */
export function mergedSuspects(
  rows: readonly GrowthRow[],
  holders: readonly Holder[],
  elapsed: Elapsed,
  siteKind: SiteKind = 'allocation',
): Suspect[] {
  const byHolder = new Map<number, number[]>()
  const others: number[] = []
  for (const [index, row] of rows.entries()) {
    if (!row.isSuspect) continue
    const main = row.heldBy[0]
    if (!main || main.share < MOSTLY_HELD || !namesAnObject(holders[main.holder]!)) others.push(index)
    else byHolder.set(main.holder, [...(byHolder.get(main.holder) ?? []), index])
  }
  // What several suspects share belongs to the one that keeps most of it.
  const alone: number[][] = []
  for (const index of others) {
    const { heldBy } = rows[index]!
    const isKnown = (holder: number): boolean =>
      byHolder.has(holder) || [...byHolder.keys()].some((lower) => isAbove(holders[holder]!, holders[lower]!))
    const share = heldBy.filter(({ holder }) => isKnown(holder)).reduce((sum, held) => sum + held.share, 0)
    const first = heldBy.find(({ holder }) => byHolder.has(holder))
    if (first && share >= MOSTLY_HELD) byHolder.get(first.holder)!.push(index)
    else alone.push([index])
  }
  joinNested(byHolder, rows, holders)
  const suspects = [
    ...[...byHolder].map(([holder, list]) =>
      heldSuspect(rows, list, holders[holder]!, { holder, elapsed, siteKind }),
    ),
    ...alone.map((list) => loneSuspect(rows, list, siteKind)),
  ]
  return suspects.sort((a, b) => b.bytesChange - a.bytesChange)
}

/** Of what the upper holder keeps, this part must be of classes that the lower one keeps. */
const ALIKE = 0.8

/**
 * What is kept in two places of one thing (some sessions by the map, those that a timer also knows by what is above both)
 * is one suspect: of a holder that is above another on the path and keeps hardly any class that the other does not, the
 * rows go to the other.
 */
function joinNested(
  byHolder: Map<number, number[]>,
  rows: readonly GrowthRow[],
  holders: readonly Holder[],
): void {
  const classOf = (index: number): string => `${rows[index]!.type}\0${rows[index]!.className}`
  const sizeOf = (list: readonly number[]): number =>
    list.reduce((sum, index) => sum + Math.max(0, rows[index]!.bytesChange), 0)
  for (const [upper, list] of [...byHolder]) {
    for (const [lower, others] of byHolder) {
      if (lower === upper || !isAbove(holders[upper]!, holders[lower]!)) continue
      const known = new Set(others.map(classOf))
      const alike = list.filter((index) => known.has(classOf(index)))
      if (sizeOf(alike) < ALIKE * sizeOf(list)) continue
      others.push(...list)
      byHolder.delete(upper)
      break
    }
  }
}

const isAbove = ({ path: upper }: Holder, { path: lower }: Holder): boolean =>
  upper.length < lower.length &&
  upper.every(({ name, edge }, at) => lower[at]!.name === name && lower[at]!.edge === edge)

function heldSuspect(
  rows: readonly GrowthRow[],
  list: readonly number[],
  held: Holder,
  { holder, elapsed, siteKind }: { holder: number; elapsed: Elapsed; siteKind: SiteKind },
): Suspect {
  const order = [...list].sort((a, b) => rows[b]!.bytesChange - rows[a]!.bytesChange)
  const lead = rows[leadRow(rows, order)]!
  const { bytesChange, shareOfGrowth } = heldGrowth(rows, order, held)
  const rateOf = (per: number | undefined): Rate | undefined =>
    per === undefined ? undefined : { objects: lead.countChange / per, bytes: bytesChange / per }
  const [perRequest, perHour] = [rateOf(elapsed.requests), rateOf(elapsed.hours)]
  const also = order.length > 1 ? ` with ${kinds(rows, order, lead)}` : ''
  const place =
    lead.site === undefined
      ? ''
      : `, ${siteKind === 'definition' ? 'defined' : 'made'} at ${siteWords(lead.site)}`
  return {
    title: held.words,
    words: `${held.words} keeps ${amountWords(lead)}${also}${place}: ${formatBytes(asBytes(bytesChange))} more${rateWords(perRequest, perHour)}, ${formatShare(shareOfGrowth)} of the growth.`,
    holder,
    rows: order,
    shareOfGrowth,
    bytesChange,
    perRequest,
    perHour,
    confidence: highest(order.map((index) => rows[index]!.confidence)),
    fingerprint: fingerprint({ type: 'holder', className: '', site: undefined, path: namedEnd(held.path) }),
  }
}

const amountWords = (row: GrowthRow): string =>
  grewInSize(row)
    ? `${formatCount(row.counts.at(-1)!)} ${kindOf(row)} that became larger (${amountPath(row)})`
    : `${row.counts.map(formatCount).join(' → ')} ${kindOf(row)}`

/** A holder's own growth (an array that got longer) belongs to it when it is at most this part of the rows'. */
const OWN_PART = 0.25

/**
 * What a suspect grew by: its rows, and with them what else the holder keeps of the same growth (the array itself, a few
 * objects of other kinds), as long as that is little beside them.
 */
function heldGrowth(
  rows: readonly GrowthRow[],
  list: readonly number[],
  held: Holder,
): { bytesChange: number; shareOfGrowth: number } {
  const bytesChange = list.reduce((sum, index) => sum + rows[index]!.bytesChange, 0)
  const shareOfGrowth = list.reduce((sum, index) => sum + rows[index]!.shareOfGrowth, 0)
  const kept = change(held.retainedBytes)
  if (kept < bytesChange || kept > (1 + OWN_PART) * bytesChange) return { bytesChange, shareOfGrowth }
  return { bytesChange: kept, shareOfGrowth: Math.min(1, (shareOfGrowth * kept) / bytesChange) }
}

/** What stands for the others: of those that retain most, the one that came as often as the fewest. */
function leadRow(rows: readonly GrowthRow[], list: readonly number[]): number {
  const retainedBy = (index: number): number => {
    const { retained, bytesChange } = rows[index]!
    return retained ? change(retained) : bytesChange
  }
  return list.reduce((best, index) => (retainedBy(index) > retainedBy(best) ? index : best))
}

function kinds(rows: readonly GrowthRow[], list: readonly number[], lead: GrowthRow): string {
  const names = new Set(list.map((index) => kindOf(rows[index]!)))
  names.delete(kindOf(lead))
  if (names.size === 0) return 'what belongs to them'
  const shown = [...names].slice(0, NAMED_KINDS)
  const more = names.size - shown.length
  return `their ${shown.join(', ')}${more > 0 ? ` and ${more} more ${more === 1 ? 'kind' : 'kinds'}` : ''}`
}

function loneSuspect(rows: readonly GrowthRow[], list: readonly number[], siteKind: SiteKind): Suspect {
  const row = rows[list[0]!]!
  const place =
    row.site === undefined
      ? (row.owner ?? 'of unknown origin')
      : `${siteKind === 'definition' ? 'defined at' : 'from'} ${siteWords(row.site)}`
  const path = amountPath(row)
  return {
    title: `${kindOf(row)} ${place}`,
    words: `${kindOf(row)} ${place}: ${path}${rateWords(row.perRequest, row.perHour)}; ${formatShare(row.shareOfGrowth)} of the growth. ${heldWords(row)}`,
    holder: undefined,
    rows: list,
    shareOfGrowth: row.shareOfGrowth,
    bytesChange: row.bytesChange,
    perRequest: row.perRequest,
    perHour: row.perHour,
    confidence: row.confidence,
    fingerprint: row.fingerprint,
  }
}

const heldWords = ({ heldBy }: GrowthRow): string =>
  heldBy.length === 0 ? 'What keeps it alive is not known.' : 'No single object keeps most of it.'

function rateWords(perRequest: Rate | undefined, perHour: Rate | undefined): string {
  if (perRequest)
    return `, ${amount(perRequest.objects)}${formatBytes(asBytes(perRequest.bytes))} per request`
  if (perHour) return `, ${amount(perHour.objects)}${formatBytes(asBytes(perHour.bytes))} per hour`
  return ''
}

const amount = (objects: number): string =>
  Math.abs(objects) < 0.005 ? '' : `${objects < 100 ? objects.toFixed(2) : formatCount(objects)} objects and `

const LEVELS = { low: 0, medium: 1, high: 2 } as const
const highest = (all: readonly Confidence[]): Confidence =>
  all.reduce((best, one) => (LEVELS[one.level] > LEVELS[best.level] ? one : best))

/** What the suspects leave open, of the process's memory where it was measured, else of the heap. */
export function unexplained(
  suspects: readonly Suspect[],
  heapGrown: number,
  rss: readonly (number | undefined)[],
): Unexplained {
  const explained = suspects.reduce((sum, { bytesChange }) => sum + Math.max(0, bytesChange), 0)
  const [first, last] = [rss[0], rss.at(-1)]
  const isRss = first !== undefined && last !== undefined && rss.length > 1 && last > first
  const grownBytes = isRss ? last - first : heapGrown
  const left = Math.max(0, grownBytes - explained)
  const share = grownBytes <= 0 ? 0 : left / grownBytes
  return { of: isRss ? 'rss' : 'heap', grownBytes, bytes: left, share, words: remainder() }

  function remainder(): string {
    if (grownBytes <= 0) return 'Nothing grew that would be to explain.'
    const amounts = `${formatBytes(asBytes(left))} (${formatShare(share)}) of ${formatBytes(asBytes(grownBytes))}`
    if (!isRss) return `Not explained by a suspect: ${amounts} by which groups of this heap grew.`
    return `Not explained by this heap: ${amounts} by which the process's resident memory grew. It may be outside the heap, in free slots, or in what grew without being a suspect.`
  }
}
