import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { UserError } from '#lib/errors/user-error'
import { Underway } from '#lib/realtime/server/underway'

/** Knows the requests that are being answered: a node that stops takes no new ones and lets these come to their end. */
export class FrontDesk {
  readonly #log: Logger
  readonly #underway = new Underway()
  readonly #open = new Set<ServerResponse>()

  constructor(log: Logger) {
    this.#log = log
  }

  /** Has a request answered by `handle`, or turns it away with 503 when the node stops. */
  take(request: IncomingMessage, response: ServerResponse, handle: () => Promise<unknown>): void {
    if (this.#underway.isClosed) {
      turnAway(request, response)
      return
    }
    this.#open.add(response)
    const gone = new Promise<void>((resolve) =>
      response.once('close', () => {
        this.#open.delete(response)
        resolve()
      }),
    )
    const handled = handle().catch((error: unknown) => {
      this.#log.error({ err: error, path: request.url }, 'a request broke')
      response.destroy()
    })
    // Who asked may be gone long before the work for them ends.
    this.#underway.add(Promise.all([handled, gone]))
  }

  /** From now on requests are turned away. What is being answered ends its connection with the answer. */
  close(): void {
    this.#underway.close()
    for (const response of this.#open) if (!response.headersSent) response.setHeader('Connection', 'close')
  }

  /** Resolves when every request that was taken is answered, or after `ms`. Returns how many are not. */
  idle(ms: number): Promise<number> {
    return this.#underway.idle(ms)
  }
}

function turnAway(request: IncomingMessage, response: ServerResponse): void {
  const { code, message, status } = new UserError('server/restarting')
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'Retry-After': '2',
    Connection: 'close',
  })
  response.end(request.method === 'HEAD' ? undefined : JSON.stringify({ code, sentence: message }))
  request.resume()
}
