import type { FrameFacts } from '#lib/stacks/builder'
import type { MemoryMap } from './memory-map.ts'

/** "libfoo.so+0x1a2b": the same in every run of the same build, unlike an address. */
export function frameAt(map: MemoryMap, address: number): FrameFacts {
  const place = map.at(address)
  if (!place || place.object === '') return { name: `0x${address.toString(16)}`, object: '' }
  const base = place.object.slice(place.object.lastIndexOf('/') + 1)
  return { name: `${base}+0x${place.offset.toString(16)}`, object: place.object }
}

/** The addresses of a line: "0x7f… 0x7f…", in its order. Anything else between them is left out. */
export function addressesOf(text: string): number[] {
  return Array.from(text.matchAll(/0x([0-9a-f]{1,16})\b/gi), (match) => Number.parseInt(match[1] ?? '', 16))
}

/**
 * What one sampled block stands for: profilers that take a sample every `period` bytes on the average see a block of
 * `size` bytes with probability 1 − exp(−size / period). The factor for both bytes and count; 1 when nothing was sampled.
 */
export function unsampling(count: number, size: number, period: number): number {
  if (period <= 1 || count <= 0 || size <= 0) return 1
  return 1 / -Math.expm1(-(size / count) / period)
}
