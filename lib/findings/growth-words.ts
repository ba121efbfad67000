import { NO_GENERATION } from '#lib/heap/snapshot'
import { formatBytes, formatCount, formatShare } from '#lib/units/format'
import { bytes as asBytes } from '#lib/units/quantity'
import { siteWords } from './group-table.ts'
import type { GrowthCapture, GrowthRow, Suspect } from './growth-model.ts'
import type { IdentityComparison } from './identity-evidence.ts'
import type { Lives } from './lives.ts'
import { amountPath, kindOf } from './row-shape.ts'

/** An undecided row with less of the growth than this is not worth a sentence. */
const WORTH_SAYING = 0.1

/** What was compared and what came out, or what capture would decide. */
export function growthSummary(
  totals: { captures: number; grownBytes: number; changedGroups: number; explainedShare: number },
  suspects: readonly Suspect[],
  rows: readonly GrowthRow[] = [],
): string {
  const { captures, grownBytes, changedGroups, explainedShare } = totals
  if (captures < 2)
    return 'One capture shows what is there. A second one shows what changed, a third what keeps growing.'
  const differing = changedGroups === 1 ? 'One group differs' : `${formatCount(changedGroups)} groups differ`
  const compared = `${differing} between ${captures} captures; what grew gained ${formatBytes(asBytes(grownBytes))}.`
  const first = suspects[0]
  if (captures === 2) {
    const most = first
      ? ` ${formatCount(suspects.length)} ${suspects.length === 1 ? 'stands' : 'stand'} out, first of all ${first.title} (${formatShare(first.shareOfGrowth)}).`
      : ''
    return `${compared}${most} Two captures cannot tell growth that goes on from memory that was needed once: a third one, taken after as much work again, decides.`
  }
  const open = first ? undefined : mostUndecided(rows)
  if (open)
    return `${compared} None grew in every interval for certain. The largest that may go on growing: ${kindOf(open)} ${open.site === undefined ? (open.owner ?? 'of unknown origin') : `from ${siteWords(open.site)}`} (${amountPath(open)}). Later captures decide.`
  if (!first)
    return `${compared} None grew in every interval. If the process still grows, its memory is elsewhere (outside this heap) or the captures are too close together.`
  const grown = suspects.reduce((sum, suspect) => sum + suspect.rows.length, 0)
  const many = grown === 1 ? 'One group grew' : `${formatCount(grown)} groups grew`
  const held =
    suspects.length === 1 ? `, kept by ${first.title},` : `, kept in ${formatCount(suspects.length)} places,`
  return `${compared} ${many} without stopping${held} and ${grown === 1 ? 'explains' : 'explain'} ${formatShare(explainedShare)} of it.`
}

function mostUndecided(rows: readonly GrowthRow[]): GrowthRow | undefined {
  const open = rows.filter(
    ({ shape, shareOfGrowth }) => shape === 'cannot tell' && shareOfGrowth >= WORTH_SAYING,
  )
  return open.sort((a, b) => b.shareOfGrowth - a.shareOfGrowth)[0]
}

/** What limits the comparison, one sentence each. */
export function limits(
  captures: readonly GrowthCapture[],
  requests: readonly number[] | undefined,
  comparison: IdentityComparison | undefined,
  lives: Lives,
  tracerBytes: number,
): string[] {
  const sentences: string[] = []
  const hasCounts = captures.some((capture) => capture.requests !== undefined)
  if (hasCounts && requests === undefined)
    sentences.push(
      'Growth per request is left out: every capture needs its request count, each higher than the one before.',
    )
  if (
    fallsSomewhere(captures.map((capture) => capture.requests)) ||
    (lives.isOneProcess && runsBackwards(captures))
  )
    sentences.push(
      'These captures may not be in the order of time: requests or collections of a later one are fewer. In the wrong order, growth looks like shrinking.',
    )
  if (lives.remark !== undefined) sentences.push(lives.remark)
  if (captures.length > 1 && captures.some(({ owners }) => owners === undefined))
    sentences.push(
      'Who keeps what grew is not known: not all of these captures tell it (partial dumps have no roots).',
    )
  if (tracerBytes > 0)
    sentences.push(
      `The allocation tracer's own table grew by ${formatBytes(asBytes(tracerBytes))}: it comes with tracing and is left out of the shares.`,
    )
  if (comparison?.compactionHint !== undefined) sentences.push(comparison.compactionHint)
  return sentences
}

const fallsSomewhere = (numbers: readonly (number | undefined)[]): boolean => {
  const known = numbers.filter((number) => number !== undefined)
  return known.some((number, at) => at > 0 && number < known[at - 1]!)
}

/** Collections only ever become more. */
const runsBackwards = (captures: readonly GrowthCapture[]): boolean =>
  fallsSomewhere(
    captures.map(({ identities }) => {
      const latest = identities?.latestGeneration ?? NO_GENERATION
      return latest === NO_GENERATION ? undefined : latest
    }),
  )

/** Below this share of traced objects, tracing would add much. */
const WELL_TRACED = 0.5

/** What would tell more next time. */
export function adviceFor(captures: readonly GrowthCapture[]): string[] {
  const sentences: string[] = []
  const last = captures.at(-1)
  if (last && isRuby(last) && tracedShare(last) < WELL_TRACED)
    sentences.push(
      'Objects are told apart by class and owner here. Call ObjectSpace.trace_object_allocations_start at boot, and rows also say in which file and line they were made, and single objects can be followed.',
    )
  if (captures.length === 2) sentences.push('Take a third capture after as much work again: it decides.')
  return sentences
}

/** Ruby's own words for its types; other runtimes have other advice. */
const isRuby = ({ groups }: GrowthCapture): boolean =>
  groups.typeNames.includes('IMEMO') && groups.typeNames.includes('STRING')

function tracedShare({ groups }: GrowthCapture): number {
  let traced = 0
  let all = 0
  for (let group = 0; group < groups.groups; group++) {
    all += groups.count[group]!
    if (groups.site[group] !== 0) traced += groups.count[group]!
  }
  return all === 0 ? 1 : traced / all
}
