const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Steps over one JSON value, whatever it holds, in pieces of any size. */
export class ValueSkipper {
  private depth = 0
  private isInString = false
  private isEscaped = false
  private hasBegun = false

  /** Skips from data[start, end) and answers where the value ended, or `end`. `isDone` tells which. */
  isDone = false

  read(data: Uint8Array, start: number, end: number): number {
    for (let p = start; p < end; p++) {
      const byte = data[p]!
      if (this.isInString) {
        if (this.isEscaped) this.isEscaped = false
        else if (byte === BACKSLASH) this.isEscaped = true
        else if (byte === QUOTE) {
          this.isInString = false
          if (this.depth === 0) return this.done(p + 1)
        }
        continue
      }
      switch (byte) {
        case QUOTE:
          this.isInString = true
          this.hasBegun = true
          break
        case 0x5b: // [
        case 0x7b: // {
          this.depth++
          this.hasBegun = true
          break
        case 0x5d: // ]
        case 0x7d: // }
          // A bare number ends before the bracket that closes what is around it.
          if (this.depth === 0) return this.done(p)
          if (--this.depth === 0) return this.done(p + 1)
          break
        case 0x2c: // ,
          if (this.depth === 0 && this.hasBegun) return this.done(p)
          break
        default:
          if (byte > 0x20) this.hasBegun = true
      }
    }
    return end
  }

  private done(at: number): number {
    this.isDone = true
    return at
  }
}
