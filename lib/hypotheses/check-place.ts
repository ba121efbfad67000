import type { Place, PlaceVerdict, Share } from '#lib/series/where-it-grows'
import type { GrowthPlaces } from '#lib/series/where-it-grows-all'
import { beside, finding, NARROWER, rangeEvidence, roughBytes, shareWords, untested } from './check-bounds.ts'
import { PART_WORDS } from './check-sentence.ts'
import type { CheckedPart, CheckFinding, PredicateOf } from './checks.ts'

/** Where the room's memory grows, as the readings strip has it. */
export interface PlaceFacts {
  /** The memory graph that speaks for the room; null when there is none. */
  readonly seriesId: string | null
  /** Null when that graph is no resident memory. */
  readonly places: GrowthPlaces | null
  /** Marked outages that have ended. */
  readonly bands: number
  /** Of the samples, epoch milliseconds. */
  readonly from: number
  readonly to: number
}

const NO_GRAPH = 'A graph of the process’s resident memory (RSS).'

/** "Native share of the growth over 70 %". Pure. */
export function checkPlace(
  { part, side, percent }: PredicateOf<'place'>,
  { seriesId, places }: PlaceFacts,
): CheckFinding {
  if (seriesId === null || places === null) return untested('No resident memory is known.', NO_GRAPH)
  const { place } = places
  const methods = [`where it grows ${place.version}`]
  const evidence = place.range ? rangeEvidence(seriesId, place.range.from, place.range.to) : []
  const rest = { methods, evidence }
  if (place.place === 'no-growth')
    return untested(
      'Nothing grows steadily here, so there is nothing to divide.',
      'A stretch in which it grows.',
      rest,
    )
  if (place.place === 'cannot-tell')
    return untested('Where it grows cannot be told yet.', place.wouldDecide ?? 'A longer stretch.', rest)
  const share = shareOf(part, place)
  if (share === null) {
    return untested(
      `The growth is ${placeWords(place)}; how much of it is ${PART_WORDS[part]} cannot be told.`,
      place.wouldDecide ?? 'A run that tells the two apart.',
      rest,
    )
  }
  const state = beside(share, side, percent / 100)
  const words = share.isOwn
    ? `${capital(PART_WORDS[part])}: ${shareWords(share)} of the growth.`
    : `The growth is ${placeWords(place)}: ${PART_WORDS[part]} is at most ${Math.round(100 * share.high)} % of it.`
  return finding(state, words, { ...rest, missing: state === 'untested' ? NARROWER : null })
}

/** `isOwn`: the share is that of the very part, not only what others leave to it. */
type PartShare = Share & { readonly isOwn: boolean }

/**
 * What a verdict says about one part. It names one part and its share; the others have what is left, together, so that each
 * of them is known from above only. `native` and `fragmentation` are all that is outside of the managed heap, whose share
 * is the rest exactly. Which of those two it is, a verdict of `mixed` or `fragmentation` leaves open.
 */
function shareOf(part: CheckedPart, { place, share, isLeast }: PlaceVerdict): PartShare | null {
  if (share === null || place === 'no-growth' || place === 'cannot-tell') return null
  const rest = { value: 1 - share.value, low: 1 - share.high, high: 1 - share.low }
  const own = isLeast ? { ...share, high: Math.max(1, share.high) } : share
  if (place === part) return { ...own, isOwn: true }
  const leftOver = { value: rest.value, low: 0, high: Math.max(0, rest.high), isOwn: false }
  switch (place) {
    case 'native':
      return part === 'managed' ? { ...rest, isOwn: true } : leftOver
    case 'fragmentation':
      if (part === 'managed') return { ...rest, isOwn: true }
      return part === 'native' ? null : leftOver
    case 'mixed':
      if (part === 'managed') return { ...rest, isOwn: true }
      // The share is that of everything outside: each kind of it has at most that.
      return { value: share.value, low: 0, high: share.high, isOwn: false }
    case 'managed':
    case 'file-backed':
      return leftOver
  }
}

const PLACE_WORDS: Record<Place, string> = {
  ...PART_WORDS,
  mixed: 'inside and outside of the managed heap',
  'no-growth': 'nowhere',
  'cannot-tell': 'not known',
}
const placeWords = ({ place, share }: PlaceVerdict): string =>
  `${PLACE_WORDS[place]}${share ? ` (${shareWords(share)})` : ''}`

const changeWords = (rate: number): string => `${rate > 0 ? '+' : ''}${roughBytes(rate)}/h`
const chanceWords = (p: number): string => (p < 0.001 ? 'p < 0.001' : `p = ${p.toPrecision(1)}`)
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** From here on the marked outages are clearly not when it grows faster: the test is one-sided. */
const SURELY_NOT = 0.95

/** "It grows faster inside of the marked outages than outside". Pure. */
export function checkOutages({ seriesId, places, bands, from, to }: PlaceFacts): CheckFinding {
  if (seriesId === null || places === null) return untested('No resident memory is known.', NO_GRAPH)
  if (bands === 0)
    return untested('No outage is marked on the graph.', 'A mark of the kind “outage” with its end.')
  const methods = [`where it grows ${places.place.version}`]
  const rest = { methods, evidence: rangeEvidence(seriesId, from, to) }
  const { experiment } = places
  if (experiment === null) {
    return places.place.place === 'cannot-tell'
      ? untested('It cannot be told yet whether it grows.', 'More samples.', rest)
      : untested(
          'Nothing grows steadily, inside of the outages or outside.',
          'A stretch in which it grows.',
          rest,
        )
  }
  const { inside, outside, p, verdict } = experiment
  if (verdict === 'cannot-tell' || inside === null || outside === null || p === null)
    return untested(experiment.words, 'More time inside of outages, and outside of them.', rest)
  const words = `${changeWords(inside)} inside of the outages, ${changeWords(outside)} outside`
  if (verdict === 'faster-inside') return finding('supported', `${words} (${chanceWords(p)}).`, rest)
  if (p >= SURELY_NOT && inside < outside)
    return finding('contradicted', `${words}: it is slower inside.`, rest)
  return untested(`${words}: no difference can be told.`, 'More outages, or longer ones.', rest)
}
