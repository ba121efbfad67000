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
