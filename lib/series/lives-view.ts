import { formatByteChange, formatCount, formatDuration } from '#lib/units/format'
import { bytes, milliseconds } from '#lib/units/quantity'
import { type Overlay, overlay } from './lives-overlay.ts'
import { lives, type RestartEvidence } from './restarts.ts'
import { cleanSamples, type Samples, samplesBetween, sliceSamples } from './samples.ts'

/** One life on the common axis, with what a table says of it. Plain JSON; times are epoch milliseconds, values bytes. */
export interface LifeSeen {
  /** "Life 4". */
  readonly label: string
  readonly from: number
  readonly to: number
  /** Last value less the first one. */
  readonly grew: number
  /** Requests that it served; null when nobody counted. */
  readonly served: number | null
  /** Its rise is far from what the others do at the same age. */
  readonly isOdd: boolean
  /** Milliseconds or requests since it began, and the value there. */
  readonly x: readonly number[]
  readonly v: readonly number[]
}

/** The lives of a process on top of each other. Plain JSON. */
export interface LivesView {
  readonly by: 'uptime' | 'requests'
  /** All lives of the range; of more than `MOST_LIVES` the newest are drawn. */
  readonly total: number
  readonly lives: readonly LifeSeen[]
  readonly band: Overlay['band']
  /** What can be seen, in one or two sentences. */
  readonly words: string
}

export const MOST_LIVES = 60

/**
 * Cuts a memory graph at its restarts and lays the lives over each other, by the time they ran or by what a counter of the
 * same process counted. Pure. O(samples).
 */
export function livesView(
  samples: Samples,
  evidence: RestartEvidence,
  by: 'uptime' | 'requests',
  counter: Samples | null,
): LivesView {
  const clean = cleanSamples(samples)
  const counted = counter && cleanSamples(counter)
  const { starts } = lives(clean, evidence)
  const all = clean.t.length === 0 ? [] : starts
  const cut = all.map((start, i) => {
    const life = sliceSamples(clean, start, all[i + 1] ?? clean.t.length)
    const [from, to] = [life.t[0]!, life.t[life.t.length - 1]!]
    const requests = counted ? samplesBetween(counted, from, to) : undefined
    return { label: `Life ${i + 1}`, samples: life, requests, from, to }
  })
  const newest = cut.slice(-MOST_LIVES)
  const { lives: drawn, band } = overlay(newest, by)
  const seen = drawn.map((one): LifeSeen => {
    // reason: the overlay keeps the labels that it was given, and they differ.
    const life = newest.find(({ label }) => label === one.label) as (typeof newest)[number]
    const { v } = life.samples
    return {
      label: one.label,
      from: life.from,
      to: life.to,
      grew: v[v.length - 1]! - v[0]!,
      served: servedIn(life.requests),
      isOdd: one.isOdd,
      x: Array.from(one.x, Math.round),
      v: Array.from(one.v, Math.round),
    }
  })
  return { by, total: all.length, lives: seen, band, words: wordsOf(seen, all.length, by) }
}

const servedIn = (requests: Samples | undefined): number | null =>
  requests && requests.v.length >= 2 ? requests.v[requests.v.length - 1]! - requests.v[0]! : null

function wordsOf(seen: readonly LifeSeen[], total: number, by: LivesView['by']): string {
  if (total < 2) return 'No restart in this range: there is one life only.'
  if (seen.length === 0)
    return by === 'requests'
      ? 'Nobody counted the requests of these lives.'
      : 'The lives of this range are too short to be drawn.'
  const left = total - seen.length
  const said = [`${formatCount(seen.length)} lives${left > 0 ? ` of ${formatCount(total)}` : ''}.`]
  const odd = seen.filter(({ isOdd }) => isOdd)
  if (odd.length === 0) {
    said.push('None of them is far from the others.')
  } else {
    const named = odd.slice(0, 5).map(({ label, grew, from, to }) => {
      const lasted = formatDuration(milliseconds(to - from))
      return `${label} (${formatByteChange(bytes(grew))} in ${lasted})`
    })
    const more = odd.length > 5 ? ` and ${odd.length - 5} more` : ''
    said.push(`Far from the others: ${named.join(', ')}${more}.`)
  }
  return said.join(' ')
}
