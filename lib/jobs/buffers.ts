import { sharedFloat64 } from '#lib/heap/shared'

/**
 * The memory behind every typed array in a plain value, each once: what a message may hand over instead of copying.
 * Only for values that the sender has no more use for. O(size of the value without its columns).
 */
export function buffersIn(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>()
  const visit = (part: unknown): void => {
    if (ArrayBuffer.isView(part)) {
      if (part.buffer instanceof ArrayBuffer) found.add(part.buffer)
    } else if (Array.isArray(part)) for (const entry of part) visit(entry)
    else if (part !== null && typeof part === 'object') for (const entry of Object.values(part)) visit(entry)
  }
  visit(value)
  return [...found]
}

/** Smaller columns are copied with their message. */
const WORTH_SHARING = 1 << 16

/**
 * The same plain value with its large columns of samples in memory that threads share: a message passes them on without a
 * copy, and nothing is detached, which would slow this thread for as long as it lives (lib/heap/shared.ts). A column that
 * occurs twice stays one. O(size of the value).
 */
export function shared<T>(value: T): T {
  const copies = new Map<Float64Array, Float64Array>()
  const copyOf = (column: Float64Array): Float64Array => {
    const copy = copies.get(column) ?? sharedFloat64(column.length)
    if (!copies.has(column)) copy.set(column)
    copies.set(column, copy)
    return copy
  }
  const visit = (part: unknown): unknown => {
    if (part instanceof Float64Array) return part.byteLength < WORTH_SHARING ? part : copyOf(part)
    if (Array.isArray(part)) return part.map(visit)
    if (part === null || typeof part !== 'object' || Object.getPrototypeOf(part) !== Object.prototype)
      return part
    return Object.fromEntries(Object.entries(part).map(([name, entry]) => [name, visit(entry)]))
  }
  // reason: only where columns lie has changed.
  return visit(value) as T
}
