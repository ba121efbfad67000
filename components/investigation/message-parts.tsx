/** One piece of a message's text as it is shown. */
export type MessagePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string; readonly block: boolean }
  | { readonly kind: 'link'; readonly href: string }
  | { readonly kind: 'pin'; readonly evidenceId: string }
  | { readonly kind: 'mention'; readonly name: string; readonly userId: string }

// One alternative per kind, in this order. Every quantifier is bounded by a closing delimiter on the same scan, so a
// message of 8,000 characters takes linear time.
const TOKENS =
  /```(?:[a-z]*\n)?([^`]+)```|`([^`\n]+)`|\[\[pin:([0-9a-f-]{36})\]\]|@\[([^\]\n]{1,80})\]\(([^)\s]{1,64})\)|(https?:\/\/[^\s<>"'`]+[^\s<>"'`.,;:!?)\]])/g

/** A message's body in pieces: pins, mentions, links and code between plain text. Unknown tokens stay text. */
export function messageParts(body: string): MessagePart[] {
  const parts: MessagePart[] = []
  let end = 0
  for (const match of body.matchAll(TOKENS)) {
    if (match.index > end) parts.push({ kind: 'text', text: body.slice(end, match.index) })
    parts.push(partOf(match))
    end = match.index + match[0].length
  }
  if (end < body.length) parts.push({ kind: 'text', text: body.slice(end) })
  return parts
}

function partOf(match: RegExpExecArray): MessagePart {
  const [whole, block, inline, evidenceId, name, userId, href] = match
  if (block !== undefined) return { kind: 'code', text: block.replace(/\n$/, ''), block: true }
  if (inline !== undefined) return { kind: 'code', text: inline, block: false }
  if (evidenceId !== undefined) return { kind: 'pin', evidenceId }
  if (name !== undefined && userId !== undefined) return { kind: 'mention', name, userId }
  if (href !== undefined) return { kind: 'link', href }
  return { kind: 'text', text: whole }
}

/** A word in the text box that stands for a token in the stored body: `@Wes` for `@[Wes](id)`. */
export interface Stand {
  readonly shown: string
  readonly token: string
}

export const pinStand = (evidenceId: string, title: string): Stand => ({
  shown: `#${title.replace(/\s+/g, ' ').slice(0, 60)}`,
  token: `[[pin:${evidenceId}]]`,
})

export const mentionStand = (userId: string, name: string): Stand => ({
  shown: `@${name}`,
  token: `@[${name.replace(/[[\]\n]/g, '')}](${userId})`,
})

/** Letters and digits go on: `@Wes` is not meant by "@Wesley". */
const goesOn = (text: string, at: number): boolean => /[\p{L}\p{N}_]/u.test(text.charAt(at))

/**
 * The body that is stored for what stands in the text box. Longer stands win, so that "@Jo Miller" is not read as
 * "@Jo". O(text × stands); a room has tens of people.
 */
export function encodeDraft(text: string, stands: readonly Stand[]): string {
  const ordered = stands.toSorted((a, b) => b.shown.length - a.shown.length)
  let body = ''
  let at = 0
  while (at < text.length) {
    const sign = text.charAt(at)
    const stand =
      (sign === '@' || sign === '#') && !goesOn(text, at - 1)
        ? ordered.find(({ shown }) => text.startsWith(shown, at) && !goesOn(text, at + shown.length))
        : undefined
    body += stand ? stand.token : sign
    at += stand ? stand.shown.length : 1
  }
  return body
}

/** The other way, for editing: tokens become words again. A pin that is gone keeps its token. */
export function decodeBody(
  body: string,
  titleOf: (evidenceId: string) => string | undefined,
): { text: string; stands: Stand[] } {
  const stands: Stand[] = []
  const text = body.replace(TOKENS, (whole, _block, _inline, evidenceId, name, userId) => {
    const title = evidenceId ? titleOf(evidenceId) : undefined
    const stand = title ? pinStand(evidenceId, title) : name ? mentionStand(userId, name) : undefined
    if (!stand) return whole
    stands.push(stand)
    return stand.shown
  })
  return { text, stands }
}

/** The `@word` or `#word` that ends at the cursor, for the list of suggestions. */
export function wordAtCursor(
  text: string,
  cursor: number,
): { sign: '@' | '#'; query: string; start: number } | undefined {
  const match = /(^|[\s(])([@#])([^\s@#]{0,40})$/u.exec(text.slice(0, cursor))
  if (!match) return undefined
  const sign = match[2] === '@' ? '@' : '#'
  const query = match[3] ?? ''
  return { sign, query, start: cursor - query.length - 1 }
}
