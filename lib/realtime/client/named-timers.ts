/** One timer per name: setting one anew replaces it, and all end together. */
export class NamedTimers {
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>()
  #isClosed = false

  has(name: string): boolean {
    return this.#timers.has(name)
  }

  /** Runs after `ms`; a timer of that name that waits is replaced. */
  after(name: string, ms: number, run: () => void): void {
    if (this.#isClosed) return
    this.cancel(name)
    const timer = setTimeout(() => {
      this.#timers.delete(name)
      run()
    }, ms)
    this.#timers.set(name, timer)
  }

  /** Runs `ms` after the first call of a burst. */
  soon(name: string, ms: number, run: () => void): void {
    if (!this.has(name)) this.after(name, ms, run)
  }

  cancel(name: string): void {
    clearTimeout(this.#timers.get(name))
    this.#timers.delete(name)
  }

  close(): void {
    this.#isClosed = true
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }
}
