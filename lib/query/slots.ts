import { UserError } from '#lib/errors/user-error'

/** So many at one time; the others wait in order, and beyond that are refused. */
export class Slots {
  private readonly size: number
  private readonly mayWait: number
  private taken = 0
  private readonly waiting: (() => void)[] = []

  constructor(size: number, mayWait: number) {
    this.size = size
    this.mayWait = mayWait
  }

  /** Resolves with the function that gives the slot back. @throws UserError query/crowded · what `signal` was aborted with */
  async take(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    if (this.taken < this.size) this.taken++
    else await this.wait(signal)
    let isGiven = false
    return () => {
      if (isGiven) return
      isGiven = true
      const next = this.waiting.shift()
      if (next) next()
      else this.taken--
    }
  }

  private wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.waiting.length >= this.mayWait) throw new UserError('query/crowded')
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        const at = this.waiting.indexOf(enter)
        if (at >= 0) this.waiting.splice(at, 1)
        reject(signal?.reason)
      }
      this.waiting.push(enter)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }
}
