import type { MessageRow } from './rows.ts'

/** `[[pin:<evidenceId>]]` in a message: shown as a chip. Global: for matchAll and replace only. */
export const PIN_TOKEN = /\[\[pin:([0-9a-f-]{36})\]\]/gi
/** `@[name](userId)` in a message: a mention. Global: for matchAll and replace only. */
export const MENTION_TOKEN = /@\[([^\]\n]{1,100})\]\(([^)\s]{1,64})\)/g

/** The ids of the evidence that a message points at, each once, in order. */
export const pinsIn = (body: string): string[] => [
  ...new Set([...body.matchAll(PIN_TOKEN)].map((match) => (match[1] ?? '').toLowerCase())),
]

const EXCERPT_LENGTH = 80

/** The first words of a message on one line; pins become "(pin)", mentions "@name". */
export function excerpt({ body }: Pick<MessageRow, 'body'>): string {
  const line = body.replace(PIN_TOKEN, '(pin)').replace(MENTION_TOKEN, '@$1').replace(/\s+/g, ' ').trim()
  const letters = [...line]
  return letters.length <= EXCERPT_LENGTH
    ? line
    : `${letters
        .slice(0, EXCERPT_LENGTH - 1)
        .join('')
        .trimEnd()}…`
}
