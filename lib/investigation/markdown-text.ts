// Words on their way into a Markdown file.

/** "2026-11-23 09:36 UTC": the same for whoever reads the file. Epoch milliseconds. */
export const time = (epochMs: number): string =>
  `${new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** Text of people's making. */
export const escaped = (text: string): string =>
  text
    .replace(/[\\`*_[\]<>|~]/g, '\\$&')
    .replace(/^(\s*)(#{1,6}\s|[-+]\s|\d+[.)]\s)/gm, '$1\\$2')
    .replace(/&/g, '&amp;')

/** The same for a table: one line. */
export const cell = (text: string): string => escaped(text).replace(/\s+/g, ' ')

/** Rows of cells that are escaped already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
