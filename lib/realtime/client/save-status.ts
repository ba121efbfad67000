/** Why the shared text needs its reader's hand. */
export type Trouble = 'older-version' | 'role-changed' | 'too-big' | 'refused'

/** What happened and what to do, for the person. */
export const TROUBLES: Record<Trouble, string> = {
  'older-version':
    'This device holds text of an older version of these notes. It was not merged. Copy what you need, then take the current version.',
  'role-changed':
    'Your role was changed while you were writing. The last changes are not saved. Copy what you need.',
  'too-big':
    'What was put in is too large for the notes: more than 4 MiB together, or a single picture or value of more than 256 KiB. It stays on this page and is not saved. Copy what you need and undo it; a log or a dump is better attached as a file.',
  refused: 'The server refused the last changes. Copy what you need and reload the page.',
}

/** What the page says about the shared text. "saved" only with a committed sequence and nothing unacknowledged. */
export type SaveStatus =
  | { readonly state: 'opening' }
  | { readonly state: 'saved'; readonly seq: number; readonly at: number; readonly isIncomplete?: true }
  | { readonly state: 'saving'; readonly changes: number }
  /** The server holds the changes but cannot store them at the moment. */
  | { readonly state: 'not-saving'; readonly changes: number }
  | { readonly state: 'offline'; readonly changes: number }
  | { readonly state: 'read-only' }
  | {
      readonly state: 'needs-attention'
      readonly why: Trouble
      /** What happened and what to do, for the person. */
      readonly reason: string
      /** This device's text as Markdown, so that nothing typed is lost. */
      readonly draft: string
    }

/** The facts that the status follows from. */
export interface SaveFacts {
  readonly trouble: { readonly why: Trouble; readonly reason: string; readonly draft: string } | undefined
  readonly writable: boolean
  readonly online: boolean
  readonly opened: boolean
  readonly degraded: boolean
  /** Local changes without an acknowledgement. */
  readonly unacknowledged: number
  /** The newest committed sequence that was told, and when. */
  readonly seq: number | undefined
  readonly at: number
  /** The server could not restore some text after damage. */
  readonly isIncomplete: boolean
}

/** The status that these facts allow, worst news first. Pure. */
export function saveStatus(facts: SaveFacts): SaveStatus {
  if (facts.trouble) return { state: 'needs-attention', ...facts.trouble }
  if (!facts.writable) return { state: 'read-only' }
  if (!facts.online) return { state: 'offline', changes: facts.unacknowledged }
  if (facts.degraded) return { state: 'not-saving', changes: facts.unacknowledged }
  if (facts.unacknowledged > 0) return { state: 'saving', changes: facts.unacknowledged }
  if (!facts.opened || facts.seq === undefined) return { state: 'opening' }
  const { seq, at } = facts
  return facts.isIncomplete ? { state: 'saved', seq, at, isIncomplete: true } : { state: 'saved', seq, at }
}
