import type { Logger } from 'pino'
import { ZodError, type z } from 'zod'
import { BUG_SENTENCE, UserError } from '#lib/errors/user-error'
import type { ReadAccess } from '#lib/investigation/access'
import { type Answer, REQUESTS, type Received, type Reply, type RequestName } from '../protocol.ts'
import type { RoomSocket } from './node.ts'

/** The access that a request's row in the table asks for. */
type AccessFor<N extends RequestName> = (typeof REQUESTS)[N]['needs'] extends 'none'
  ? ReadAccess | undefined
  : ReadAccess

/**
 * Lets a socket ask `name`: parses what it sends, proves that a room is open, replies exactly once, and turns every
 * failure into an answer. A message without an acknowledgement, of another form or too many of them cannot harm more
 * than their own socket.
 */
export function answer<N extends RequestName>(
  socket: RoomSocket,
  log: Logger,
  name: N,
  run: (sent: Received<N>, access: AccessFor<N>) => Promise<Reply<N>> | Reply<N>,
): void {
  const { needs, send } = REQUESTS[name]
  const event: string = name
  const answered = async (args: unknown[]) => {
    const acknowledge = args.at(-1)
    if (typeof acknowledge !== 'function') return strike(socket, log, name)
    const reply = (value: Answer) => acknowledge(value)
    try {
      if (!socket.data.requests.take(1, Date.now())) throw new UserError('request/too-often', { seconds: 1 })
      const { access } = socket.data
      if (needs !== 'none' && !access) throw new UserError('access/unknown')
      // reason: the schema is this very request's; TypeScript cannot correlate the table's row with N.
      const sent = (send as z.ZodType).parse(args[0]) as Received<N>
      // reason: checked above for every request whose row needs it.
      const value = await run(sent, access as AccessFor<N>)
      reply({ ok: true, value })
    } catch (error) {
      if (error instanceof ZodError) strike(socket, log, name)
      reply(refusal(error, name, log))
    }
  }
  socket.on(event, (...args: unknown[]) => {
    const { underway } = socket.data
    // Left without an answer, it is asked again with the same key after the restart.
    if (!underway.isClosed) underway.add(answered(args))
  })
}

function refusal(error: unknown, name: string, log: Logger): Answer {
  if (error instanceof ZodError) {
    const path = error.issues[0]?.path.join('.')
    const failure = new UserError('request/malformed', { where: path ? `${name}: ${path}` : name })
    return { ok: false, code: failure.code, sentence: failure.message }
  }
  if (error instanceof UserError) {
    return { ok: false, code: error.code, sentence: error.message, detail: error.detail }
  }
  log.error({ err: error, request: name }, 'a socket request failed')
  return { ok: false, code: 'bug', sentence: BUG_SENTENCE }
}

/** Counts a message that no browser of ours sends; a socket with too many of them is closed. */
export function strike(socket: RoomSocket, log: Logger, what: string): void {
  if (socket.data.strikes.take(1, Date.now())) return
  log.warn({ userId: socket.data.user.userId, what }, 'a socket sent too much that cannot be read')
  socket.disconnect(true)
}
