/**
 * Notices a missed broadcast. The server numbers them without holes; one's own are numbered in the answer, which comes
 * after later ones, so a hole counts only when it stays.
 */
export class Ticks {
  #upTo = 0
  #announced = 0
  readonly #early = new Set<number>()

  /** Everything up to `tick` is here. */
  reset(tick: number): void {
    this.#upTo = tick
    this.#announced = tick
    this.#early.clear()
  }

  note(tick: number): void {
    if (tick <= this.#upTo) return
    this.#early.add(tick)
    while (this.#early.delete(this.#upTo + 1)) this.#upTo++
  }

  /** The server has got as far as `tick`. */
  announced(tick: number): void {
    this.#announced = Math.max(this.#announced, tick)
  }

  /** The first tick that is missing, if one is. */
  get hole(): number | undefined {
    return this.#early.size > 0 || this.#announced > this.#upTo ? this.#upTo + 1 : undefined
  }
}
