import { formatShare } from '#lib/units/format'
import type { Interval } from './intervals.ts'
import { amount, amountWithInterval } from './words.ts'

/** Does what was reproduced have the size of what production shows? */
export interface ProductionMatch {
  /** - `part`: something else grows, too. `more`: production meets the condition less often than assumed. */
  readonly verdict: 'explains' | 'part' | 'more' | 'cannot-tell'
  /** Bytes per hour that the reproduction predicts. */
  readonly predicted: Interval
  /** Predicted over seen. */
  readonly share: Interval
  readonly words: string
}

/** Within a factor of 1.5 the sizes agree: load is rarely known better. */
const AGREES = 1.5

/**
 * Compares a cost per iteration, at production's iterations per hour, with production's growth in bytes per hour. Null
 * when production does not grow or the iterations are not known. The intervals' ends are combined: wide, never narrow.
 */
export function productionMatch(question: {
  readonly bytesPerIteration: Interval
  readonly iterationsPerHour: Interval
  readonly production: Interval
}): ProductionMatch | null {
  const { bytesPerIteration: cost, iterationsPerHour: pace, production } = question
  if (!(production.value > 0) || !(pace.value > 0)) return null
  const predicted = {
    value: cost.value * pace.value,
    low: cost.low > 0 ? cost.low * pace.low : cost.low * pace.high,
    high: cost.high > 0 ? cost.high * pace.high : cost.high * pace.low,
  }
  const share = {
    value: predicted.value / production.value,
    low:
      predicted.low > 0
        ? predicted.low / production.high
        : production.low > 0
          ? predicted.low / production.low
          : Number.NEGATIVE_INFINITY,
    high: production.low > 0 ? predicted.high / production.low : Number.POSITIVE_INFINITY,
  }
  const verdict = verdictOf(share)
  const sums = `${amount(cost.value, 'per-iteration')} makes ${amount(predicted.value, 'per-hour')} at production’s pace; production grows by ${amountWithInterval(production, 'per-hour')}.`
  const says = {
    explains: `That explains it: ${formatShare(share.value)}.`,
    part: `That explains ${formatShare(share.value)}: something else grows, too.`,
    more: `That is more than there is (${formatShare(share.value)}): production meets the condition less often than assumed.`,
    'cannot-tell': 'The intervals are too wide to say whether that explains it.',
  }[verdict]
  return { verdict, predicted, share, words: `${sums} ${says}` }
}

function verdictOf({ value, low, high }: Interval): ProductionMatch['verdict'] {
  if (high < 1 / AGREES) return 'part'
  if (low > AGREES) return 'more'
  const isNarrow = low > 0.4 && high < 2.5
  return isNarrow && value > 1 / AGREES && value < AGREES ? 'explains' : 'cannot-tell'
}
