import { parity, rowKey } from '#lib/experiments/parity'
import type { ProductionMatch } from '#lib/experiments/production'
import type { ExperimentResult } from '#lib/experiments/result'
import type { RunReading } from '#lib/experiments/run'
import type { FixCheck } from '#lib/experiments/verify'
import {
  ExperimentRow,
  StoredEnvironment,
  type StoredFix,
  type StoredInterval,
  type StoredMatch,
  type StoredResult,
  type StoredRunReading,
} from '#lib/investigation/experiments'

// What lib/experiments computes, as it is stored: JSON knows no infinity. Nothing else differs, so rows go back into
// those functions as they are.

const Waived = ExperimentRow.shape.waived

/** Stands for "no bound": JSON has no infinity, and no memory is that large. */
const ENDLESS = 1e300
const finite = (value: number): number =>
  Number.isNaN(value) ? 0 : Math.max(-ENDLESS, Math.min(ENDLESS, value))
const finiteOrNull = (value: number | null): number | null => (value === null ? null : finite(value))

export function storedInterval(interval: StoredInterval): StoredInterval
export function storedInterval(interval: StoredInterval | null): StoredInterval | null
export function storedInterval(interval: StoredInterval | null): StoredInterval | null {
  if (interval === null) return null
  const { value, low, high } = interval
  return { value: finite(value), low: finite(low), high: finite(high) }
}

const MOST_WORDS = 4000
const words = (text: string): string => text.slice(0, MOST_WORDS)

export const storedRunReading = (reading: RunReading): StoredRunReading => ({
  ...reading,
  bytesPerHour: storedInterval(reading.bytesPerHour),
  bytesPerIteration: storedInterval(reading.bytesPerIteration),
  words: words(reading.words),
})

export const storedResult = (result: ExperimentResult): StoredResult => ({
  ...result,
  a: storedArm(result.a),
  b: storedArm(result.b),
  difference: storedInterval(result.difference),
  wouldHaveSeen: finiteOrNull(result.wouldHaveSeen),
  excluded: result.excluded.map((one) => ({ ...one })),
  words: words(result.words),
  reasons: result.reasons.map(words),
})

const storedArm = ({ slopes, mean, grew, ...arm }: ExperimentResult['a']): StoredResult['a'] => ({
  ...arm,
  slopes: slopes.map(finite),
  mean: finiteOrNull(mean),
  grew: { ...grew, ...storedInterval(grew) },
})

export const storedFix = ({ verdict, atMost, atMostShare, words: said }: FixCheck): StoredFix => ({
  verdict,
  atMost: finiteOrNull(atMost),
  atMostShare: finiteOrNull(atMostShare),
  words: words(said),
})

export const storedMatch = ({ verdict, predicted, share, words: said }: ProductionMatch): StoredMatch => ({
  verdict,
  predicted: storedInterval(predicted),
  share: {
    value: finite(share.value),
    low: Number.isFinite(share.low) ? share.low : null,
    high: Number.isFinite(share.high) ? share.high : null,
  },
  words: words(said),
})

/** The comparison of both environments in short; null before both are there. */
export function storedParity(row: {
  readonly production: unknown
  readonly reproduction: unknown
  readonly waived: unknown
}): ExperimentRow['parity'] {
  const compared = comparedEnvironments(row)
  if (!compared || compared.score === null) return null
  const { score, isAlike, rows, words: said } = compared
  const waived = new Set(Waived.parse(row.waived).map(({ key }) => key))
  const differences = rows.filter((one) => one.difference !== 'equal' && !waived.has(rowKey(one))).length
  return { score: finite(score), isAlike, differences, words: words(said) }
}

/** Both environments side by side; null before both are there. O(facts). */
export function comparedEnvironments({
  production,
  reproduction,
  waived,
}: {
  readonly production: unknown
  readonly reproduction: unknown
  readonly waived: unknown
}) {
  const there = StoredEnvironment.safeParse(production).data
  const here = StoredEnvironment.safeParse(reproduction).data
  if (!there || !here) return null
  const keys = Waived.parse(waived).map(({ key }) => key)
  return parity(there, here, new Set(keys))
}
