/** Work that has begun and not ended, so that an end can wait for it. */
export class Underway {
  readonly #work = new Set<Promise<unknown>>()
  #isClosed = false

  get size(): number {
    return this.#work.size
  }

  /** Nothing is to be begun any more. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  close(): void {
    this.#isClosed = true
  }

  /** Counts `work` until it has settled, however it does. */
  add(work: Promise<unknown>): void {
    const counted: Promise<unknown> = work.then(
      () => this.#work.delete(counted),
      () => this.#work.delete(counted),
    )
    this.#work.add(counted)
  }

  /** Resolves when nothing is under way, or after `ms`. Returns how much is left then. */
  async idle(ms: number): Promise<number> {
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<'late'>((late) => {
      timer = setTimeout(() => late('late'), ms)
    })
    while (this.#work.size > 0) {
      if ((await Promise.race([Promise.all(this.#work), tooLong])) === 'late') break
    }
    clearTimeout(timer)
    return this.#work.size
  }
}
