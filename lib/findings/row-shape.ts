import { formatBytes, formatCount } from '#lib/units/format'
import { bytes as asBytes } from '#lib/units/quantity'
import { growthShape, isPairSuspect, type ShapeReading } from './growth-shape.ts'

/** One group over captures, as its shape needs it. */
export interface ShapedRow {
  readonly type: string
  /** All 0 in profiles that count bytes only (massif, V8's sampling profile). */
  readonly counts: readonly number[]
  readonly bytes: readonly number[]
  /** Bytes between two samples, per capture; undefined where everything was recorded. */
  readonly sampledEvery: readonly (number | undefined)[]
}

/** Changes of all samples together, and of each interval, must be this many standard errors to be more than chance. */
const SURE_IN_ALL = 4
const SURE_PER_STEP = 2
/** The type of groups in profiles that tell only what was allocated (stack-tables.ts). */
const ALLOCATED = 'allocated'
/** Bytes are judged in these, so that the rule's smallest step is 5 KiB. */
const UNIT = 1024

/**
 * The shape of a group: of its counts, or of its bytes where nothing is counted. Growth of a sampled profile counts only
 * as far as sampling can tell. Rule: `growthShape`, docs/allocation-stacks.md.
 */
export function rowShape(row: ShapedRow, requests?: readonly number[]): ShapeReading {
  if (row.type === ALLOCATED)
    return {
      shape: 'cannot tell',
      reason: `This was allocated, not kept (${amountPath(row)}): it only ever rises. A profile of what is in use decides.`,
      isSuspect: false,
    }
  const isCounted = hasCounts(row)
  const reading = growthShape(isCounted ? row.counts : row.bytes.map((size) => size / UNIT), requests)
  const told = isCounted
    ? reading
    : { ...reading, reason: `${BYTE_WORDS[reading.shape]} (${amountPath(row)}).` }
  if (!told.isSuspect || isBeyondSampling(row)) return told
  return {
    shape: 'cannot tell',
    reason: `It grew (${amountPath(row)}), but not by more than sampling may be off: later captures decide, or a profile with a lower sampling rate.`,
    isSuspect: false,
  }
}

/** `isPairSuspect` for rows that may be bytes only or sampled. */
export function isRowPairSuspect(
  row: ShapedRow & {
    readonly bytesChange: number
    readonly shareOfGrowth: number
    readonly heapBytes: number
  },
): boolean {
  const counts = hasCounts(row) ? row.counts : row.bytes.map((size) => size / UNIT)
  return row.type !== ALLOCATED && isPairSuspect({ ...row, counts }) && isBeyondSampling(row)
}

/** "3,000 → 9,000", or "1.4 MiB → 4.7 MiB" where nothing is counted, or objects became not more, but larger. */
export const amountPath = (row: Pick<ShapedRow, 'counts' | 'bytes'>): string =>
  hasCounts(row) && !grewInSize(row)
    ? row.counts.map(formatCount).join(' → ')
    : row.bytes.map((size) => formatBytes(asBytes(size))).join(' → ')

/** Did its bytes grow while the number of its objects stayed? */
export const grewInSize = ({ counts, bytes }: Pick<ShapedRow, 'counts' | 'bytes'>): boolean =>
  counts.length > 1 && bytes.at(-1)! - bytes[0]! >= SIZE_STEP && growthShape(counts).shape === 'flat'
/** Less than this is no growth in size. */
const SIZE_STEP = 64 * UNIT

/** "String", "Hash", "Time (DATA)": the internal type only where it says something else. */
export const kindOf = ({ type, className }: { readonly type: string; readonly className: string }): string =>
  className.toUpperCase().includes(type.toUpperCase()) || /^(object|struct)$/i.test(type)
    ? className
    : `${className} (${type})`

const hasCounts = ({ counts }: Pick<ShapedRow, 'counts'>): boolean => counts.some((count) => count > 0)

const BYTE_WORDS: Record<ShapeReading['shape'], string> = {
  flat: 'Its bytes stay about the same',
  'grew once': 'Its bytes grew in one interval and stayed there',
  saturating: 'Its bytes grew at first and then much less',
  'growing every time': 'Its bytes grew in every interval; this kind of profile does not count objects',
  shrinking: 'Its bytes fall',
  'cannot tell': 'Its bytes rose in some intervals: later captures decide',
}

/** Is the growth, in all and in each interval in which the group grew, more than the chance of being sampled? */
function isBeyondSampling({ counts, bytes, sampledEvery }: ShapedRow): boolean {
  if (sampledEvery.every((period) => period === undefined)) return true
  const variances = bytes.map((size, at) => variance(size, counts[at]!, sampledEvery[at]))
  const isSure = (from: number, to: number, factor: number): boolean =>
    bytes[to]! - bytes[from]! >= factor * Math.sqrt(variances[from]! + variances[to]!)
  const last = bytes.length - 1
  // A group that began to exist later was not there before: its first step is no comparison of two samples.
  const first = bytes.findIndex((size) => size > 0)
  if (!isSure(0, last, SURE_IN_ALL)) return false
  for (let at = Math.max(1, first + 1); at <= last; at++)
    if (bytes[at]! > bytes[at - 1]! && !isSure(at - 1, at, SURE_PER_STEP)) return false
  return true
}

/**
 * Of an estimate of `size` bytes in `count` blocks: a block of s bytes is seen with p = 1 − exp(−s / period) and then
 * stands for 1 / p blocks, so its estimate varies by s² (1 − p) / p. Without a count blocks are taken for small ones.
 */
function variance(size: number, count: number, period: number | undefined): number {
  if (period === undefined || size <= 0) return 0
  if (count <= 0) return size * period
  const each = size / count
  const seen = -Math.expm1(-each / period)
  return (size * each * (1 - seen)) / seen
}
