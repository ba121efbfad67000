/** Longer lines are cut: no line of a text format that we read is that long. */
const MAX_LINE = 1024 * 1024

/**
 * The lines of a file of text, one after the other, without their ends. Nothing is decoded before its turn, so a file
 * may be longer than a string can be. Bytes that are no UTF-8 become U+FFFD.
 */
export function* textLines(content: Uint8Array, start = 0): Generator<string> {
  const decoder = new TextDecoder()
  let at = start
  while (at < content.length) {
    const newline = content.indexOf(0x0a, at)
    const end = newline < 0 ? content.length : newline
    const last = content[end - 1] === 0x0d && end > at ? end - 1 : end
    yield decoder.decode(content.subarray(at, Math.min(last, at + MAX_LINE)))
    at = end + 1
  }
}

/** The front of a file as text, one character per byte. */
export const latin1 = (head: Uint8Array): string => new TextDecoder('latin1').decode(head)
