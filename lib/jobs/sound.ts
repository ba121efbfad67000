import { UserError } from '#lib/errors/user-error'

/**
 * Reads our own stored bytes: what does not read is damage, and is mended by reading the capture's file again.
 * @throws UserError read/damaged-columns
 */
export function sound<From, To>(read: (from: From) => To, from: From): To {
  try {
    return read(from)
  } catch (error) {
    const damaged = new UserError('read/damaged-columns')
    damaged.cause = error
    throw damaged
  }
}
