/** How many colours people have: `--p1` … `--p8` of app/globals.css. */
export const PERSON_COLORS = 8

/**
 * A person's colour, 0 to 7: the same on every page and every node, from the id alone (FNV-1a, 32 bits). Two people
 * can share one, so a colour never stands without a name or initials.
 */
export function colorOf(userId: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < userId.length; i++) hash = Math.imul(hash ^ userId.charCodeAt(i), 0x01000193)
  // The low bits of FNV-1a are its weak ones; fold the high half in.
  return ((hash ^ (hash >>> 15)) >>> 0) % PERSON_COLORS
}

/** "Mike Kelly" → "MK", "wes" → "WE": at most two letters for an avatar. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean)
  const first = [...(words[0] ?? '')]
  const last = words.length > 1 ? [...(words.at(-1) ?? '')] : []
  return ((first[0] ?? '?') + (last[0] ?? first[1] ?? '')).toLocaleUpperCase('en-US')
}

/** `--p1-deep` … `--p8-deep` of app/globals.css as digits: text cursors take six-digit colours only (y-tiptap). */
const CARET_COLORS = [
  '#a8415c',
  '#177668',
  '#9c6316',
  '#4453a9',
  '#7a44a1',
  '#2e6e97',
  '#5e7420',
  '#924f2f',
] as const

/** The colour of a person's text cursor in shared text, for her `color` (0 to 7). White letters stand on it. */
export const caretColor = (color: number): string => CARET_COLORS[color] ?? CARET_COLORS[0]
