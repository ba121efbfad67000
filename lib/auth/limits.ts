import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { UserError } from '#lib/errors/user-error'
import { addressOf } from './address.ts'

const MINUTE = 60

/**
 * How often somebody may be wrong; `duration` in seconds. In memory and per node: a restart forgets them, and n nodes allow n
 * times as many. Right answers are given back, so that a whole office behind one address signs in at nine o'clock.
 */
const BUDGETS = {
  /** Wrong passwords for one e-mail, from wherever they come. Locks its owner out too, for that long at most. */
  email: { points: 10, duration: 15 * MINUTE },
  /** Wrong e-mails or passwords from one address: one password tried on many accounts. */
  address: { points: 50, duration: 15 * MINUTE },
  /** Wrong current passwords of somebody who is signed in: a browser that was left open. */
  password: { points: 10, duration: 15 * MINUTE },
  /** Ways to the single sign-on provider and back, from one address. Each keeps a row or asks the provider. */
  singleSignOn: { points: 120, duration: MINUTE },
  /** Team links and share links that open nothing, from one address. 256 random bits: this bounds the load, not the luck. */
  links: { points: 60, duration: MINUTE },
} as const
export type Budget = keyof typeof BUDGETS

const KEY = Symbol.for('leakroom.sign-in-limits')
// The server and the bundles of Next are one process and must share one count.
const shared = globalThis as { [KEY]?: Map<Budget, RateLimiterMemory> }

function limiter(budget: Budget): RateLimiterMemory {
  shared[KEY] ??= new Map()
  const made = shared[KEY].get(budget) ?? new RateLimiterMemory(BUDGETS[budget])
  shared[KEY].set(budget, made)
  return made
}

/** A try that has been counted. */
export interface Try {
  /** It was none: the answer was right, or the fault was ours. */
  giveBack(): Promise<void>
  /** Forgets the wrong ones before it as well. */
  forget(): Promise<void>
}

/**
 * Counts one try before it is made: a hundred at once must not all be looked at before the first is found wrong.
 * @throws UserError request/too-often, with the seconds until the budget is whole again
 */
export async function take(budget: Budget, key: string): Promise<Try> {
  const counter = limiter(budget)
  try {
    await counter.consume(key)
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused
    const seconds = Math.ceil(refused.msBeforeNext / 1000)
    throw new UserError('request/too-often', { seconds }).carrying({ seconds })
  }
  return {
    giveBack: async () => void (await counter.reward(key)),
    forget: async () => void (await counter.delete(key)),
  }
}

/**
 * Looks up a link that a visitor holds, or may have guessed: `lookUp` answers null, or refuses with access/link-ended, when it
 * opens nothing, and that counts against the visitor's address.
 *
 *     const link = await boundGuesses(await requestHeaders(), () => findShareLink(token))
 *
 * @throws UserError request/too-often, and whatever `lookUp` throws
 */
export async function boundGuesses<T>(headers: Headers, lookUp: () => Promise<T>): Promise<T> {
  const guess = await take('links', addressOf(headers))
  try {
    const found = await lookUp()
    if (found !== null) await guess.giveBack()
    return found
  } catch (error) {
    const isWrong = error instanceof UserError && error.code === 'access/link-ended'
    if (!isWrong) await guess.giveBack()
    throw error
  }
}

/** For tests: everybody's budgets are whole again. */
export function forgetLimits(): void {
  delete shared[KEY]
}
