import { type Samples, samplesBetween } from './samples.ts'

/**
 * The step of a graph that is `width` pixels wide and `span` milliseconds long: the largest power of two of milliseconds
 * of which at least `width` go into the span. Steps of one zoom are parts of the next one's, and stand still while the
 * graph is moved.
 */
export const stepFor = (span: number, width: number): number =>
  span > width ? 2 ** Math.floor(Math.log2(span / width)) : 1

/** The start of the step that holds a moment. */
export const stepStart = (at: number, step: number): number => Math.floor(at / step) * step

/**
 * The samples that are lowest and highest in every step of `step` milliseconds since 1970, in their order of time. Nothing
 * is averaged or invented, so a single sample that touched a limit is still there. LTTB was not chosen because it may drop
 * exactly that sample. What was thinned to a step that is a part of this one gives the same as the whole does.
 *
 * Clean samples in, clean samples out, at most two for every step that holds any; pids are left out. O(n).
 */
export function thinned({ t, v }: Samples, step: number): Samples {
  const picked = new Uint32Array(t.length)
  let count = 0
  for (let i = 0; i < t.length; ) {
    const end = stepStart(t[i]!, step) + step
    let lowest = i
    let highest = i
    for (i++; i < t.length && t[i]! < end; i++) {
      if (v[i]! < v[lowest]!) lowest = i
      if (v[i]! > v[highest]!) highest = i
    }
    picked[count++] = Math.min(lowest, highest)
    if (lowest !== highest) picked[count++] = Math.max(lowest, highest)
  }
  const few = { t: new Float64Array(count), v: new Float64Array(count) }
  for (let i = 0; i < count; i++) {
    few.t[i] = t[picked[i]!]!
    few.v[i] = v[picked[i]!]!
  }
  return few
}

/** As many points for every pixel at most: two in each of up to two steps. */
export const POINTS_PER_PIXEL = 4

/**
 * What a graph `width` pixels wide has to draw of [from, to]: all samples if they are few, else thinned ones with the first
 * and the last of all. At most 4 × width + 6. O(samples in range).
 */
export function downsample(samples: Samples, from: number, to: number, width: number): Samples {
  const { t, v } = samplesBetween(samples, from, to)
  if (t.length <= POINTS_PER_PIXEL * width) return { t, v }
  const last = t.length - 1
  const few = thinned({ t, v }, stepFor(t[last]! - t[0]!, width))
  return withEnds(few, { t: t[0]!, v: v[0]! }, { t: t[last]!, v: v[last]! })
}

interface Sample {
  readonly t: number
  readonly v: number
}

/** With a first and a last sample, where they are not there already. O(n). */
export function withEnds({ t, v }: Samples, first: Sample | undefined, last: Sample | undefined): Samples {
  const before = first && !(t[0]! <= first.t) ? [first] : []
  const after = last && !(t[t.length - 1]! >= last.t) && last.t !== before[0]?.t ? [last] : []
  if (before.length + after.length === 0) return { t, v }
  return {
    t: Float64Array.of(...before.map((one) => one.t), ...t, ...after.map((one) => one.t)),
    v: Float64Array.of(...before.map((one) => one.v), ...v, ...after.map((one) => one.v)),
  }
}
