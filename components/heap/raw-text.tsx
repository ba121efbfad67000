/**
 * Text that came out of a file or from another person's disk: class names, paths, file names. Shown as it is, and only
 * as text; isolated, so that right-to-left marks inside it cannot turn the rest of the line around. Cut off where it
 * does not fit, with the whole of it in the title.
 */
export function RawText({ text, className = '', keep = 'start' }: RawTextProps) {
  const shown = visible(text)
  return (
    <bdi
      className={`block min-w-0 truncate ${keep === 'end' ? '[direction:rtl] text-left' : ''} ${className}`}
      title={shown}
    >
      {keep === 'end' ? <bdi dir="ltr">{shown}</bdi> : shown}
    </bdi>
  )
}

interface RawTextProps {
  readonly text: string
  readonly className?: string
  /** Which side stays when it is cut off. Paths are told apart by their ends. */
  readonly keep?: 'start' | 'end'
}

/** Longest piece that is put on the page: one class name can be megabytes long. */
const LONGEST = 600
// Control characters, and the marks that reorder text (bidi embeddings, overrides and isolates).
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g

/** `text` with invisible and reordering characters made visible, at most 600 characters of it. */
export function visible(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
  return cut.replace(INVISIBLE, '\u00b7')
}
