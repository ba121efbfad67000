/** Bytes [start, end) of a file. */
export interface FileRange {
  readonly start: number
  readonly end: number
}

const NEWLINE = 0x0a
const PIECE_BYTES = 1 << 16

/**
 * Cuts a file of lines into at most `count` ranges of about the same length; each begins at the start of a line.
 * Fewer when lines are so long that there is no line end in a range. `readAt` fills the front of `into` from an offset
 * and answers how many bytes that were, 0 at the end.
 */
export function lineRanges(
  size: number,
  count: number,
  readAt: (into: Uint8Array, offset: number) => number,
): FileRange[] {
  const ranges: FileRange[] = []
  let start = 0
  for (let i = 1; i < count; i++) {
    const cut = nextLine(Math.floor((size * i) / count), size, readAt)
    if (cut <= start || cut >= size) continue
    ranges.push({ start, end: cut })
    start = cut
  }
  ranges.push({ start, end: size })
  return ranges
}

/** Where the first line starts after `from`; `size` when there is none. */
function nextLine(from: number, size: number, readAt: (into: Uint8Array, offset: number) => number): number {
  const piece = new Uint8Array(PIECE_BYTES)
  for (let at = from; at < size; ) {
    const read = readAt(piece, at)
    if (read === 0) return size
    const newline = piece.subarray(0, read).indexOf(NEWLINE)
    if (newline >= 0) return at + newline + 1
    at += read
  }
  return size
}
