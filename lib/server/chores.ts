/** Work that nobody asks for: what it is called in the log, how often, and the work. */
export interface Chore {
  readonly what: string
  readonly everyMs: number
  work(): Promise<unknown>
}

/**
 * Does each chore once now and then again and again. One that takes longer than its interval is not begun a second time
 * beside itself; one that fails is told to `failed` and tried again next time. On several nodes each does them: a chore must
 * be one that finds nothing to do the second time.
 *
 * @returns ends them; one that is under way is waited for
 */
export function startChores(
  chores: readonly Chore[],
  failed: (what: string, error: unknown) => void,
): () => Promise<void> {
  const running = new Map<Chore, Promise<void>>()
  const run = (chore: Chore) => {
    if (running.has(chore)) return
    const work = Promise.resolve()
      .then(() => chore.work())
      .then(
        () => {},
        (error: unknown) => failed(chore.what, error),
      )
      .finally(() => running.delete(chore))
    running.set(chore, work)
  }
  const timers = chores.map((chore) => {
    run(chore)
    return setInterval(() => run(chore), chore.everyMs).unref()
  })
  return async () => {
    for (const timer of timers) clearInterval(timer)
    await Promise.all(running.values())
  }
}
