/**
 * One quantity of one process over time, as columns of equal length.
 *
 * A clean series (`cleanSamples`) has strictly rising `t` and finite `v`; everything else in this folder expects one.
 */
export interface Samples {
  /** Epoch milliseconds. */
  readonly t: Float64Array
  /** In the series' unit: bytes, or a plain count or ratio. */
  readonly v: Float64Array
  /**
   * The process that each sample was taken from: its pid, or the second at which it was started where only that is known; 0
   * where neither is. Absent: never known.
   */
  readonly pids?: Float64Array
}

/** No samples at all. */
export const noSamples = (): Samples => ({ t: new Float64Array(0), v: new Float64Array(0) })

/**
 * Sorts by time, drops what is not a finite number, and keeps the last of several samples of one moment, so that a
 * repeated delivery changes nothing.
 *
 * O(n) when the input is in order already (then columns are copied only if something has to go), else O(n log n).
 */
export function cleanSamples(samples: Samples): Samples {
  const { t, v } = samples
  if (isClean(t, v)) return samples
  const order = new Uint32Array(t.length)
  let kept = 0
  for (let i = 0; i < t.length; i++) {
    if (Number.isFinite(t[i]!) && Number.isFinite(v[i]!)) order[kept++] = i
  }
  // By time, then by arrival: among equals the last one stands last and wins below.
  const sorted = order.subarray(0, kept).sort((a, b) => t[a]! - t[b]! || a - b)
  let last = 0
  for (let i = 0; i < kept; i++) {
    if (i + 1 < kept && t[sorted[i]!] === t[sorted[i + 1]!]) continue
    sorted[last++] = sorted[i]!
  }
  return pick(samples, sorted.subarray(0, last))
}

function isClean(t: Float64Array, v: Float64Array): boolean {
  let previous = Number.NEGATIVE_INFINITY
  for (let i = 0; i < t.length; i++) {
    const now = t[i]!
    if (!(now > previous) || now === Number.POSITIVE_INFINITY || !Number.isFinite(v[i]!)) return false
    previous = now
  }
  return true
}

function pick({ t, v, pids }: Samples, order: Uint32Array): Samples {
  const column = (from: Float64Array) => {
    const into = new Float64Array(order.length)
    for (let i = 0; i < order.length; i++) into[i] = from[order[i]!]!
    return into
  }
  return pids ? { t: column(t), v: column(v), pids: column(pids) } : { t: column(t), v: column(v) }
}

/** Index of the first sample at or after `at`; the length when there is none. O(log n). */
export function firstAtOrAfter(t: Float64Array, at: number): number {
  let low = 0
  let high = t.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (t[middle]! < at) low = middle + 1
    else high = middle
  }
  return low
}

/** Samples `start` (included) to `end` (excluded), as views on the same memory. */
export function sliceSamples({ t, v, pids }: Samples, start: number, end: number): Samples {
  const slice = { t: t.subarray(start, end), v: v.subarray(start, end) }
  return pids ? { ...slice, pids: pids.subarray(start, end) } : slice
}

/** The samples of the closed range [from, to], as views on the same memory. O(log n). */
export function samplesBetween(samples: Samples, from: number, to: number): Samples {
  const start = firstAtOrAfter(samples.t, from)
  let end = firstAtOrAfter(samples.t, to)
  while (end < samples.t.length && samples.t[end] === to) end++
  return sliceSamples(samples, start, end)
}

/** Both together, clean; where both have a moment, `later` wins. Pids survive when either side knows them. */
export function mergedSamples(earlier: Samples, later: Samples): Samples {
  const join = (a: Float64Array, b: Float64Array) => {
    const joined = new Float64Array(a.length + b.length)
    joined.set(a)
    joined.set(b, a.length)
    return joined
  }
  const merged = { t: join(earlier.t, later.t), v: join(earlier.v, later.v) }
  if (!earlier.pids && !later.pids) return cleanSamples(merged)
  const known = (samples: Samples) => samples.pids ?? new Float64Array(samples.t.length)
  return cleanSamples({ ...merged, pids: join(known(earlier), known(later)) })
}

/**
 * Parts that follow each other in time, as one. A single part comes back as it is; several are copied, about 8 ms for a
 * million samples.
 */
export function joinedSamples(parts: readonly Samples[]): Samples {
  const filled = parts.filter((part) => part.t.length > 0)
  const only = filled[0]
  if (!only) return noSamples()
  if (filled.length === 1) return only
  const total = filled.reduce((sum, part) => sum + part.t.length, 0)
  const t = new Float64Array(total)
  const v = new Float64Array(total)
  const pids = filled.some((part) => part.pids) ? new Float64Array(total) : undefined
  let at = 0
  for (const part of filled) {
    t.set(part.t, at)
    v.set(part.v, at)
    if (part.pids) pids?.set(part.pids, at)
    at += part.t.length
  }
  return pids ? { t, v, pids } : { t, v }
}
