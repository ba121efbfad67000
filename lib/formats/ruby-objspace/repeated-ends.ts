const NEWLINE = 0x0a
/** Long enough for all flags that any Ruby writes, short enough for the room behind a buffer's data. */
const LONGEST = 120
const SHORTEST = 8
const WORDS = LONGEST / 8
/** A dump has a handful: old and young objects, with and without write barriers. */
const KEPT = 8

/**
 * How lines of this dump end, from their flags on: few texts in all, so that each is read once and then only compared,
 * eight bytes at a step.
 */
export class RepeatedEnds {
  /** What the end says that was matched last. */
  flags = 0
  /** WORDS for each; the last word of a text may overlap the one before. */
  private readonly words = new Float64Array(KEPT * WORDS)
  private readonly lengths = new Int32Array(KEPT)
  private readonly flagsOf = new Uint8Array(KEPT)
  /** The one that matched last, tried first. */
  private latest = 0
  private next = 0

  /** Where the next line starts, if the line ends from `at` on as one before did; else 0. */
  match(view: DataView, at: number, end: number): number {
    const first = this.latest
    if (this.matches(first, view, at, end)) return at + this.lengths[first]!
    for (let kept = 0; kept < KEPT; kept++) {
      if (kept === first || !this.matches(kept, view, at, end)) continue
      this.latest = kept
      this.flags = this.flagsOf[kept]!
      return at + this.lengths[kept]!
    }
    return 0
  }

  /** Remembers that [at, next) says `flags`. Not when it is too long, or no newline is its end. */
  remember(data: Uint8Array, view: DataView, at: number, next: number, flags: number): void {
    const length = next - at
    if (length < SHORTEST || length > LONGEST || data[next - 1] !== NEWLINE) return
    const kept = this.next
    let k = kept * WORDS
    const from = k
    for (let p = at; p < next - 8; p += 8) this.words[k++] = view.getFloat64(p, true)
    this.words[k++] = view.getFloat64(next - 8, true)
    // As numbers, different bytes can only be equal where one is zero.
    const isExact = !this.words.subarray(from, k).includes(0)
    this.lengths[kept] = isExact ? length : 0
    this.flagsOf[kept] = flags
    this.latest = kept
    this.flags = flags
    this.next = (kept + 1) % KEPT
  }

  private matches(kept: number, view: DataView, at: number, end: number): boolean {
    const length = this.lengths[kept]!
    if (length === 0 || at + length > end) return false
    const { words } = this
    const last = at + length - 8
    let k = kept * WORDS
    for (let p = at; p < last; p += 8) if (view.getFloat64(p, true) !== words[k++]) return false
    return view.getFloat64(last, true) === words[k]
  }
}
