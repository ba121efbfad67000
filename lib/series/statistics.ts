/** Below this many values sorting is as fast as selecting. */
const FEW = 64
/** Random input needs about log₂ n rounds. What was made to need more is sorted. */
const MOST_ROUNDS = 64

/** The middle of the values; the mean of the two middle ones for an even count; NaN for none. O(n), copies. */
export function median(values: Float64Array): number {
  const copy = values.slice()
  if (copy.length < FEW || copy.some(Number.isNaN)) return quantileOfSorted(copy.sort(), 0.5)
  const middle = copy.length >>> 1
  const upper = selected(copy, middle)
  if (copy.length % 2 === 1) return upper
  // What stands before the middle is not above it: the largest of that is the other middle value.
  let lower = Number.NEGATIVE_INFINITY
  for (let i = 0; i < middle; i++) if (copy[i]! > lower) lower = copy[i]!
  return lower + (upper - lower) * 0.5
}

/** The value below which this share of the values lies, the nearest one to it; NaN for none. O(n), copies. */
export function quantile(values: Float64Array, share: number): number {
  if (values.length === 0) return Number.NaN
  const at = Math.round(share * (values.length - 1))
  return values.length < FEW ? values.slice().sort()[at]! : selected(values.slice(), at)
}

/**
 * The value that would stand at `k` if `values` were sorted; rearranges them so that nothing before `k` is above it.
 * Hoare's selection with the median of three as pivot: O(n) on what occurs here, also on sorted and constant input.
 */
function selected(values: Float64Array, k: number): number {
  let left = 0
  let right = values.length - 1
  for (let round = 0; left < right; round++) {
    if (round === MOST_ROUNDS) {
      values.subarray(left, right + 1).sort()
      break
    }
    const pivot = middleOf(values[left]!, values[(left + right) >>> 1]!, values[right]!)
    let i = left
    let j = right
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i > j) break
      const swap = values[i]!
      values[i++] = values[j]!
      values[j--] = swap
    }
    if (k <= j) right = j
    else if (k >= i) left = i
    else break
  }
  return values[k]!
}

const middleOf = (a: number, b: number, c: number): number =>
  Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))

/** Linear interpolation between the order statistics of sorted values; NaN for none. */
export function quantileOfSorted(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return Number.NaN
  const at = share * (sorted.length - 1)
  const below = Math.floor(at)
  const low = sorted[below]!
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!
  return low + (high - low) * (at - below)
}

/** Median absolute deviation from the median, not scaled (× 1.4826 estimates a normal standard deviation). */
export function medianDeviation(values: Float64Array): number {
  const middle = median(values)
  return median(values.map((value) => Math.abs(value - middle)))
}

/** Ranks from 1, ties get their mean rank. O(n log n). */
export function ranks(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!)
  const result = new Float64Array(values.length)
  for (let start = 0; start < order.length; ) {
    let end = start + 1
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++
    for (let i = start; i < end; i++) result[order[i]!] = (start + 1 + end) / 2
    start = end
  }
  return result
}

/** Correlation of each value with the one after it, from −1 to 1; 0 when the values do not vary. */
export function lagOneCorrelation(values: Float64Array): number {
  let mean = 0
  for (const value of values) mean += value / values.length
  let product = 0
  let square = 0
  for (let i = 0; i < values.length; i++) {
    const here = values[i]! - mean
    square += here * here
    if (i + 1 < values.length) product += here * (values[i + 1]! - mean)
  }
  return square > 0 ? product / square : 0
}

/** The usual distance between neighbours, in milliseconds; 0 for fewer than two samples. */
export function typicalSpacing(t: Float64Array): number {
  if (t.length < 2) return 0
  // A million differences need no sorting to find the usual one: 2,048 evenly chosen ones say the same.
  const step = Math.max(1, Math.floor((t.length - 1) / 2048))
  const differences = new Float64Array(Math.ceil((t.length - 1) / step))
  for (let i = 0, at = 1; at < t.length; i++, at += step) differences[i] = t[at]! - t[at - 1]!
  return median(differences)
}

/** The normal distribution's 97.5 % quantile: 95 % lie within ± this many standard deviations. */
export const NORMAL_95 = 1.96

/** Student's 97.5 % quantile by its expansion around the normal one; within 2 % from 4 degrees of freedom on. */
export const studentQuantile = (freedom: number): number =>
  NORMAL_95 + 2.37 / freedom + 2.8 / (freedom * freedom)
