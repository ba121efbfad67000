const NEWLINE = 0x0a
/** How much a caller may write at once. 64–256 KiB is fastest: it stays in the processor's cache. */
const PIECE_BYTES = 1 << 18
/** Readers may look this far past the end of the data without asking. */
const SLACK_BYTES = 128
/** Longer lines are given up (counted, skipped). Real dumps have had lines of 5 MB. */
const MAX_LINE_BYTES = 1 << 28

/** Cuts a stream of bytes into pieces that end at a line's end. The unfinished rest moves to the front. */
export class LineBuffer {
  data = new Uint8Array(PIECE_BYTES * 2 + SLACK_BYTES)
  view = new DataView(this.data.buffer)
  /** Offset in the file of `data[0]`. */
  offset: number
  /** Bytes of the unfinished line. */
  held = 0
  /** Bytes in all. */
  bytesTaken = 0
  private isSkipping = false
  private readonly overlongOffsets: number[] = []
  private overlongLines = 0
  private readonly maxLineBytes: number

  /** `offset`: where in the file the first byte stands that will be written. */
  constructor(maxLineBytes = MAX_LINE_BYTES, offset = 0) {
    this.maxLineBytes = maxLineBytes
    this.offset = offset
  }

  /** Where the next bytes go: PIECE_BYTES. */
  space(): Uint8Array {
    if (this.data.length - SLACK_BYTES - this.held < PIECE_BYTES) {
      const larger = new Uint8Array((this.held + PIECE_BYTES) * 2 + SLACK_BYTES)
      larger.set(this.data.subarray(0, this.held))
      this.data = larger
      this.view = new DataView(larger.buffer)
    }
    return this.data.subarray(this.held, this.held + PIECE_BYTES)
  }

  /** `count` bytes were written to `space()`. Answers how many bytes at the front are whole lines, maybe 0. */
  take(count: number): number {
    const from = this.held
    this.held += count
    this.bytesTaken += count
    // Only the new bytes are searched, so a line of any length costs one pass.
    const fresh = this.data.subarray(from, this.held)
    if (this.isSkipping) return this.skipRest(fresh)
    const newline = fresh.lastIndexOf(NEWLINE)
    if (newline >= 0) return from + newline + 1
    if (this.held > this.maxLineBytes) {
      this.overlongLines++
      this.overlongOffsets.push(this.offset)
      this.isSkipping = true
      this.drop(this.held)
    }
    return 0
  }

  /** Forgets the first `count` bytes. */
  drop(count: number): void {
    this.data.copyWithin(0, count, this.held)
    this.offset += count
    this.held -= count
  }

  /** How many lines were given up for their length since the last call. */
  takeOverlongLines(each: (offset: number) => void): number {
    const count = this.overlongLines
    if (count === 0) return 0
    this.overlongLines = 0
    for (const offset of this.overlongOffsets.splice(0)) each(offset)
    return count
  }

  private skipRest(fresh: Uint8Array): number {
    const newline = fresh.indexOf(NEWLINE)
    if (newline < 0) {
      this.drop(this.held)
      return 0
    }
    this.isSkipping = false
    this.drop(newline + 1)
    return this.data.subarray(0, this.held).lastIndexOf(NEWLINE) + 1
  }
}
