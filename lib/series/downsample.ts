import { type Samples, samplesBetween } from './samples.ts'

/**
 * What a graph `width` pixels wide has to draw of [from, to]: of every pixel the samples that are lowest and highest,
 * in their order of time, and the very first and last of the range. Nothing is averaged or invented, so a single
 * sample that touched a limit is still there. LTTB was not chosen because it may drop exactly that sample.
 *
 * Returns at most 2 × width + 2 samples; a range with fewer comes back whole. Pids are left out. O(samples in range).
 */
export function downsample(samples: Samples, from: number, to: number, width: number): Samples {
  const { t, v } = samplesBetween(samples, from, to)
  const pixels = Math.max(1, Math.floor(width))
  if (t.length <= 2 * pixels + 2) return { t, v }

  const picked = new Uint32Array(2 * pixels + 2)
  let count = 0
  const pick = (i: number) => {
    if (count === 0 || picked[count - 1]! < i) picked[count++] = i
  }
  const start = t[0]!
  const perPixel = (t[t.length - 1]! - start) / pixels
  pick(0)
  for (let i = 0; i < t.length; ) {
    const pixel = Math.min(pixels - 1, Math.floor((t[i]! - start) / perPixel))
    let lowest = i
    let highest = i
    for (i++; i < t.length && Math.min(pixels - 1, Math.floor((t[i]! - start) / perPixel)) === pixel; i++) {
      if (v[i]! < v[lowest]!) lowest = i
      if (v[i]! > v[highest]!) highest = i
    }
    pick(Math.min(lowest, highest))
    pick(Math.max(lowest, highest))
  }
  pick(t.length - 1)

  const result = { t: new Float64Array(count), v: new Float64Array(count) }
  for (let i = 0; i < count; i++) {
    result.t[i] = t[picked[i]!]!
    result.v[i] = v[picked[i]!]!
  }
  return result
}
