import { formatBytes } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import type { CheckEvidence, CheckFinding, CheckState, Side } from './checks.ts'

/** A reading with its 95 % interval. */
export interface Measured {
  readonly value: number
  readonly low: number
  readonly high: number
}

/**
 * A reading beside a bound: decided only when the whole interval lies on one side of it. One that holds the bound, touches
 * it or is no interval decides nothing.
 */
export function beside({ low, high }: Pick<Measured, 'low' | 'high'>, side: Side, bound: number): CheckState {
  if (low > bound && high >= low) return side === 'over' ? 'supported' : 'contradicted'
  if (high < bound && low <= high) return side === 'under' ? 'supported' : 'contradicted'
  return 'untested'
}

/** The parts of a finding that a rule gives; the rest is empty. */
export function finding(
  state: CheckState,
  words: string,
  rest: Partial<Omit<CheckFinding, 'state' | 'words'>> = {},
): CheckFinding {
  return { missing: null, decidableAt: null, evidence: [], methods: [], ...rest, state, words }
}

/** Cannot be told, and what would change that. */
export const untested = (
  words: string,
  missing: string,
  rest: Partial<Omit<CheckFinding, 'state' | 'words' | 'missing'>> = {},
): CheckFinding => finding('untested', words, { ...rest, missing })

/** What is asked for when an interval holds the bound. */
export const NARROWER = 'A narrower interval: a longer stretch.'

/** The part of a graph that was read; nothing when there is nothing to show. */
export const rangeEvidence = (seriesId: string, from: number, to: number): CheckEvidence[] =>
  to > from ? [{ kind: 'range', seriesIds: [seriesId], from, to }] : []

/** A live reading is given with two digits: more would change with every sample. */
const DIGITS = 2

/** "620 MiB", "2.2 GiB", "−1.1 KiB". */
export function roughBytes(size: number, digits = DIGITS): string {
  if (size === 0) return formatBytes(bytes(0))
  const power = Math.max(0, Math.min(4, Math.floor(Math.log(Math.abs(size)) / Math.log(1024))))
  const rounded = Number((size / 1024 ** power).toPrecision(digits))
  const whole = String(Math.trunc(Math.abs(rounded))).length
  return formatBytes(bytes(rounded * 1024 ** power), Math.max(0, digits - whole))
}

/** "+620 MiB/h (95 %: 600 MiB to 640 MiB)". An interval that two digits do not show gets a third. */
export function rateWords({ value, low, high }: Measured, unit: string): string {
  const digits = roughBytes(low) === roughBytes(high) ? DIGITS + 1 : DIGITS
  const ends = `${roughBytes(low, digits)} to ${roughBytes(high, digits)}`
  return `${value > 0 ? '+' : ''}${roughBytes(value)}${unit} (95 %: ${ends})`
}

/** "96 % (88 to 103 %)". */
export function shareWords({ value, low, high }: Measured): string {
  const percent = (share: number) => `${Math.round(100 * share)}`
  return low === high ? `${percent(value)} %` : `${percent(value)} % (${percent(low)} to ${percent(high)} %)`
}
