import { formatByteChange, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import type { Interval } from './intervals.ts'

/** In what growth is measured. */
export type Metric = 'per-iteration' | 'per-hour'

const EXACT_BELOW = 10_000

/** "1,064 B per iteration", "+118.2 MiB/h". Small sizes keep their last byte: they are compared with what code asks for. */
export function amount(value: number, metric: Metric): string {
  if (metric === 'per-hour') return `${formatByteChange(bytes(value))}/h`
  return `${size(value)} per iteration`
}

/** "1,064 B per iteration (95 %: 1,021 B to 1,103 B)". */
export function amountWithInterval({ value, low, high }: Interval, metric: Metric): string {
  const end = (bound: number): string =>
    metric === 'per-hour' ? formatByteChange(bytes(bound)) : size(bound)
  return `${amount(value, metric)} (95 %: ${end(low)} to ${end(high)})`
}

function size(value: number): string {
  if (Math.abs(value) >= EXACT_BELOW) return formatByteChange(bytes(value)).replace(/^\+/, '')
  const digits = Math.abs(value) < 10 ? value.toFixed(1) : formatCount(value)
  return `${digits.replace('-', '−')} B`
}

/** A chance as people read it: "1.4 %", "0.1 %". */
export const chance = (p: number): string => `${(p * 100).toFixed(p < 0.1 ? 1 : 0)} %`
