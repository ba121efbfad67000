import { parseSetCookieHeader, toCookieOptions } from 'better-auth/cookies'

/** Hands better-auth's `Set-Cookie` values to the browser from a server action of Next. */
export async function keepCookies(setCookies: readonly string[]): Promise<void> {
  if (setCookies.length === 0) return
  // As in gate.ts: Next is loaded when asked for.
  const { cookies } = await import('next/headers.js')
  const jar = await cookies()
  for (const value of setCookies) {
    for (const [name, cookie] of parseSetCookieHeader(value)) {
      jar.set(name, cookie.value, toCookieOptions(cookie))
    }
  }
}
