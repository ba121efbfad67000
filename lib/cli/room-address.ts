import { UserError } from '#lib/errors/user-error'

/** Where to send to, and with which right. */
export interface RoomAddress {
  /** "https://leaks.example.org", with a path where Leakroom lives below one. */
  readonly server: string
  /** Null when the address names no room: the token belongs to one. */
  readonly investigationId: string | null
  readonly token: string
}

/**
 * Reads `--room`: the address of the room's page as the browser shows it.
 * @throws UserError cli/room
 */
export function roomAddress(room: string | undefined, token: string | undefined): RoomAddress {
  if (!room)
    throw new UserError('cli/room', {
      why: 'no room was named. Give --room https://…/i/… or set LEAKROOM_ROOM',
    })
  if (!token)
    throw new UserError('cli/room', { why: 'no token was given. Set LEAKROOM_TOKEN or give --token' })
  const url = URL.canParse(room) ? new URL(room) : null
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UserError('cli/room', {
      why: `"${room.slice(0, 100)}" is no address. It begins with http:// or https://`,
    })
  const [, base, id] = /^(.*?)\/(?:i|api\/investigations)\/([^/]+)/.exec(url.pathname) ?? []
  const path = base ?? url.pathname.replace(/\/+$/, '')
  return { server: `${url.origin}${path}`, investigationId: id ? decodeURIComponent(id) : null, token }
}

/** The sentence of a refusal as our servers write it; undefined when somebody else answered. */
export function sentenceIn(body: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(body)
    const isOurs = typeof answer === 'object' && answer !== null && 'sentence' in answer
    return isOurs && typeof answer.sentence === 'string' ? answer.sentence.slice(0, 500) : undefined
  } catch {
    return undefined
  }
}
