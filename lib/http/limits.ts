import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { UserError } from '#lib/errors/user-error'
import type { Actor } from '#lib/investigation/access'

/** Changes that one actor may ask for over HTTP on one node: many files at once are fine, a loop is not. */
const CHANGES = { points: 300, duration: 60 }

const KEY = Symbol.for('leakroom.limits')
const shared = globalThis as { [KEY]?: RateLimiterMemory }
const limiter = (): RateLimiterMemory => (shared[KEY] ??= new RateLimiterMemory(CHANGES))

/** Whose budget a request uses. */
export const actorKey = (actor: Actor): string =>
  actor.kind === 'person' ? `user:${actor.userId}` : `token:${actor.tokenId}`

/**
 * Takes one change from the actor's budget. Origin and session are the gate's business (lib/auth/gate.ts).
 * @throws UserError request/too-often, with the seconds to wait
 */
export async function guardMutation(actor: Actor): Promise<void> {
  try {
    await limiter().consume(actorKey(actor))
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused
    throw new UserError('request/too-often', { seconds: Math.ceil(refused.msBeforeNext / 1000) })
  }
}
