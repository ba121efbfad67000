import { env } from '#lib/env'
import { UserError } from '#lib/errors/user-error'

/**
 * Does a request come from one of our own pages? True when its Origin is the host that it was sent to, or BASE_URL.
 * Without an Origin header it is not a browser's cross-site request (browsers send it with every POST, PUT, PATCH,
 * DELETE and WebSocket handshake), so it is let through to the other checks.
 */
export function isOwnOrigin(headers: Headers): boolean {
  const origin = headers.get('origin')
  if (origin === null) return true
  if (env().BASE_URL && origin === new URL(env().BASE_URL ?? '').origin) return true
  const host = headers.get('x-forwarded-host') ?? headers.get('host')
  // URL.parse is newer than our oldest Node.
  return host !== null && URL.canParse(origin) && new URL(origin).host === host
}

/** @throws UserError access/origin when another site sent this request with our visitor's cookies. */
export function refuseForeignOrigin(headers: Headers): void {
  if (!isOwnOrigin(headers)) throw new UserError('access/origin')
}
