import { UserError } from '#lib/errors/user-error'

/** So many fetches at a time, all rooms and previews of a node together. */
const AT_A_TIME = 4

/** Lets at most so many in; the others wait in line. */
export class Slots {
  readonly count: number
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.count = count
    this.#free = count
  }

  /**
   * Does the work when there is room for it. One whose signal ends while it waits is not begun.
   * @throws UserError request/given-up, and what the work throws
   */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      if (signal.aborted) throw new UserError('request/given-up')
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // The place goes to the next in line without being free in between.
      if (next) next()
      else this.#free++
    }
  }
}

// Next's bundles and the server are separate module graphs in one process: they share the places here.
const KEY = Symbol.for('leakroom.source-slots')
const shared = globalThis as { [KEY]?: Slots }

/** This node's places. */
export const sourceSlots = (): Slots => (shared[KEY] ??= new Slots(AT_A_TIME))
