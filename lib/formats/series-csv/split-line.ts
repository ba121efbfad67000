/** What may stand between cells. A space only counts when nothing else does. */
const DELIMITERS = [',', ';', '\t', '|'] as const

/** The delimiter that splits most of these lines into the same number (above one) of cells; undefined for none. */
export function delimiterOf(lines: readonly string[]): string | undefined {
  let best: { delimiter: string; cells: number } | undefined
  for (const delimiter of DELIMITERS) {
    const cells = lines[0] === undefined ? 0 : splitLine(lines[0], delimiter).length
    if (cells < 2) continue
    const same = lines.filter((line) => splitLine(line, delimiter).length === cells).length
    if (same < 0.9 * lines.length) continue
    if (!best || cells > best.cells) best = { delimiter, cells }
  }
  return best?.delimiter
}

/** Cells of a line. A quoted cell may hold the delimiter; a doubled quote inside quotes is one quote. */
export function splitLine(line: string, delimiter: string): string[] {
  if (!line.includes('"')) return line.split(delimiter)
  const cells: string[] = []
  let cell = ''
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!
    if (character === '"') {
      if (quoted && line[i + 1] === '"') {
        cell += '"'
        i++
      } else quoted = !quoted
    } else if (character === delimiter && !quoted) {
      cells.push(cell)
      cell = ''
    } else cell += character
  }
  cells.push(cell)
  return cells
}
