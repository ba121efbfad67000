/** A value that a page can watch: the two members of React's useSyncExternalStore. */
export interface Store<T> {
  getSnapshot(): T
  /** Calls `listener` after every change. Returns the way to stop. */
  subscribe(listener: () => void): () => void
}

/** The writing side of a store. `set` with the same value tells nobody. */
export interface WritableStore<T> extends Store<T> {
  set(value: T): void
}

/** A store that starts with `initial`. */
export function store<T>(initial: T): WritableStore<T> {
  const listeners = new Set<() => void>()
  let value = initial
  return {
    getSnapshot: () => value,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set(next) {
      if (Object.is(next, value)) return
      value = next
      // A copy: a listener may unsubscribe itself or others.
      for (const listener of [...listeners]) listener()
    },
  }
}
