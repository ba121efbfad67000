import { formatShare } from '#lib/units/format'
import type { BirthSpread } from './birth-spread.ts'
import type { Confidence } from './growth-model.ts'
import type { GrowthShape } from './growth-shape.ts'
import type { IdentityEvidence } from './identity-evidence.ts'

/** What a row's confidence is told from. */
export interface ConfidenceFacts {
  readonly captures: number
  readonly shape: GrowthShape
  readonly isOneProcess: boolean
  readonly isTraced: boolean
  readonly births: BirthSpread | undefined
  readonly evidence: IdentityEvidence | undefined
}

/** This many captures show growth that goes on even where objects cannot be followed. */
const MANY_CAPTURES = 5
/** Of what came between the captures, this part must still be there for "kept". */
const KEPT = 0.8

/**
 * How far a row's shape can be trusted (docs/spec/heap.md, CNF). Intervals count most; then whether objects are followed
 * one by one, and whether births agree.
 */
export function confidence(facts: ConfidenceFacts): Confidence {
  const { captures, shape, births, evidence } = facts
  if (!facts.isOneProcess)
    return { level: 'low', reason: 'The captures are of several processes: only groups are compared.' }
  if (captures < 3) return { level: 'low', reason: `${twoCaptures(births)} A third capture decides.` }
  const intervals = `${captures - 1} intervals`
  if (shape !== 'growing every time')
    return {
      level: shape === 'cannot tell' ? 'low' : captures >= MANY_CAPTURES ? 'high' : 'medium',
      reason: `Told from ${intervals}.`,
    }
  if (births?.spread === 'in bursts')
    return { level: 'low', reason: `It grew in ${intervals}, but its objects were born in bursts.` }
  const kept = evidence?.isExact ? keptShare(evidence) : undefined
  if (kept !== undefined && kept < KEPT)
    return {
      level: 'medium',
      reason: `It grew in ${intervals}, but of the objects that came in between only ${formatShare(kept)} are still there: they are replaced, by more.`,
    }
  if (kept !== undefined)
    return {
      level: 'high',
      reason: `It grew in ${intervals}; objects were followed one by one, and ${formatShare(kept)} of those that came in between are still there${births?.spread === 'steady' ? '; they were born all along' : ''}.`,
    }
  if (captures >= MANY_CAPTURES) return { level: 'high', reason: `It grew in all of ${intervals}.` }
  return {
    level: 'medium',
    reason: facts.isTraced
      ? `It grew in ${intervals}; single objects cannot be followed here.`
      : `It grew in ${intervals}; without allocation tracing, objects are counted, not followed.`,
  }
}

function twoCaptures(births: BirthSpread | undefined): string {
  if (births?.spread === 'steady') return 'Two captures, with births all along between them.'
  if (births?.spread === 'in bursts') return 'Two captures, with births in bursts.'
  return 'Two captures, and nothing tells when the objects were born.'
}

function keptShare({ appearedBetween, keptOfThose }: IdentityEvidence): number | undefined {
  return appearedBetween === 0 ? undefined : keptOfThose / appearedBetween
}
