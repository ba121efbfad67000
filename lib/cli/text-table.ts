/** One column of a table in a terminal. */
export interface TextColumn<Row> {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** Longer texts are cut in the middle: the ends of a path tell most. */
  readonly widest?: number
  readonly text: (row: Row) => string
}

/** Rows under a line of titles, in columns; no line ends in spaces. Control characters of hostile names become "·". */
export function textTable<Row>(columns: readonly TextColumn<Row>[], rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map((column) => cut(plain(column.text(row)), column.widest ?? 60)))
  const widths = columns.map(({ title }, index) =>
    cells.reduce((widest, line) => Math.max(widest, line[index]!.length), title.length),
  )
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) =>
        columns[index]!.align === 'right' ? text.padStart(widths[index]!) : text.padEnd(widths[index]!),
      )
      .join('  ')
      .trimEnd()
  return [line(columns.map(({ title }) => title)), ...cells.map(line)].join('\n')
}

/** Nothing in a dump may move the cursor or colour the terminal. */
export const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '·')

function cut(text: string, widest: number): string {
  if (text.length <= widest) return text
  const head = Math.floor((widest - 1) / 2)
  return `${text.slice(0, head)}…${text.slice(text.length - (widest - 1 - head))}`
}
